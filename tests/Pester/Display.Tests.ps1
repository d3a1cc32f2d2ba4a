BeforeDiscovery {
    # What a terminal of 80 columns must show, however long the names are. Of the others some may be dropped there, and none at 120.
    $tables = @(
        @{ Table = 'Clusters.MeshCluster'; Must = 'Name', 'Version', 'Network', 'Revision', 'ClusterId' }
        @{ Table = 'Discovery.EndpointDiscoveryLink'; Must = 'Reader', 'Target', 'Change', 'Sync', 'Reason' }
        @{ Table = 'Verify.ConnectivityResult'; Must = 'Source', 'Target', 'Passed', 'Answers', 'P95', 'Reason' }
        @{ Table = 'Verify.CheckResult'; Must = 'Id', 'Severity', 'Cluster', 'Peer', 'Message' }
        @{ Table = 'Trust.MeshCertificate'; Must = 'Name', 'Key', 'Ends', 'Fingerprint', 'Subject' }
        @{ Table = 'Trust.MeshCertificateRequest'; Must = 'Name', 'HasPrivateKey', 'Subject' }
        @{ Table = 'Trust.InstalledCertificate'; Must = 'Cluster', 'Role', 'Authority', 'Days', 'Fingerprint', 'Subject' }
        @{ Table = 'Trust.CertificateInstallationResult'; Must = 'Cluster', 'Change', 'Ends', 'Istiod', 'Subject' }
        @{ Table = 'Trust.RotationResult'; Must = 'Cluster', 'Step', 'Change', 'Roots', 'NextStep' }
        @{ Table = 'Fleet.FleetMembership'; Must = 'Name', 'FleetProject', 'Location', 'State', 'Change', 'Mesh' }
        @{ Table = 'Install.InstallationPrerequisite'; Must = 'Area', 'Change', 'What' }
        @{ Table = 'Revisions.MeshRevision'; Must = 'Cluster', 'Revision', 'Version', 'Ready', 'Tags', 'Namespaces' }
        @{ Table = 'Revisions.MeshRevisionTag'; Must = 'Cluster', 'Tag', 'Revision', 'Change', 'Namespaces' }
        @{ Table = 'Install.ServiceMeshConfiguration'; Must = 'Cluster', 'Revision', 'Files', 'Written', 'Change', 'Path' }
        @{ Table = 'Install.ServiceMeshInstallation'; Must = 'Cluster', 'Revision', 'Version', 'CA', 'Ready', 'Change' }
        @{ Table = 'Packages.ServiceMeshPackage'; Must = 'Release', 'Platforms', 'VerifiedBy', 'Change', 'PackagePath' }
        @{ Table = 'Gateways.ServiceExposure'; Must = 'Cluster', 'Name', 'Change', 'Port', 'ControlPlane', 'Hosts' }
        @{ Table = 'Gateways.EdgeGateway'; Must = 'Cluster', 'Namespace', 'Change', 'Ready', 'Addresses' }
        @{ Table = 'Gateways.EastWestGateway'; Must = 'Cluster', 'Network', 'Ready', 'Address', 'Problem', 'Change' }
        @{ Table = 'Gateways.EastWestGateway 2'; Must = 'Cluster', 'Network', 'Ready', 'Address', 'Problem' }
        @{ Table = 'Injection.SidecarInjection'; Must = 'Cluster', 'Namespace', 'Revision', 'Change', 'RestartNeeded' }
        @{ Table = 'Injection.WorkloadRestart'; Must = 'Cluster', 'Namespace', 'Name', 'Outcome', 'Detail' }
        @{ Table = 'Injection.WorkloadRestart 2'; Must = 'Cluster', 'Namespace', 'Name', 'Outcome', 'Detail' }
        @{ Table = 'Samples.MeshSample'; Must = 'Cluster', 'Namespace', 'Version', 'Client', 'Revision', 'Ready', 'Change' }
        @{ Table = 'Cmdlets.MeshLabCluster'; Must = 'Name', 'Server', 'Listening', 'Requests', 'Writes', 'Faults' }
    )
}

BeforeAll {
    . $PSScriptRoot/Shared.ps1
    . $PSScriptRoot/TableRows.ps1
    $rows = New-TableRow $TestDrive
    # Ten clusters with the long names of GKE.
    $lab = Start-TestLab 10 @{ Platform = 'Gke' }
    $links = $lab.Clusters | Enable-EndpointDiscovery -Wait
    $shown = @{
        clusters = $lab.Clusters
        links    = $links
        matrix   = $lab.Clusters | Get-EndpointDiscovery
        secrets  = $lab.Clusters | Get-RemoteSecret
        labs     = Get-MeshLab
        members  = (Get-MeshLab).Clusters
    }
}

AfterAll {
    Stop-MeshLab $lab.Lab.Id
}

Describe 'The table of <_>' -ForEach 'clusters', 'links', 'matrix', 'secrets', 'labs', 'members' {
    It 'fits into 120 columns' {
        $lines = ($shown[$_] | Out-String -Width 120) -split '\r?\n'
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 120
        $lines | Where-Object { $_ -match '^-{2,}' } | Should -HaveCount 1 -Because 'it is one table'
    }
    It 'cuts no name' {
        $shown[$_] | Out-String -Width 120 | Should -Not -Match ([string] [char] 0x2026)
        $shown[$_] | Out-String -Width 80 | Should -Not -Match ([string] [char] 0x2026)
    }
    It 'has no colour with NO_COLOR' {
        $PSStyle.OutputRendering, $before = 'PlainText', $PSStyle.OutputRendering
        try {
            ($shown[$_] | Out-String -Width 120).Contains([char] 27) | Should -BeFalse
        } finally {
            $PSStyle.OutputRendering = $before
        }
    }
}

Describe 'The table of <Table> with the names of GKE' -ForEach $tables {
    It 'shows what matters in 80 columns' {
        # Of a terminal PowerShell leaves the last column free.
        $lines = ($rows[$Table] | Out-String -Width 79).Trim() -replace '^Cluster: .*\s+' -split '\r?\n'
        $lines[0].Trim() -split ' +' | Select-Object -First $Must.Count | Should -Be $Must
        # A column of a few letters goes down the screen.
        $lines.Count | Should -BeLessOrEqual 8
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 79
    }
    It 'shows every column in 120 columns' {
        $header = ((Get-FormatData "MeshTools.$($Table -replace ' .*')").FormatViewDefinition.Control.Headers.Label)
        $lines = ($rows[$Table] | Out-String -Width 119).Trim() -replace '^Cluster: .*\s+' -split '\r?\n'
        $shown = $lines[0].Trim() -split ' +'
        # A text of any length may take the place of what comes after it.
        if ($Table -notmatch ' 2$') {
            $shown | Should -Be $header
        }
        $Must | Should -BeIn $header
    }
}

Describe 'The tables' {
    It 'of labs names their clusters, and of many the first' {
        $shown['labs'] | Out-String -Width 119 | Should -Match 'lab-1 \+9 '
        New-Row Cmdlets.MeshLabCluster 'one', 'one', ([uri] 'https://127.0.0.1:1'), $true, 0, 0, ([string[]] @()) | Out-String -Width 79 | Should -Match 'one\s+127\.0\.0\.1:1\s+True'
    }
    It 'are all tried with long names' {
        $ours = (Get-FormatData MeshTools.*).TypeNames -replace '^MeshTools\.' | Where-Object { $_ -notin 'Verify.MeshConnectivity', 'Discovery.RemoteSecret', 'Cmdlets.MeshLab' } | Sort-Object
        $rows.Keys -replace ' .*' | Sort-Object -Unique | Should -Be $ours
    }
    It 'of connectivity is itself where it follows another table' {
        $result = $rows['Verify.ConnectivityResult']
        $cluster = $rows['Clusters.MeshCluster']
        $lists = [Collections.Generic.List`1]
        $results = [activator]::CreateInstance($lists.MakeGenericType($result.GetType()))
        $results.Add($result)
        $clusters = [activator]::CreateInstance($lists.MakeGenericType($cluster.GetType()))
        $clusters.Add($cluster)
        $matrix = New-Row Verify.MeshConnectivity 'helloworld', $clusters, $results
        $text = $rows['Clusters.MeshCluster'], $matrix, $rows['Clusters.MeshCluster'] | Out-String -Width 79
        $text | Should -Match 'FAILED: .*\n'
        $text | Should -Match 'GatewayAddress: the\s+gateway'
        $text | Should -Not -Match 'Unreadable'
    }
}

Describe 'Progress' {
    It 'is always completed' {
        $shell = [powershell]::Create().AddScript("Import-Module '$module'; Get-MeshCluster -Kubeconfig '$($lab.Kubeconfig)' | Enable-EndpointDiscovery")
        try {
            $null = $shell.Invoke()
            $activities = $shell.Streams.Progress | Group-Object Activity
            $activities | Should -Not -BeNullOrEmpty
            foreach ($activity in $activities) {
                "$($activity.Group[-1].RecordType)" | Should -Be 'Completed'
            }
        } finally {
            $shell.Dispose()
        }
    }
    It 'is also on Verbose' {
        $lines = $lab.Clusters | Enable-EndpointDiscovery -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        "$lines" | Should -Match 'Unchanged'
    }
}
