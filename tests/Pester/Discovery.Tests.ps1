BeforeAll {
    . $PSScriptRoot/Shared.ps1
}

Describe 'Endpoint discovery of five clusters' {
    BeforeAll {
        $lab = Start-TestLab 5
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'is only planned by -WhatIf, which names every object' {
        $plan = Join-Path $TestDrive 'plan.txt'
        Start-Transcript $plan | Out-Null
        $lab.Clusters | Enable-EndpointDiscovery -WhatIf | Should -BeNullOrEmpty
        Stop-Transcript | Out-Null
        $lines = (Get-Content $plan) -match '^What if: Create Secret'
        $lines -match 'istio-remote-secret-lab-' | Should -HaveCount 20
        $lines -match 'istio-reader-service-account-istio-remote-secret-token' | Should -HaveCount 5
        Get-WriteCount $lab | Should -Be 0
    }
    It 'ends with 20 links in sync' {
        $links = Get-MeshCluster -Kubeconfig $lab.Kubeconfig | Enable-EndpointDiscovery -Wait
        $links | Should -HaveCount 20
        $links.Change | Sort-Object -Unique | Should -Be 'Created'
        $links.SyncStatus | Sort-Object -Unique | Should -Be 'synced'
        $links[0] | Should -BeOfType (Get-Command Enable-EndpointDiscovery).OutputType[0].Type
    }
    It 'changes nothing when it is run again' {
        $before = Get-WriteCount $lab
        $links = Get-MeshCluster -Kubeconfig $lab.Kubeconfig | Enable-EndpointDiscovery -Wait
        $links | Should -HaveCount 20
        $links.Change | Sort-Object -Unique | Should -Be 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'is seen by Get-EndpointDiscovery, which takes links' {
        $links = $lab.Clusters | Get-EndpointDiscovery
        $links | Should -HaveCount 20
        $links.SyncStatus | Sort-Object -Unique | Should -Be 'synced'
        $links | Get-EndpointDiscovery | Should -HaveCount 20
    }
    It 'is seen by Get-RemoteSecret, without tokens' {
        $secrets = $lab.Clusters | Get-RemoteSecret
        $secrets | Should -HaveCount 20
        $secrets.Problems | Should -BeNullOrEmpty
        $secrets.Subject | Sort-Object -Unique | Should -Be 'system:serviceaccount:istio-system:istio-reader-service-account'
        $lab.Clusters | Get-RemoteSecret -ClusterId lab-1 | Should -HaveCount 4
    }
    It 'lets one cluster leave, and the others go on' {
        $before = Get-WriteCount $lab
        $lab.Clusters[4] | Disable-EndpointDiscovery -Peer $lab.Clusters -WhatIf
        Get-WriteCount $lab | Should -Be $before
        $links = $lab.Clusters[4] | Disable-EndpointDiscovery -Peer $lab.Clusters -Force
        $links | Should -HaveCount 8
        $links.Change | Sort-Object -Unique | Should -Be 'Removed'
        $lab.Clusters[0..3] | Get-EndpointDiscovery | Where-Object SyncStatus -EQ 'synced' | Should -HaveCount 12
        $lab.Clusters[4] | Get-RemoteSecret | Should -BeNullOrEmpty
    }
    It 'repairs what is missing and only that' {
        $before = Get-WriteCount $lab
        $lab.Clusters[0..3] | Get-RemoteSecret -ClusterId lab-1 | Select-Object -First 1 | Remove-RemoteSecret -Force
        $links = $lab.Clusters[0..3] | Enable-EndpointDiscovery -Wait
        ($links | Where-Object Change -EQ 'Created') | Should -HaveCount 1
        Get-WriteCount $lab | Should -Be ($before + 2)
    }
    It 'fails for one cluster that is away, and a further run completes it' {
        Invoke-Fault $lab lab-4 stop
        $clusters = Get-MeshCluster -Kubeconfig $lab.Kubeconfig -SkipProbe
        $clusters | Enable-EndpointDiscovery -OutVariable links -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Sort-Object -Unique | Should -Be 'EndpointUnreachable,MeshTools.Cmdlets.EnableEndpointDiscoveryCommand'
        ($links | Where-Object Change -EQ 'Failed') | Should -HaveCount 8
        ($links | Where-Object Change -EQ 'Failed').Reason | Should -Not -BeNullOrEmpty
        ($links | Where-Object Change -NE 'Failed') | Should -HaveCount 12
        Invoke-Fault $lab lab-4 start
        $links = $clusters | Enable-EndpointDiscovery -Wait
        $links.SyncStatus | Sort-Object -Unique | Should -Be 'synced'
    }
}

Describe 'Topology PrimaryRemote' {
    It 'lets only the primaries read' {
        $lab = Start-TestLab 3
        try {
            $links = $lab.Clusters | Enable-EndpointDiscovery -Topology PrimaryRemote -Primary lab-1
            $links.ForEach{ "$_" } | Sort-Object | Should -Be 'lab-1 -> lab-2', 'lab-1 -> lab-3'
            { $lab.Clusters | Enable-EndpointDiscovery -Topology PrimaryRemote } | Should -Throw -ErrorId 'PrimaryNotFound,*'
            { $lab.Clusters | Enable-EndpointDiscovery -Topology PrimaryRemote -Primary nope } | Should -Throw -ErrorId 'PrimaryNotFound,*'
        } finally {
            Stop-MeshLab $lab.Lab.Id
        }
    }
}

Describe 'Remote secrets one by one' {
    BeforeAll {
        $lab = Start-TestLab 3
        $first, $second, $third = $lab.Clusters
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'are not made by -WhatIf' {
        $first | New-RemoteSecret -WhatIf | Should -BeNullOrEmpty
        Get-WriteCount $lab | Should -Be 0
    }
    It 'are made and installed as istioctl does' {
        $secret = $first | New-RemoteSecret
        $secret.Name, $secret.Namespace, $secret.ClusterId | Should -Be 'istio-remote-secret-lab-1', 'istio-system', 'lab-1'
        $secret.SourceCluster.Name | Should -Be 'lab-1'
        $before = Get-WriteCount $lab
        $secret | Install-RemoteSecret -Destination $second, $third -WhatIf
        Get-WriteCount $lab | Should -Be $before
        $installed = $secret | Install-RemoteSecret -Destination $second, $third
        $installed.InstalledIn.Name | Sort-Object | Should -Be 'lab-2', 'lab-3'
        $before = Get-WriteCount $lab
        $null = $secret | Install-RemoteSecret -Destination $second, $third
        Get-WriteCount $lab | Should -Be $before
    }
    It 'never bind -Destination to the cluster they come from' {
        # A remote secret has no property of the parameter's name.
        ($first | New-RemoteSecret).PSObject.Properties.Name | Should -Not -Contain 'Cluster'
        { $first | New-RemoteSecret | Install-RemoteSecret -Destination $first -ErrorAction Stop } | Should -Throw -ErrorId 'RemoteSecretForItself,*'
        # All into all leaves out each cluster's own.
        $lab.Clusters | New-RemoteSecret | Install-RemoteSecret $lab.Clusters -ErrorAction Stop | Should -HaveCount 6
    }
    It 'take what belongs to one cluster for one cluster only' {
        { $lab.Clusters | New-RemoteSecret -ClusterId same } | Should -Throw -ErrorId 'ValueNotShareable,*'
        { $first | New-RemoteSecret -ClusterId 'Not A Label' -ErrorAction Stop } | Should -Throw -ErrorId 'ClusterIdInvalid,*'
        { $first | New-RemoteSecret -Server http://10.0.0.1 -ErrorAction Stop } | Should -Throw -ErrorId 'ServerInvalid,*'
        $secret = $first | New-RemoteSecret -Server https://api.example.com:6443 -TlsServerName kubernetes -WarningAction SilentlyContinue
        $secret.Server, $secret.TlsServerName | Should -Be 'https://api.example.com:6443', 'kubernetes'
    }
    It 'warn of addresses that pods can hardly reach' {
        $null = $first | New-RemoteSecret -Server https://host.docker.internal:6443 -WarningVariable warnings -WarningAction SilentlyContinue
        # Of a lab's own loopback there is nothing to warn.
        $null = $first | New-RemoteSecret -WarningVariable none
        $none | Should -BeNullOrEmpty
    }
    It 'are removed with their token only when asked' {
        $secret = $second | Get-RemoteSecret -ClusterId lab-1
        $before = Get-WriteCount $lab
        $lab.Clusters | Get-RemoteSecret -ClusterId lab-1 | Remove-RemoteSecret -RevokeToken -WhatIf
        Get-WriteCount $lab | Should -Be $before
        $secret | Remove-RemoteSecret -Force | Should -BeNullOrEmpty
        $second | Get-RemoteSecret -ClusterId lab-1 | Should -BeNullOrEmpty
        ($lab.Clusters | Get-RemoteSecret -ClusterId lab-1 | Remove-RemoteSecret -RevokeToken -Force -PassThru).InstalledIn.Name | Should -Be 'lab-3'
        # What had the old token is refused now; a new one is another.
        { Remove-RemoteSecret $third -ClusterId lab-1 -Force -ErrorAction Stop } | Should -Throw -ErrorId 'RemoteSecretNotFound,*'
    }
    It 'ask before they are removed' {
        $null = $first | New-RemoteSecret | Install-RemoteSecret $second
        $script = "Import-Module '$module'; Get-MeshCluster -Kubeconfig '$($lab.Kubeconfig)' | Get-RemoteSecret -ClusterId lab-1 | Remove-RemoteSecret"
        $before = Get-WriteCount $lab
        (Invoke-Child $script @{ NO_COLOR = '1' }).Error | Should -BeLike '*-Force*'
        Get-WriteCount $lab | Should -Be $before
    }
}
