BeforeAll {
    . $PSScriptRoot/Shared.ps1
}

Describe 'Exposure of services' {
    BeforeAll {
        $lab = Start-TestLab 3 @{ SeparateNetwork = $true }
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'is only planned by -WhatIf, which names every object' {
        $plan = Join-Path $TestDrive 'plan.txt'
        Start-Transcript $plan | Out-Null
        $lab.Clusters | Publish-MeshService -ControlPlane -WhatIf -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        Stop-Transcript | Out-Null
        $lines = (Get-Content $plan) -match '^What if: Create'
        $lines -match 'Gateway istio-system/cross-network-gateway in lab-' | Should -HaveCount 3
        $lines -match 'Gateway istio-system/istiod-gateway in lab-' | Should -HaveCount 3
        $lines -match 'VirtualService istio-system/istiod-vs in lab-' | Should -HaveCount 3
        Get-WriteCount $lab | Should -Be 0
    }
    It 'refuses a host before it asks any cluster' {
        { $lab.Clusters | Publish-MeshService -Hosts helloworld } | Should -Throw -ErrorId 'GatewayHostInvalid,*'
        Get-WriteCount $lab | Should -Be 0
    }
    It 'warns when no gateway has the labels, and goes on' {
        $exposure = $lab.Clusters | Publish-MeshService -WarningVariable warnings -WarningAction SilentlyContinue
        $exposure | Should -HaveCount 3
        $exposure.Change | Sort-Object -Unique | Should -Be 'Created'
        $warnings | Should -HaveCount 3
        "$($warnings[0])" | Should -BeLike '*no gateway has pods with istio=eastwestgateway*'
        $exposure[0] | Should -BeOfType (Get-Command Publish-MeshService).OutputType[0].Type
    }
    It 'passes its clusters on' {
        $links = $lab.Clusters | Publish-MeshService -WarningAction SilentlyContinue | Enable-EndpointDiscovery -Wait
        $links | Should -HaveCount 6
    }
    It 'changes nothing when it is run again' {
        $before = Get-WriteCount $lab
        $exposure = $lab.Clusters | Publish-MeshService -WarningAction SilentlyContinue
        $exposure.Change | Sort-Object -Unique | Should -Be 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'fits a table of 80 columns' {
        $text = $lab.Clusters | Publish-MeshService -WarningAction SilentlyContinue | Out-String -Width 80
        $text | Should -Match 'Cluster\s+Name\s+Change\s+Port\s+ControlPlane\s+Hosts'
        $text | Should -Match 'lab-1\s+cross-network-gateway\s+Unchanged\s+15443\s+\*\.local'
    }
    It 'narrows to hosts' {
        $exposure = $lab.Clusters[0] | Publish-MeshService -Hosts '*.sample.svc.cluster.local', 'a.other.svc.cluster.local' -WarningAction SilentlyContinue
        $exposure.Change | Should -Be 'Updated'
        $exposure.Hosts | Should -Be '*.sample.svc.cluster.local', 'a.other.svc.cluster.local'
    }
    It 'fails for one cluster that is away, and the others go on' {
        Invoke-Fault $lab lab-2 stop
        $exposure = Get-MeshCluster -Kubeconfig $lab.Kubeconfig -SkipProbe |
            Publish-MeshService -ErrorVariable failure -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'EndpointUnreachable,MeshTools.Cmdlets.PublishMeshServiceCommand'
        $exposure.Cluster.Name | Sort-Object | Should -Be 'lab-1', 'lab-3'
        Invoke-Fault $lab lab-2 start
    }
    It 'ends with Unpublish-MeshService, which says so when there is nothing left' {
        $before = Get-WriteCount $lab
        $lab.Clusters | Unpublish-MeshService -WhatIf
        Get-WriteCount $lab | Should -Be $before
        ($lab.Clusters | Unpublish-MeshService -Force).Change | Sort-Object -Unique | Should -Be 'Removed'
        $before = Get-WriteCount $lab
        ($lab.Clusters | Unpublish-MeshService -Force).Change | Sort-Object -Unique | Should -Be 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'stands between gateways and links, without a warning' {
        $links = $lab.Clusters | New-EastWestGateway -Wait | Publish-MeshService -WarningVariable warnings | Enable-EndpointDiscovery -Wait
        $links | Should -HaveCount 6
        $warnings | Should -BeNullOrEmpty
        ($lab.Clusters | Publish-MeshService).Change | Sort-Object -Unique | Should -Be 'Unchanged'
    }
    It 'exposes the control plane under the name of its revision' {
        $revisioned = Start-TestLab 1 @{ Revision = 'asm-1303-1' }
        try {
            $exposure = $revisioned.Clusters | Publish-MeshService -ControlPlane -WarningAction SilentlyContinue
            $exposure.ControlPlane | Should -Be 'asm-1303-1'
            "$($exposure.Objects)" | Should -BeLike '*VirtualService istio-system/istiod-vs-asm-1303-1*'
            { $revisioned.Clusters | Publish-MeshService -ControlPlane -Revision canary -ErrorAction Stop -WarningAction SilentlyContinue } | Should -Throw -ErrorId 'RevisionNotFound,*'
        } finally {
            Stop-MeshLab $revisioned.Lab.Id
        }
    }
}
