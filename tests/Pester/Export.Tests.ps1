BeforeAll {
    . $PSScriptRoot/Shared.ps1
}

Describe 'Configuration for a repository' {
    BeforeAll {
        $lab = Start-TestLab 2 @{ NoControlPlane = $true }
        $out = Join-Path $TestDrive 'clusters'
        $with = @{ MeshId = 'mesh'; Network = 'net'; Option = 'envoy-access-log' }
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'is text without a folder: one IstioOperator for each cluster' {
        $texts = $lab.Clusters | Export-ServiceMeshConfiguration @with
        $texts | Should -HaveCount 2
        $texts | Should -BeOfType string
        $texts[0] | Should -BeLike "---`n# Export-ServiceMeshConfiguration: lab-1, release 1.30.3, revision 1-30-3`n# Layers: base, authority IstioCA, option envoy-access-log*"
        $texts[0] | Should -Match 'kind: IstioOperator'
        $texts[0] | Should -Match 'accessLogFile: /dev/stdout'
        $texts[1] | Should -Match 'clusterName: lab-2'
    }
    It 'is text with the objects alone when it is expanded' {
        $text = Export-ServiceMeshConfiguration $lab.Clusters[0] @with -Expand
        $text | Should -Not -Match 'kind: IstioOperator'
        $text | Should -Match 'kind: Deployment'
        $text | Should -Match 'topology.istio.io/network: net'
    }
    It 'is only named by -WhatIf' {
        $plan = Join-Path $TestDrive 'plan.txt'
        Start-Transcript $plan | Out-Null
        $lab.Clusters | Export-ServiceMeshConfiguration @with -Expand -OutDirectory $out -WhatIf | Should -BeNullOrEmpty
        Stop-Transcript | Out-Null
        (Get-Content $plan) -match '^What if: Create file .*istio-operator.yaml$' | Should -HaveCount 2
        Test-Path $out | Should -BeFalse
    }
    It 'is a folder for each cluster, and a second run touches nothing' {
        $written = $lab.Clusters | Export-ServiceMeshConfiguration @with -Expand -OutDirectory $out
        $written | Should -BeOfType (Get-Command Export-ServiceMeshConfiguration).OutputType[0].Type
        ($written | Sort-Object { $_.Cluster.Name }).Path | Should -Be (Join-Path $out lab-1), (Join-Path $out lab-2)
        $written.Change | Should -Be Created, Created
        Join-Path $out lab-1/istio-operator.yaml | Should -FileContentMatch '^kind: IstioOperator'
        Join-Path $out lab-1/manifests/6-deployment-istio-system.istiod-1-30-3.yaml | Should -Exist
        Get-ChildItem $out -Recurse -Filter '*secret*' | Should -BeNullOrEmpty
        $files = Get-ChildItem $out -Recurse -File -Force
        $files.Count | Should -Be $written.Files.Count
        $again = $lab.Clusters | Export-ServiceMeshConfiguration @with -Expand -OutDirectory $out
        $again.Change | Should -Be Unchanged, Unchanged
        $table = ($again | Format-Table | Out-String -Width 200)
        $table | Should -Match 'Cluster +Revision +Files +Written +Change +Path'
        $table | Should -Match "lab-1 +1-30-3 +$($again[0].Files.Count) +0 +Unchanged"
        Get-WriteCount $lab | Should -Be 0
    }
    It 'is not overwritten without -Force' {
        $file = Join-Path $out lab-1/istio-operator.yaml
        $before = Get-Content $file -Raw
        { Export-ServiceMeshConfiguration $lab.Clusters[0] -OutDirectory $out -ErrorAction Stop } |
            Should -Throw -ErrorId 'ConfigurationFileExists,MeshTools.Cmdlets.ExportServiceMeshConfigurationCommand'
        Get-Content $file -Raw | Should -Be $before
        (Export-ServiceMeshConfiguration $lab.Clusters[0] -OutDirectory $out -Force).Change | Should -Be Updated
        Get-Content $file -Raw | Should -Not -Be $before
        Join-Path $out lab-1/manifests | Should -Exist
    }
    It 'fails for a cluster that is away, and the others go on' {
        Invoke-Fault $lab lab-2 stop
        $clusters = Get-MeshCluster -Kubeconfig $lab.Kubeconfig -SkipProbe
        $done = $clusters | Export-ServiceMeshConfiguration @with -OutDirectory (Join-Path $TestDrive one) -ErrorVariable failure -ErrorAction SilentlyContinue
        $done.Cluster.Name | Should -Be 'lab-1'
        $failure.FullyQualifiedErrorId | Should -Be 'EndpointUnreachable,MeshTools.Cmdlets.ExportServiceMeshConfigurationCommand'
        Invoke-Fault $lab lab-2 start
    }
    It 'says what cannot be: <Error>' -ForEach @(
        @{ With = @{ IstioctlPath = '/no/such/istioctl' }; Error = 'IstioctlNotFound' }
        @{ With = @{ Release = '1.28.5-asm.12'; Expand = $true }; Error = 'IstioctlVersionWrong' }
        @{ With = @{ Option = 'nonsense' }; Error = 'OptionUnknown' }
        @{ With = @{ CertificateAuthority = 'CaService'; FleetProject = 'fleet'; CaPool = 'pool' }; Error = 'CaPoolInvalid' }
    ) {
        { Export-ServiceMeshConfiguration $lab.Clusters[0] @With -OutDirectory (Join-Path $TestDrive none) -ErrorAction Stop } |
            Should -Throw -ErrorId "$Error,MeshTools.Cmdlets.ExportServiceMeshConfigurationCommand"
        Join-Path $TestDrive none | Should -Not -Exist
    }
    It 'completes options' {
        $line = 'Export-ServiceMeshConfiguration -Option cni-g'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'cni-gcp'
    }
}
