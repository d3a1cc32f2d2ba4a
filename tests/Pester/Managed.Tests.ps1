BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $lab = Start-TestLab 2 @{ GoogleCloud = 'Prepared'; NoControlPlane = $true; Platform = 'Gke' }
    $lab.Lab.GoogleCloud.Enter()
    function Get-WriteCount { $now = Get-MeshLab $lab.Lab.Id; $now.GoogleCloud.Writes }
    $clusters = Get-MeshCluster -Kubeconfig $lab.Kubeconfig
    $common = @{ Managed = $true; FleetProject = 'lab-project' }
}

AfterAll {
    $lab.Lab.GoogleCloud.Leave()
    Stop-MeshLab
}

Describe 'Install-ServiceMesh -Managed' {
    It 'refuses -<Name> with the reason' -ForEach @(
        @{ Name = 'Revision'; With = @{ Revision = 'x' }; Says = '*asm-managed*-Channel*' }
        @{ Name = 'CaCert'; With = @{ CaCert = 'x' }; Says = '*takes no certificate*' }
        @{ Name = 'Option'; With = @{ Option = 'envoy-access-log' }; Says = '*no IstioOperator*' }
        @{ Name = 'Overlay'; With = @{ Overlay = 'x.yaml' }; Says = '*no IstioOperator*' }
        @{ Name = 'IstioctlPath'; With = @{ IstioctlPath = 'x' }; Says = '*its own release*' }
        @{ Name = 'Network'; With = @{ Network = 'x' }; Says = '*from the cluster and the fleet*' }
        @{ Name = 'CertificateAuthority'; With = @{ CertificateAuthority = 'IstioCA' }; Says = '*MeshCA or CaService*' }
    ) {
        { $clusters | Install-ServiceMesh @common @With -WhatIf } | Should -Throw -ExceptionType ([Exception]) -ExpectedMessage $Says
    }

    It 'refuses its own parameters without the switch' {
        { $clusters | Install-ServiceMesh -Channel Rapid -WhatIf } | Should -Throw '*-Managed was not given*'
    }

    It 'names everything with -WhatIf and writes nothing' {
        $before = Get-WriteCount
        $clusters | Install-ServiceMesh @common -EnableAll -WhatIf | Should -BeNullOrEmpty
        Get-WriteCount | Should -Be $before
        foreach ($cluster in $clusters) { $cluster | Get-ServiceMesh | Should -BeNullOrEmpty }
    }

    It 'says what is missing where nothing may be made' {
        $clusters[0] | Install-ServiceMesh @common -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'RequirementNotMet*'
        "$failed" | Should -BeLike '*-EnableRegistration*'
    }

    It 'installs, and a second run changes nothing' {
        $installed = $clusters | Install-ServiceMesh @common -EnableAll -Wait
        $installed | Should -HaveCount 2
        $installed | ForEach-Object { $_.Revision, $_.Channel, $_.State, $_.Ready, "$($_.Change)" -join ' ' | Should -Be 'asm-managed regular ACTIVE True Created' }
        $before = Get-WriteCount
        ($clusters | Install-ServiceMesh @common -EnableAll -Wait).Change | Should -Be 'Unchanged', 'Unchanged'
        ($clusters | Install-ServiceMesh @common).Change | Should -Be 'Unchanged', 'Unchanged'
        Get-WriteCount | Should -Be $before
    }

    It 'says which way it takes, and why' {
        $said = $clusters[1] | Install-ServiceMesh @common -Channel Rapid -WhatIf -Verbose 4>&1 3>$null
        "$said" | Should -BeLike '*by a ControlPlaneRevision*channel rapid is not the cluster*'
        { $clusters[1] | Install-ServiceMesh @common -Channel Rapid -Via FleetApi -ErrorAction Stop } | Should -Throw '*the fleet API does not do that*'
    }
}

Describe 'What is managed' {
    It 'is shown with channel and state, in tables that fit' {
        $shown = $clusters | Get-ServiceMesh -FleetState
        $shown.Implementation | Should -Be 'ISTIOD', 'ISTIOD'
        $shown | Out-String -Width 140 | Should -Match 'asm-managed\s+regular\s+MeshCa\s+ACTIVE\s+default'
        $clusters | Get-MeshRevision | Out-String -Width 140 | Should -Match 'asm-managed\s+regular\s+ACTIVE\s+default'
    }

    It 'is checked by Test-ServiceMeshRequirement -Managed' {
        $results = $clusters[0] | Test-ServiceMeshRequirement -Managed -FleetProject lab-project
        $results | Where-Object Severity -EQ Error | Should -BeNullOrEmpty
        $results.Id | Should -Not -Contain 'MT105'
        "$(($results | Where-Object Id -EQ MT125).Message)" | Should -BeLike '*asm-managed*'
        ($results | Where-Object Id -EQ MT101).Severity | Should -Be 'Pass'
    }

    It 'is warned of by Enable-EndpointDiscovery, which waits for nobody' {
        $links = $clusters | Enable-EndpointDiscovery -Wait -WarningVariable warned -WarningAction SilentlyContinue -ErrorVariable failed
        $failed | Should -BeNullOrEmpty
        $links | Should -HaveCount 2
        "$warned" | Should -BeLike '*multicluster_mode*'
        "$warned" | Should -BeLike '*nothing is waited for*'
    }

    It 'is removed with Google told first, and comes again' {
        $before = Get-WriteCount
        $clusters | Uninstall-ServiceMesh -WhatIf
        Get-WriteCount | Should -Be $before
        $removed = $clusters | Uninstall-ServiceMesh -Force -Wait -WarningVariable warned -WarningAction SilentlyContinue
        $removed.Change | Should -Be 'Removed', 'Removed'
        "$warned" | Should -BeLike '*kubectl delete deployment/mdp-controller*'
        $clusters | Get-ServiceMesh | Should -BeNullOrEmpty
        ($clusters[0] | Install-ServiceMesh @common -EnableAll -Wait -Via ControlPlaneRevision).State | Should -Be 'ACTIVE'
    }
}
