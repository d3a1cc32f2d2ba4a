BeforeAll {
    . $PSScriptRoot/Shared.ps1
}

Describe 'A mesh from empty clusters' {
    BeforeAll {
        $lab = Start-TestLab 2 @{ NoControlPlane = $true }
        $root = New-MeshRootCertificate -KeyAlgorithm EcdsaP256
        $certificates = $lab.Clusters | New-MeshIntermediateCertificate -Root $root -KeyAlgorithm EcdsaP256
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'is only planned by -WhatIf, which names every object' {
        $plan = Join-Path $TestDrive 'plan.txt'
        Start-Transcript $plan | Out-Null
        $lab.Clusters | Install-ServiceMesh -Certificate $certificates -WhatIf | Should -BeNullOrEmpty
        Stop-Transcript | Out-Null
        $lines = (Get-Content $plan) -match '^What if: Create'
        $lines -match 'Deployment istio-system/istiod-1-30-3 in lab-' | Should -HaveCount 2
        $lines -match 'Secret istio-system/cacerts in lab-' | Should -HaveCount 2
        $lines -match 'CustomResourceDefinition' | Should -HaveCount 30
        Get-WriteCount $lab | Should -Be 0
    }
    It 'is installed, and a second run writes nothing' {
        $installed = $lab.Clusters | Install-ServiceMesh -Certificate $certificates -MeshId mesh -Network net -Wait
        $installed.Change | Should -Be 'Created', 'Created'
        $installed.CertificateAuthority | Should -Be 'PluggedIn', 'PluggedIn'
        $installed.Ready | Should -Be $true, $true
        $installed | Should -BeOfType (Get-Command Install-ServiceMesh).OutputType[0].Type
        $before = Get-WriteCount $lab
        ($lab.Clusters | Install-ServiceMesh -Certificate $certificates -MeshId mesh -Network net -Wait).Change | Should -Be 'Unchanged', 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'names the fields that an option would change' {
        $plan = Join-Path $TestDrive 'option.txt'
        Start-Transcript $plan | Out-Null
        Install-ServiceMesh $lab.Clusters[0] -MeshId mesh -Network net -Option envoy-access-log -WhatIf
        Stop-Transcript | Out-Null
        (Get-Content $plan) -match '^What if: Update' | Should -Be 'What if: Update ConfigMap istio-system/istio-1-30-3 in lab-1 (control plane 1-30-3: data.mesh)'
    }
    It 'joins as one mesh: what installing says flows into the next command' {
        $links = $lab.Clusters | Install-ServiceMesh -Certificate $certificates -MeshId mesh -Network net | Enable-EndpointDiscovery -Wait
        $links.SyncStatus | Should -Be 'synced', 'synced'
    }
    It 'fails for a cluster that is away, and the others go on' {
        Invoke-Fault $lab lab-2 stop
        $clusters = Get-MeshCluster -Kubeconfig $lab.Kubeconfig -SkipProbe
        $done = $clusters | Install-ServiceMesh -Certificate $certificates -MeshId mesh -Network net -ErrorVariable failure -ErrorAction SilentlyContinue
        $done.Cluster.Name | Should -Be 'lab-1'
        $failure.FullyQualifiedErrorId | Should -Be 'EndpointUnreachable,MeshTools.Cmdlets.InstallServiceMeshCommand'
        Invoke-Fault $lab lab-2 start
    }
    It 'says what cannot be: <Error>' -ForEach @(
        @{ With = @{ IstioctlPath = '/no/such/istioctl' }; Error = 'IstioctlNotFound' }
        @{ With = @{ Release = '1.28.5-asm.12' }; Error = 'IstioctlVersionWrong' }
        @{ With = @{ Release = 'new' }; Error = 'ReleaseInvalid' }
        @{ With = @{ Option = 'nonsense' }; Error = 'OptionUnknown' }
        @{ With = @{ Overlay = 'https://example.com/overlay.yaml' }; Error = 'OverlayInvalid' }
        @{ With = @{ CertificateAuthority = 'MeshCA' }; Error = 'FleetProjectMissing' }
        @{ With = @{ CaCert = 'a.pem' }; Error = 'CertificateIncomplete' }
        @{ With = @{ Revision = 'Big' }; Error = 'RevisionInvalid' }
    ) {
        $before = Get-WriteCount $lab
        { Install-ServiceMesh $lab.Clusters[0] @With -ErrorAction Stop } | Should -Throw -ErrorId "$Error,MeshTools.Cmdlets.InstallServiceMeshCommand"
        Get-WriteCount $lab | Should -Be $before
    }
    It 'completes options' {
        $line = 'Install-ServiceMesh -Option cni-'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'cni-baremetal-rhel', 'cni-gcp', 'cni-onprem', 'cni-onprem-selinux', 'cni-selinux'
    }
    It 'is taken apart: nothing is left, and other clusters have forgotten it' {
        $before = Get-WriteCount $lab
        $lab.Clusters[0] | Uninstall-ServiceMesh -All -Purge -Unlink -Peer $lab.Clusters[1] -WhatIf
        Get-WriteCount $lab | Should -Be $before
        $gone = $lab.Clusters[0] | Uninstall-ServiceMesh -All -Purge -Unlink -Peer $lab.Clusters[1] -Force -Wait
        $gone.Change | Should -Be 'Removed'
        $lab.Clusters[0] | Get-ServiceMesh | Should -BeNullOrEmpty
        $lab.Clusters[1] | Get-RemoteSecret | Should -BeNullOrEmpty
        $lab.Clusters[0] | Uninstall-ServiceMesh -All -Purge -Force | Should -BeNullOrEmpty
    }
}
