BeforeAll {
    . $PSScriptRoot/Shared.ps1
}

Describe 'Injection and restarts' {
    BeforeAll {
        $lab = Start-TestLab 2
        $clusters = $lab.Clusters | Sort-Object Name
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'is only named by -WhatIf' {
        $before = Get-WriteCount $lab
        $clusters | Enable-SidecarInjection -Namespace shop -CreateNamespace -WhatIf | Should -BeNullOrEmpty
        $clusters | Install-MeshSample -WhatIf | Should -BeNullOrEmpty
        Get-WriteCount $lab | Should -Be $before
    }
    It 'says what to do with a namespace that is taken for a cluster' {
        { $clusters | Enable-SidecarInjection shop -WhatIf } | Should -Throw '*"shop"*such as -Namespace shop*'
    }
    It 'labels namespaces of every cluster, and a second run writes nothing' {
        $made = $clusters | Enable-SidecarInjection -Namespace shop, pay -CreateNamespace
        $made.Change | Should -Be 'Created', 'Created', 'Created', 'Created'
        $made.Label | Select-Object -Unique | Should -Be 'istio-injection=enabled'
        $before = Get-WriteCount $lab
        ($clusters | Enable-SidecarInjection -Namespace shop).Change | Should -Be 'Unchanged', 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'binds cluster and namespace pair by pair' {
        $one = Enable-SidecarInjection $clusters[0] shop
        $two = Enable-SidecarInjection $clusters[1] pay
        $ended = $one, $two | Disable-SidecarInjection
        $ended | ForEach-Object { "$($_.Cluster.Name)/$($_.Namespace)" } | Should -Be 'lab-1/shop', 'lab-2/pay'
        $ended.Enabled | Should -Be $false, $false
        (Enable-SidecarInjection $clusters[0] pay).Change | Should -Be 'Unchanged'
    }
    It 'refuses a revision that is not there with one error for each cluster' {
        $clusters | Enable-SidecarInjection -Namespace shop -Revision asm-9 -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -Be (, 'RevisionNotFound,MeshTools.Cmdlets.EnableSidecarInjectionCommand' * 2)
    }
    It 'fits 80 columns' {
        $text = $clusters | Enable-SidecarInjection -Namespace shop | Out-String -Width 80
        $text | Should -Match 'Cluster\s+Namespace\s+Revision\s+Change\s+RestartNeeded'
        $text -split "`n" | ForEach-Object { $_.TrimEnd().Length | Should -BeLessOrEqual 80 }
    }
    It 'restarts what needs it, once, by what comes down the pipeline' {
        $null = Install-MeshSample $clusters[0]
        $ended = Disable-SidecarInjection $clusters[0] sample
        $ended.RestartNeeded | Should -Be 'Deployment/curl', 'Deployment/helloworld-v1'
        $restarted = $ended | Restart-MeshWorkload -OutdatedOnly -Wait
        $restarted.Outcome | Should -Be 'Ready', 'Ready'
        $restarted.Where({ $_.Revision }) | Should -BeNullOrEmpty
        $restarted | Out-String -Width 80 | Should -Match 'default -> no proxy'
        $before = Get-WriteCount $lab
        ($ended | Restart-MeshWorkload -OutdatedOnly -Wait).Outcome | Should -Be 'Unchanged', 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
        Enable-SidecarInjection $clusters[0] sample | Restart-MeshWorkload -Name hello* -WhatIf | Should -BeNullOrEmpty
        (Restart-MeshWorkload $clusters[0] sample -Name hello* -Kind Deployment -Wait).Name | Should -Be 'helloworld-v1'
        { Restart-MeshWorkload $clusters[0] sample -Name nobody -ErrorAction Stop } | Should -Throw -ErrorId 'WorkloadNotFound,*'
    }
    It 'stops at the first that does not come up' {
        $null = $clusters[0] | Install-MeshSample
        Invoke-Fault $lab lab-1 admission-refused --resource pods
        try {
            $results = Restart-MeshWorkload $clusters[0] sample -Wait -Timeout 2 -ErrorVariable failure -ErrorAction SilentlyContinue
        } finally {
            Invoke-Fault $lab lab-1 clear
        }
        $results.Outcome | Should -Be 'Failed', 'Skipped'
        $failure.FullyQualifiedErrorId | Should -Be 'AdmissionRefused,MeshTools.Cmdlets.RestartMeshWorkloadCommand'
        $results[0].Reason | Should -Match 'admission webhook "policy.lab.example"'
    }
}

Describe 'The sample' {
    BeforeAll {
        $lab = Start-TestLab 3
        $clusters = $lab.Clusters | Sort-Object Name
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'runs everywhere, versions spread, and a second run writes nothing' {
        $samples = $clusters | Install-MeshSample -Client Sleep | Sort-Object { $_.Cluster.Name }
        $samples.Version | Should -Be 'v1', 'v2', 'v3'
        $samples.ClientSelector | Select-Object -Unique | Should -Be 'app=sleep'
        $samples.Ready | Should -Be $true, $true, $true
        $text = $samples | Out-String -Width 80
        $text | Should -Match 'lab-2\s+sample\s+v2\s+sleep\s+default\s+True\s+Create'
        $text -split "`n" | ForEach-Object { $_.TrimEnd().Length | Should -BeLessOrEqual 80 }
        $before = Get-WriteCount $lab
        ($clusters | Install-MeshSample -Client Sleep).Change | Should -Be 'Unchanged', 'Unchanged', 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'says which container and image are in the way' {
        $clusters[0] | Install-MeshSample -ClientImage nowhere.invalid/curl:8 -Timeout 3 -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -Be 'ImagePullFailed,MeshTools.Cmdlets.InstallMeshSampleCommand'
        $failure.Exception.Message | Should -Match '^lab-1: Deployment sample/curl does not come up: container curl cannot pull image nowhere\.invalid/curl:8: '
    }
    It 'is removed by what installed it, with nothing asked by -Force' {
        $before = Get-WriteCount $lab
        $clusters | Remove-MeshSample -WhatIf
        Get-WriteCount $lab | Should -Be $before
        $samples = $clusters[1, 2] | Install-MeshSample -Client Sleep
        ($samples | Remove-MeshSample -Force -PassThru).Change | Should -Be 'Removed', 'Removed'
        ($clusters | Remove-MeshSample -Force -PassThru | Sort-Object { $_.Cluster.Name }).Change | Should -Be 'Removed', 'Unchanged', 'Unchanged'
    }
    It 'leaves a namespace of that name that others made' {
        $null = $clusters[0] | Enable-SidecarInjection -Namespace sample -CreateNamespace
        $clusters[0] | Install-MeshSample -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -Be 'SampleNamespaceForeign,MeshTools.Cmdlets.InstallMeshSampleCommand'
        { $clusters[0] | Remove-MeshSample -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'SampleNamespaceForeign,*'
    }
}
