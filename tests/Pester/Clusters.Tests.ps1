BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $lab = Start-TestLab
}

AfterAll {
    Stop-MeshLab $lab.Lab.Id
}

Describe 'Get-MeshCluster' {
    It 'asks each cluster who it is' {
        $clusters = Get-MeshCluster -Kubeconfig $lab.Kubeconfig | Sort-Object Name
        $clusters.Name | Should -Be 'lab-1', 'lab-2', 'lab-3'
        $clusters.ClusterId | Should -Be 'lab-1', 'lab-2', 'lab-3'
        $clusters.Uid | Sort-Object -Unique | Should -HaveCount 3
        $clusters[0].MeshId | Should -Be 'lab-mesh'
        $clusters[0].Network | Should -Be 'lab-network'
        $clusters[0].TrustDomain | Should -Be 'cluster.local'
        $clusters[0].Revision | Should -Be 'default'
        $clusters[0] | Should -BeOfType (Get-Command Get-MeshCluster).OutputType[0].Type
    }
    It 'says why there is no context at all' {
        $before = $env:KUBECONFIG
        try {
            $env:KUBECONFIG = Join-Path $TestDrive nowhere.yaml
            Get-MeshCluster -WarningVariable said -WarningAction SilentlyContinue | Should -BeNullOrEmpty
            "$said" | Should -BeLike "There are no contexts: *nowhere.yaml does not exist. Give a kubeconfig*"
            $null = New-Item $env:KUBECONFIG -Value "apiVersion: v1`nkind: Config`n"
            Get-MeshCluster * -WarningVariable said -WarningAction SilentlyContinue | Should -BeNullOrEmpty
            "$said" | Should -BeLike '*nowhere.yaml names none*'
        } finally {
            $env:KUBECONFIG = $before
        }
    }
    It 'reads the files of KUBECONFIG' {
        try {
            $env:KUBECONFIG, $before = $lab.Kubeconfig, $env:KUBECONFIG
            (Get-MeshCluster lab-2).Name | Should -Be 'lab-2'
            # A context's name is a cluster wherever one is asked for.
            (Get-RemoteSecret lab-1) | Should -BeNullOrEmpty
        } finally {
            $env:KUBECONFIG = $before
        }
    }
    It 'takes wildcards' {
        (Get-MeshCluster lab-[12] -Kubeconfig $lab.Kubeconfig).Name | Sort-Object | Should -Be 'lab-1', 'lab-2'
        Get-MeshCluster nothing* -Kubeconfig $lab.Kubeconfig -ErrorAction Stop | Should -BeNullOrEmpty
    }
    It 'takes kubeconfigs, labs and clusters from the pipeline' {
        (Get-Item $lab.Kubeconfig | Get-MeshCluster).Count | Should -Be 3
        (Get-MeshLab $lab.Lab.Id | Get-MeshCluster lab-1).Name | Should -Be 'lab-1'
        ($lab.Clusters[0] | Get-MeshCluster).Name | Should -Be $lab.Clusters[0].Name
    }
    It 'takes one entry once' {
        @($lab.Clusters[0], $lab.Clusters[0] | Get-MeshCluster).Count | Should -Be 1
    }
    It 'takes paths relative to the location, on any drive' {
        Copy-Item $lab.Kubeconfig TestDrive:/relative.yaml
        Push-Location TestDrive:/
        try {
            @(Get-MeshCluster -Kubeconfig relative.yaml -SkipProbe).Count | Should -Be 3
            @(Get-MeshCluster -Kubeconfig TestDrive:/relative.yaml -SkipProbe).Count | Should -Be 3
            @(Get-MeshCluster -Kubeconfig *.yaml -SkipProbe).Count | Should -Be 3
        } finally {
            Pop-Location
        }
    }
    It 'puts what the user says over what it finds' {
        $cluster = Get-MeshCluster lab-1 -Kubeconfig $lab.Kubeconfig -Network other -MeshId m -ClusterId c -TrustDomain t -Revision r -FleetProject f -Platform Eks -ProjectId p -Location l
        $cluster.Network, $cluster.MeshId, $cluster.ClusterId, $cluster.TrustDomain, $cluster.Revision, $cluster.FleetProject, $cluster.ProjectId, $cluster.Location |
            Should -Be 'other', 'm', 'c', 't', 'r', 'f', 'p', 'l'
        "$($cluster.Platform)" | Should -Be 'Eks'
    }
    It 'sends nothing with -SkipProbe' {
        $before = ((Get-MeshLab $lab.Lab.Id).Clusters | Measure-Object Requests -Sum).Sum
        $clusters = Get-MeshCluster -Kubeconfig $lab.Kubeconfig -SkipProbe
        $clusters.Count | Should -Be 3
        $clusters.Probed | Should -Not -Contain $true
        ((Get-MeshLab $lab.Lab.Id).Clusters | Measure-Object Requests -Sum).Sum | Should -Be $before
    }
    It 'knows GKE contexts' {
        $path = New-TestKubeconfig (Join-Path $TestDrive 'gke.yaml') '{ server: "https://10.0.0.1" }' -Context gke_my-project_europe-west1_blue
        $cluster = Get-MeshCluster -Kubeconfig $path -SkipProbe
        $cluster.ProjectId, $cluster.Location, $cluster.ClusterId | Should -Be 'my-project', 'europe-west1', 'cn-my-project-europe-west1-blue'
        "$($cluster.Platform)" | Should -Be 'Gke'
    }
    It 'says the same by pipeline and by parameter, and nothing for an empty pipeline' {
        @() | Get-MeshCluster -ErrorAction Stop | Should -BeNullOrEmpty
        @() | Get-RemoteSecret -ErrorAction Stop | Should -BeNullOrEmpty
        $piped = $lab.Clusters | Get-EndpointDiscovery | ForEach-Object { "$_" } | Sort-Object
        Get-EndpointDiscovery $lab.Clusters | ForEach-Object { "$_" } | Sort-Object | Should -Be $piped
        Get-EndpointDiscovery -Context * -Kubeconfig $lab.Kubeconfig | ForEach-Object { "$_" } | Sort-Object | Should -Be $piped
    }
    It 'gives results before the error of a cluster that fails, also under -ErrorAction Stop' {
        Invoke-Fault $lab lab-2 stop
        try {
            $found = [Collections.Generic.List[object]]::new()
            { Get-MeshCluster -Kubeconfig $lab.Kubeconfig -ErrorAction Stop | ForEach-Object { $found.Add($_) } } | Should -Throw -ErrorId 'EndpointUnreachable,*'
            $found.Name | Sort-Object | Should -Be 'lab-1', 'lab-3'
        } finally {
            Invoke-Fault $lab lab-2 start
        }
    }
    It 'emits clusters as they answer, and Select-Object -First ends the rest' {
        Invoke-Fault $lab lab-2 slow --delay 60s
        try {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            (Get-MeshCluster -Kubeconfig $lab.Kubeconfig | Select-Object -First 1).Name | Should -BeIn 'lab-1', 'lab-3'
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 25
        } finally {
            Invoke-Fault $lab lab-2 clear
        }
    }
    It 'gives a cluster no longer than -Timeout' {
        Invoke-Fault $lab lab-2 slow --delay 60s
        try {
            Get-MeshCluster lab-2 -Kubeconfig $lab.Kubeconfig -Timeout 0.2 -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $failure.FullyQualifiedErrorId | Should -BeLike 'MeshWaitTimeout,*'
            "$($failure[0].CategoryInfo.Category)" | Should -Be 'OperationTimeout'
        } finally {
            Invoke-Fault $lab lab-2 clear
        }
    }
    It 'works in ForEach-Object -Parallel' {
        $path, $kubeconfig = $module, $lab.Kubeconfig
        $names = 1..4 | ForEach-Object -Parallel {
            Import-Module $using:path
            (Get-MeshCluster -Kubeconfig $using:kubeconfig -ThrottleLimit 1).Name
        }
        $names.Count | Should -Be 12
    }
    It 'survives JSON and CLIXML' {
        ($lab.Clusters[0] | ConvertTo-Json | ConvertFrom-Json).Name | Should -Be 'lab-1'
        $lab.Clusters[0] | Export-Clixml TestDrive:/cluster.xml
        (Import-Clixml TestDrive:/cluster.xml).Context | Should -Be 'lab-1'
    }
    It 'reads a duration as seconds, with a unit, or as a time span' -ForEach '90', 90, '90s', '1.5m', '00:01:30' {
        $attribute = (Get-Command Get-MeshCluster).Parameters.Timeout.Attributes.Where{ $_ -is [System.Management.Automation.ArgumentTransformationAttribute] }[0]
        $attribute.Transform($null, $_) -as [TimeSpan] | Should -Be ([TimeSpan]::FromSeconds(90))
    }
}
