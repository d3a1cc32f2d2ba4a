<#
    From clusters with a control plane and nothing else to a mesh whose calls are proved, and back: what the guides for hybrid meshes and for clusters outside Google Cloud do by hand.
#>
BeforeAll {
    . $PSScriptRoot/Shared.ps1
}

Describe 'A mesh of <_> clusters on networks of their own' -ForEach 2, 3, 8 {
    BeforeAll {
        $count = $_
        $lab = Start-TestLab $count @{ SeparateNetwork = $true }
        $c = $lab.Clusters
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'comes out of one pipeline, proved' {
        $mesh = $c | New-EastWestGateway -Wait | Publish-MeshService | Enable-EndpointDiscovery -Wait | Install-MeshSample | Test-MeshConnectivity -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors | Should -BeNullOrEmpty
        $mesh | Should -HaveCount 1
        $mesh.Passed | Should -BeTrue -Because $mesh.ToMatrix()
        $mesh.Results | Should -HaveCount ($count * $count)
        $mesh.Cluster.Name | Should -Be (1..$count | ForEach-Object { "lab-$_" })
        $mesh.FailedCalls | Should -Be 0
        ($mesh.Results | Group-Object { $_.Target.Name }).ForEach{ $_.Group.Versions.Keys | Sort-Object -Unique | Should -HaveCount 1 }
        # Each cluster has a version of its own, and every source has heard all of them.
        ($mesh.Results | Where-Object { $_.Source.Name -eq 'lab-1' }).Versions.Keys | Sort-Object | Should -Be (1..$count | ForEach-Object { "v$_" })
    }
    It 'writes nothing when it is run again' {
        $before = Get-WriteCount $lab
        $mesh = $c | New-EastWestGateway -Wait | Publish-MeshService | Enable-EndpointDiscovery -Wait | Install-MeshSample | Test-MeshConnectivity
        $mesh.Passed | Should -BeTrue
        Get-WriteCount $lab | Should -Be $before
    }
    It 'shows a matrix that fits into 80 columns' {
        $text = ($c | Test-MeshConnectivity -Count 5 | Out-String -Width 80) -replace '\e\[[0-9;]*m'
        $text | Should -Match "(?m)^1 lab-1 .*\d"
        $text | Should -BeLike "*Passed: $($count * $count) of $($count * $count) pairs passed*"
        $text -split '\r?\n' | ForEach-Object { $_.TrimEnd().Length | Should -BeLessOrEqual 80 }
    }
    It 'names what is broken, says it as an error, and gives a fix that mends it' {
        $null = $c[1] | Unpublish-MeshService -Force
        $broken = $c | Test-MeshConnectivity -Count 8 -ErrorVariable errors -ErrorAction SilentlyContinue
        $broken.Passed | Should -BeFalse
        $broken.Failures | ForEach-Object { "$_ $($_.FailingHop)" } | Sort-Object | Should -Be ((1..$count).Where{ $_ -ne 2 } | ForEach-Object { "lab-$_ -> lab-2 Exposure" })
        $errors | Should -HaveCount ($count - 1)
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'ConnectivityFailed,*'
        $fix = $errors[0].ErrorDetails.RecommendedAction
        $fix | Should -Be 'Get-MeshCluster lab-2 | Publish-MeshService'
        $env:KUBECONFIG = $lab.Kubeconfig
        $null = & ([scriptblock]::Create($fix))
        ($c | Test-MeshConnectivity -Until Success -Timeout 60).Passed | Should -BeTrue
    }
    It 'gives every pair with -PassThru, and a report takes either' {
        $pairs = $c | Test-MeshConnectivity -Count 5 -PassThru
        $pairs | Should -HaveCount ($count * $count)
        $pairs[0] | Should -BeOfType (Get-Command Test-MeshConnectivity).OutputType[1].Type
        $pairs[0].Cluster.Name | Should -Be $pairs[0].Source.Name
        $c | Test-MeshConnectivity -Count 5 -Quiet | Should -BeTrue
    }
    It 'is gone again' {
        $c | Remove-MeshSample -Force
        $c | Test-MeshConnectivity -Quiet | Should -BeFalse
        $null = $c | Disable-EndpointDiscovery -Force
        $null = $c | Unpublish-MeshService -Force
        $null = $c | Remove-EastWestGateway -Force
        $c | Get-EastWestGateway | Should -BeNullOrEmpty
        $c | Get-RemoteSecret | Should -BeNullOrEmpty
    }
}

Describe 'The older way: one network, remote secrets one by one, Sleep as client' {
    It 'is proved the same way' {
        $lab = Start-TestLab 2
        try {
            $first, $second = $lab.Clusters
            $null = $first | New-RemoteSecret | Install-RemoteSecret $second
            $null = $second | New-RemoteSecret | Install-RemoteSecret $first
            $mesh = $lab.Clusters | Install-MeshSample -Client Sleep | Test-MeshConnectivity -Until Success -Timeout 60
            $mesh.Passed | Should -BeTrue -Because $mesh.ToMatrix()
            $mesh | Remove-MeshSample -Force
        } finally {
            Stop-MeshLab $lab.Lab.Id
        }
    }
}
