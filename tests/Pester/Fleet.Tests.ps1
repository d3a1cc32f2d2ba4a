BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $lab = Start-TestLab 2 @{ GoogleCloud = 'Prepared'; NoControlPlane = $true }
    $lab.Lab.GoogleCloud.Enter()
    function Get-GoogleWriteCount { (Get-MeshLab $lab.Lab.Id).GoogleCloud.Writes }
}

AfterAll {
    $lab.Lab.GoogleCloud.Leave()
    Stop-MeshLab
}

Describe 'A lab with a Google Cloud' {
    It 'leads a shell there only when asked, and shows no token' {
        $env:CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER | Should -Be "$($lab.Lab.GoogleCloud.Address)container/"
        $token = Get-Content $lab.Lab.GoogleCloud.TokenFile
        $lab.Lab, $lab.Lab.GoogleCloud | Format-List * | Out-String -Width 500 | Should -Not -Match $token
        (Invoke-Child "Import-Module '$module'; `$env:CLOUDSDK_CORE_PROJECT" @{ CLOUDSDK_CORE_PROJECT = '' }).Output | Should -BeNullOrEmpty
    }
}

Describe 'Get-MeshCluster -ClusterName' {
    It 'connects clusters of GKE without a kubeconfig' {
        $clusters = Get-MeshCluster -ProjectId lab-project -Location us-central1-c -ClusterName lab-*
        $clusters.Name | Sort-Object | Should -Be 'gke_lab-project_us-central1-c_lab-1', 'gke_lab-project_us-central1-c_lab-2'
        $clusters.Uid | Sort-Object | Should -Be ($lab.Clusters.Uid | Sort-Object)
        $clusters.KubeconfigPath | ForEach-Object { $_ | Should -BeNullOrEmpty }
    }
    It 'takes the project of the environment, and names what is not there' {
        $found = Get-MeshCluster -ClusterName lab-1, nowhere -ErrorVariable failed -ErrorAction SilentlyContinue
        $found.Name | Should -Be 'gke_lab-project_us-central1-c_lab-1'
        $failed.FullyQualifiedErrorId | Should -BeLike 'GoogleNotFound*'
        "$failed" | Should -BeLike '*nowhere*lab-1, lab-2*'
    }
}

Describe 'A kubeconfig that names Google''s plugin' {
    It 'works without the plugin, by the module''s own token' {
        $config = kubectl config view --raw --kubeconfig $lab.Kubeconfig 2>$null
        if (-not $config) { $config = Get-Content $lab.Kubeconfig -Raw }
        $config = ($config -join "`n") -replace '(?m)^(\s+)client-certificate-data: .*$', "`$1exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: /nowhere/gke-gcloud-auth-plugin, provideClusterInfo: true, interactiveMode: Never}" -replace '(?m)^\s+client-key-data: .*\n?', ''
        $config | Should -Match 'gke-gcloud-auth-plugin'
        Set-Content "$TestDrive/plugin.yaml" $config
        $found = Get-MeshCluster -Kubeconfig "$TestDrive/plugin.yaml"
        $found.Uid | Sort-Object | Should -Be ($lab.Clusters.Uid | Sort-Object)
    }
}

Describe 'Fleet memberships' {
    It 'are not written with -WhatIf' {
        $before = Get-GoogleWriteCount
        $lab.Clusters | Register-FleetMembership -FleetProject lab-project -WhatIf | Should -BeNullOrEmpty
        Get-GoogleWriteCount | Should -Be $before
    }
    It 'are made for all clusters of the pipeline, once' {
        $made = $lab.Clusters | Register-FleetMembership -FleetProject lab-project
        $made.Change | Should -Be 'Created', 'Created'
        $made.MeshId | Should -Be 'proj-111111111111', 'proj-111111111111'
        $before = Get-GoogleWriteCount
        ($lab.Clusters | Register-FleetMembership -FleetProject lab-project).Change | Should -Be 'Unchanged', 'Unchanged'
        Get-GoogleWriteCount | Should -Be $before
    }
    It 'are read with their clusters, which the next command binds' {
        $members = $lab.Clusters | Get-FleetMembership -FleetProject lab-project
        $members.Cluster.Uid | Sort-Object | Should -Be ($lab.Clusters.Uid | Sort-Object)
        (Get-FleetMembership lab-2 -FleetProject lab-project).ClusterId | Should -Be 'cn-lab-project-us-central1-c-lab-2'
        Get-FleetMembership -FleetProject lab-project | Out-String -Width 80 | Should -Match 'lab-1 +lab-project +us-central1 +READY'
    }
    It 'of another fleet are one error for each cluster' {
        $lab.Clusters | Register-FleetMembership -FleetProject lab-fleet -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'RegisteredElsewhere*'
        $failed.Count | Should -Be 2
    }
    It 'name the missing permission' {
        Invoke-Fault $lab google-cloud deny --permission gkehub.memberships.list
        { Get-FleetMembership -FleetProject lab-project } | Should -Throw -ErrorId 'GooglePermissionDenied*' -ExpectedMessage '*gkehub.memberships.list*'
        Invoke-Fault $lab google-cloud clear
    }
    It 'need no library of Google''s with a ready token' {
        $names = [Runtime.Loader.AssemblyLoadContext]::All.Assemblies.ForEach{ $_.GetName().Name }
        $names | Should -Contain 'MeshTools.GoogleCloud'
        $names -like 'Google.Apis*' | Should -BeNullOrEmpty
    }
    It 'are removed when asked' {
        Get-FleetMembership -FleetProject lab-project | Unregister-FleetMembership -WhatIf
        @(Get-FleetMembership -FleetProject lab-project).Count | Should -Be 2
        Get-FleetMembership lab-1 -FleetProject lab-project | Unregister-FleetMembership -Force
        (Get-FleetMembership -FleetProject lab-project).Name | Should -Be 'lab-2'
    }
}

Describe 'Fleet memberships outside Google Cloud' {
    BeforeAll {
        $lab.Lab.GoogleCloud.Leave()
        $other = Start-TestLab 2 @{ GoogleCloud = 'Prepared'; NoControlPlane = $true; Platform = 'Eks', 'None' }
        $other.Lab.GoogleCloud.Enter()
        $public, $private = $other.Clusters[0, 1]
        function Get-OtherWriteCount { (Get-MeshLab $other.Lab.Id).GoogleCloud.Writes }
    }
    AfterAll {
        $other.Lab.GoogleCloud.Leave()
        $lab.Lab.GoogleCloud.Enter()
    }
    It 'are not written with -WhatIf, on either side' {
        $said = Invoke-Child "Import-Module '$module'; (Get-MeshLab $($other.Lab.Id)).GoogleCloud.Enter(); Get-MeshCluster -Kubeconfig '$($other.Kubeconfig)' -Context lab-1 | Register-FleetMembership -FleetProject lab-fleet -WhatIf"
        $said.Error | Should -BeNullOrEmpty
        $said.Output | Should -BeLike '*register the cluster as global/lab-1 with issuer https://oidc.eks*mark it as a member*install the Connect agent*label mesh_id=proj-222222222222*'
        Get-OtherWriteCount | Should -Be 0
        Get-WriteCount $other | Should -Be 0
    }
    It 'need the keys of an issuer that Google cannot reach; the other clusters go on' {
        $made = $public, $private | Register-FleetMembership -FleetProject lab-fleet -Wait -ErrorVariable failed -ErrorAction SilentlyContinue
        $made.Name | Should -Be 'lab-1'
        $made.Change | Should -Be 'Created'
        $failed.FullyQualifiedErrorId | Should -BeLike 'IssuerNotPublic*'
        $failed[0].ErrorDetails.RecommendedAction | Should -BeLike '*-HasPrivateIssuer*'
        ($private | Register-FleetMembership -FleetProject lab-fleet -HasPrivateIssuer -Wait).Change | Should -Be 'Created'
    }
    It 'are made once' {
        $before = Get-OtherWriteCount
        ($public, $private | Register-FleetMembership -FleetProject lab-fleet).Change | Should -Be 'Unchanged', 'Unchanged'
        Get-OtherWriteCount | Should -Be $before
    }
    It 'are found by the clusters, also by the names of contexts' {
        $members = Get-FleetMembership -FleetProject lab-fleet -Cluster $public, $private
        $members.ClusterId | Should -Be 'cn-lab-fleet-global-lab-1', 'cn-lab-fleet-global-lab-2'
        $members.LastConnection | ForEach-Object { $_ | Should -BeOfType DateTimeOffset }
        $before = $env:KUBECONFIG
        $env:KUBECONFIG = $other.Kubeconfig
        try {
            (Get-FleetMembership -FleetProject lab-fleet -Cluster lab-2).Cluster.Name | Should -Be 'lab-2'
        } finally {
            $env:KUBECONFIG = $before
        }
    }
    It 'refuse an issuer for clusters of GKE, and two ways at once' {
        { $public | Register-FleetMembership -FleetProject lab-fleet -HasPrivateIssuer -PublicIssuerUrl https://example.com } | Should -Throw -ErrorId 'IssuerGiven*'
    }
    It 'are taken apart by cluster, or by what Get-FleetMembership gave' {
        Get-FleetMembership lab-1 -FleetProject lab-fleet -Cluster $public | Unregister-FleetMembership -WhatIf
        @(Get-FleetMembership -FleetProject lab-fleet).Count | Should -Be 2
        Get-FleetMembership lab-1 -FleetProject lab-fleet -Cluster $public | Unregister-FleetMembership -Force -Wait
        $private | Unregister-FleetMembership -FleetProject lab-fleet -Force -Wait
        Get-FleetMembership -FleetProject lab-fleet | Should -BeNullOrEmpty
        $public, $private | Unregister-FleetMembership -FleetProject lab-fleet -Force -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike 'MembershipNotFound*'
        $failed.Count | Should -Be 2
    }
    It 'say what is left in a cluster that is not known' {
        $null = $public | Register-FleetMembership -FleetProject lab-fleet
        Get-FleetMembership -FleetProject lab-fleet | Unregister-FleetMembership -Force -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -BeLike '*Connect agent*Unregister-FleetMembership -Cluster*'
        $public | Unregister-FleetMembership -FleetProject lab-fleet -Force -Wait
    }
}
