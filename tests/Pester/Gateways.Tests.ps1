BeforeAll {
    . $PSScriptRoot/Shared.ps1
}

Describe 'East-west gateways of three clusters in three networks' {
    BeforeAll {
        $lab = Start-TestLab 3 @{ SeparateNetwork = $true }
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'are only planned by -WhatIf, which names every object' {
        $plan = Join-Path $TestDrive 'plan.txt'
        Start-Transcript $plan | Out-Null
        $lab.Clusters | New-EastWestGateway -ReplicaCount 2 -WhatIf | Should -BeNullOrEmpty
        Stop-Transcript | Out-Null
        (Get-Content $plan) -match '^What if: Create' | Should -HaveCount 21
        Get-WriteCount $lab | Should -Be 0
    }
    It 'are made, waited for, and taken by Publish-MeshService' {
        $gateways = Get-MeshCluster -Kubeconfig $lab.Kubeconfig | New-EastWestGateway -Wait
        $gateways | Should -HaveCount 3
        $gateways.Change | Sort-Object -Unique | Should -Be 'Created'
        $gateways.Ready | Should -Not -Contain $false
        $gateways.Network | Sort-Object -Unique | Should -HaveCount 3
        $gateways | Publish-MeshService | Should -HaveCount 3
    }
    It 'are unchanged by a second run, which writes nothing' {
        $before = Get-WriteCount $lab
        $gateways = $lab.Clusters | New-EastWestGateway -Wait
        $gateways.Change | Sort-Object -Unique | Should -Be 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'are seen by Get-EastWestGateway, by name and namespace' {
        $lab.Clusters | Get-EastWestGateway | Should -HaveCount 3
        $lab.Clusters[0] | Get-EastWestGateway -Name istio-* -Namespace istio-* | Should -HaveCount 1
        $lab.Clusters[0] | Get-EastWestGateway -Name other | Should -BeNullOrEmpty
    }
    It 'fit a table of eighty columns' {
        $text = ($lab.Clusters | Get-EastWestGateway | Format-Table | Out-String -Width 80) -split "`n"
        $text -match '^Cluster\s+Network\s+Ready\s+Address\s+Problem\s+Change' | Should -HaveCount 1
        $text -match '^lab-1\s+\S+\s+True\s+\d' | Should -HaveCount 1
        ($text | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
    }
    It 'take hash tables, and name the one that is wrong' {
        $yaml = $lab.Clusters[0] | New-EastWestGateway -AsManifest -Resources @{ requests = @{ cpu = '2000m' }; limits = @{ memory = '2Gi' } } -ServiceAnnotation @{ internal = $true }
        $yaml | Should -Match 'internal: "true"'
        $yaml | Should -Match 'memory: 2Gi'
        { $lab.Clusters[0] | New-EastWestGateway -Resources @{ cpu = 1 } } | Should -Throw -ErrorId 'GatewayOptionUnsupported,*'
    }
    It 'come out as the document of the script' {
        $before = Get-WriteCount $lab
        $lab.Clusters[0] | New-EastWestGateway -Form IstioOperator -Network other | Should -Match '(?s)kind: IstioOperator.*topology.istio.io/network: other'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'refuse what does not go together' {
        { $lab.Clusters | New-EastWestGateway -LoadBalancerIP 192.0.2.1 } | Should -Throw -ErrorId 'ValueNotShareable,*'
        { $lab.Clusters[0] | New-EastWestGateway -Apply } | Should -Throw -ErrorId 'GatewayOptionUnsupported,*'
        { $lab.Clusters[0] | New-EastWestGateway -Form Ambient -SingleCluster } | Should -Throw -ErrorId 'GatewayOptionUnsupported,*'
        $lab.Clusters[0] | New-EastWestGateway -Network other -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failures.FullyQualifiedErrorId | Should -BeLike 'NetworkDiffers,*'
    }
    It 'go on in the other clusters when one fails' {
        Invoke-Fault $lab lab-2 down
        $gateways = $lab.Clusters | New-EastWestGateway -ErrorVariable failures -ErrorAction SilentlyContinue
        Invoke-Fault $lab lab-2 clear
        $gateways | Should -HaveCount 2
        @($failures.FullyQualifiedErrorId -like 'EndpointUnreachable,*') | Should -HaveCount 1
    }
    It 'are named by Remove-EastWestGateway -WhatIf, which writes nothing' {
        $before = Get-WriteCount $lab
        $lab.Clusters | Remove-EastWestGateway -WhatIf
        Get-WriteCount $lab | Should -Be $before
    }
    It 'go by cluster or as objects' {
        $lab.Clusters[0] | Remove-EastWestGateway -Force -PassThru | ForEach-Object Change | Should -Be 'Removed'
        $lab.Clusters[1, 2] | Get-EastWestGateway | Remove-EastWestGateway -Force -Wait | Should -BeNullOrEmpty
        $lab.Clusters | Get-EastWestGateway | Should -BeNullOrEmpty
    }
    It 'say when there is nothing to remove, and take what a cut-off run left' {
        $before = Get-WriteCount $lab
        $lab.Clusters[0] | Remove-EastWestGateway -Force -WarningVariable said -WarningAction SilentlyContinue -ErrorAction Stop
        "$said" | Should -BeLike 'lab-1: there is no east-west gateway istio-system/istio-eastwestgateway, and nothing of one.'
        Get-WriteCount $lab | Should -Be $before
        Invoke-Fault $lab lab-1 forbidden --verb patch --resource deployments
        $lab.Clusters[0] | New-EastWestGateway -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        Invoke-Fault $lab lab-1 clear
        $failures | Should -HaveCount 1
        $lab.Clusters[0] | Remove-EastWestGateway -Force -Wait -PassThru | ForEach-Object Change | Should -Be 'Removed'
        $lab.Clusters[0] | Remove-EastWestGateway -Force -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -BeLike '*and nothing of one.'
    }
}
