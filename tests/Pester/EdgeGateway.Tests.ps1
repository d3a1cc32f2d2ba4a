BeforeAll {
    . $PSScriptRoot/Shared.ps1
}

Describe 'Ingress and egress gateways' {
    BeforeAll {
        $lab = Start-TestLab 2
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'are only planned by -WhatIf, which names every object' {
        $plan = Join-Path $TestDrive 'plan.txt'
        Start-Transcript $plan | Out-Null
        $lab.Clusters | New-IngressGateway -Namespace edge -WhatIf | Should -BeNullOrEmpty
        Stop-Transcript | Out-Null
        $lines = (Get-Content $plan) -match '^What if: Create .* in lab-1'
        $lines | Should -HaveCount 8
        $lines -match 'Namespace edge in lab-1' | Should -HaveCount 1
        Get-WriteCount $lab | Should -Be 0
    }
    It 'come up with an address, injected' {
        $gateways = $lab.Clusters | New-IngressGateway -Namespace edge -Wait
        $gateways | Should -HaveCount 2
        $gateways.Ready | Should -Not -Contain $false
        $gateways.Change | Sort-Object -Unique | Should -Be 'Created'
        $gateways[0].Addresses | Should -Not -BeNullOrEmpty
        $gateways[0] | Should -BeOfType (Get-Command New-IngressGateway).OutputType[0].Type
    }
    It 'change nothing when they are made again' {
        $before = Get-WriteCount $lab
        ($lab.Clusters | New-IngressGateway -Namespace edge -Wait).Change | Sort-Object -Unique | Should -Be 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'fit a table of 80 columns' {
        $text = $lab.Clusters | New-IngressGateway -Namespace edge | Out-String -Width 80
        $text | Should -Match 'Cluster\s+Namespace\s+Change\s+Ready\s+Addresses'
        $text | Should -Match 'lab-1\s+edge\s+Unchanged\s+True\s+\S+'
    }
    It 'stand beside each other' {
        $gateway = $lab.Clusters[0] | New-EgressGateway -Namespace edge -ReplicaCount 1 -Wait
        "$($gateway.Direction)" | Should -Be 'Egress'
        $gateway.Selector['istio'] | Should -Be 'egressgateway'
    }
    It 'fail for one cluster without addresses, with the reason, and a further run completes it' {
        Invoke-Fault $lab lab-2 load-balancers --how failing
        $gateways = $lab.Clusters | New-IngressGateway -Namespace edge2 -Name public -Wait -Timeout 10s -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'GatewayAddressPending,MeshTools.Cmdlets.NewIngressGatewayCommand'
        "$failure" | Should -BeLike '*quota*IN_USE_ADDRESSES*'
        $gateways.Cluster.Name | Should -Be 'lab-1'
        Invoke-Fault $lab lab-2 load-balancers --how hostname
        $gateways = $lab.Clusters | New-IngressGateway -Namespace edge2 -Name public -Wait
        $gateways.Ready | Should -Not -Contain $false
    }
    It 'are refused by a quota, in its words' {
        Invoke-Fault $lab lab-1 quota-exceeded --resource services --message 'team-quota, requested: services.loadbalancers=1, used: services.loadbalancers=2, limited: services.loadbalancers=2'
        { $lab.Clusters[0] | New-IngressGateway -Namespace edge3 -ErrorAction Stop } | Should -Throw -ErrorId 'QuotaExceeded,*' -ExpectedMessage '*team-quota*'
        Invoke-Fault $lab lab-1 clear
    }
    It 'go with Remove-IngressGateway and Remove-EgressGateway' {
        $before = Get-WriteCount $lab
        $lab.Clusters | Remove-IngressGateway -Namespace edge -WhatIf
        Get-WriteCount $lab | Should -Be $before
        ($lab.Clusters | Remove-IngressGateway -Namespace edge -Force).Change | Sort-Object -Unique | Should -Be 'Removed'
        ($lab.Clusters[0] | Remove-EgressGateway -Namespace edge -RemoveNamespace -Force).Change | Should -Be 'Removed'
        $before = Get-WriteCount $lab
        ($lab.Clusters | Remove-IngressGateway -Namespace edge -Force).Change | Sort-Object -Unique | Should -Be 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
    }
}
