BeforeAll {
    . $PSScriptRoot/Shared.ps1
    # Ten clusters with the long names of GKE.
    $lab = Start-TestLab 10 @{ Platform = 'Gke' }
    $links = $lab.Clusters | Enable-EndpointDiscovery -Wait
    $shown = @{
        clusters = $lab.Clusters
        links    = $links
        matrix   = $lab.Clusters | Get-EndpointDiscovery
        secrets  = $lab.Clusters | Get-RemoteSecret
        labs     = Get-MeshLab
        members  = (Get-MeshLab).Clusters
    }
}

AfterAll {
    Stop-MeshLab $lab.Lab.Id
}

Describe 'The table of <_>' -ForEach 'clusters', 'links', 'matrix', 'secrets', 'labs', 'members' {
    It 'fits into 120 columns' {
        $lines = ($shown[$_] | Out-String -Width 120) -split '\r?\n'
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 120
        $lines | Where-Object { $_ -match '^-{2,}' } | Should -HaveCount 1 -Because 'it is one table'
    }
    It 'cuts no name' {
        $shown[$_] | Out-String -Width 120 | Should -Not -Match ([string] [char] 0x2026)
        $shown[$_] | Out-String -Width 80 | Should -Not -Match ([string] [char] 0x2026)
    }
    It 'has no colour with NO_COLOR' {
        $PSStyle.OutputRendering, $before = 'PlainText', $PSStyle.OutputRendering
        try {
            ($shown[$_] | Out-String -Width 120).Contains([char] 27) | Should -BeFalse
        } finally {
            $PSStyle.OutputRendering = $before
        }
    }
}

Describe 'Progress' {
    It 'is always completed' {
        $shell = [powershell]::Create().AddScript("Import-Module '$module'; Get-MeshCluster -Kubeconfig '$($lab.Kubeconfig)' | Enable-EndpointDiscovery")
        try {
            $null = $shell.Invoke()
            $activities = $shell.Streams.Progress | Group-Object Activity
            $activities | Should -Not -BeNullOrEmpty
            foreach ($activity in $activities) {
                "$($activity.Group[-1].RecordType)" | Should -Be 'Completed'
            }
        } finally {
            $shell.Dispose()
        }
    }
    It 'is also on Verbose' {
        $lines = $lab.Clusters | Enable-EndpointDiscovery -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        "$lines" | Should -Match 'Unchanged'
    }
}
