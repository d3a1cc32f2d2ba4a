BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $lab = Start-TestLab 3
    $first, $second, $third = $lab.Clusters

    # Every error has an id, a category, a target, and says what to do.
    function Assert-Failure {
        param([scriptblock] $Script, [string] $Id, [string] $Category, [string] $Says = '*')
        $failures = @()
        try {
            & $Script -ErrorVariable failures 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object { $failures += $_ }
        } catch {
            $failures += $_
        }
        $failures | Should -Not -BeNullOrEmpty -Because 'there is something wrong'
        $failure = $failures[0]
        $failure.FullyQualifiedErrorId | Should -BeLike "$Id,MeshTools.Cmdlets.*"
        "$($failure.CategoryInfo.Category)" | Should -Be $Category
        $failure.TargetObject | Should -Not -BeNullOrEmpty
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        "$failure" | Should -BeLike $Says
        "$failure" | Should -Not -Match '   at |^\{' -Because 'neither a stack trace nor JSON is for the reader'
    }
}

AfterAll {
    Stop-MeshLab $lab.Lab.Id
}

Describe 'Kubeconfigs' {
    It 'that are missing' {
        Assert-Failure { Get-MeshCluster -Kubeconfig $TestDrive/nope.yaml } KubeconfigNotFound ObjectNotFound '*nope.yaml*'
    }
    It 'that are broken YAML, with line and column' {
        Set-Content TestDrive:/broken.yaml "apiVersion: v1`nkind: Config`nclusters: [ {"
        Assert-Failure { Get-MeshCluster -Kubeconfig TestDrive:/broken.yaml } KubeconfigInvalid ParserError '*broken.yaml: line ?, column ?*'
    }
    It 'without the context, listing those there are' {
        Assert-Failure { Get-MeshCluster nope -Kubeconfig $lab.Kubeconfig } ContextNotFound ObjectNotFound '*nope*lab-1, lab-2, lab-3*'
        Assert-Failure { Get-RemoteSecret -Context nope -Kubeconfig $lab.Kubeconfig } ContextNotFound ObjectNotFound '*nope*lab-1, lab-2, lab-3*'
    }
    It 'one of several, and the others go on' {
        Set-Content TestDrive:/bad.yaml '['
        $found = Get-MeshCluster -Kubeconfig $lab.Kubeconfig -SkipProbe
        $found.Count | Should -Be 3
        @(Get-Item TestDrive:/bad.yaml, $lab.Kubeconfig | Get-MeshCluster -SkipProbe -ErrorAction SilentlyContinue).Count | Should -Be 3
    }
}

Describe 'Credentials' {
    It 'whose plugin is missing, with its install hint' {
        $path = New-TestKubeconfig $TestDrive/plugin.yaml '{ server: "https://127.0.0.1:1" }' '{ exec: { apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, interactiveMode: Never, installHint: "Get it from the cupboard." } }'
        Assert-Failure { Get-MeshCluster -Kubeconfig $path } ExecPluginNotFound NotInstalled '*no-such-plugin*'
        Get-MeshCluster -Kubeconfig $path -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].ErrorDetails.RecommendedAction | Should -BeLike '*cupboard*'
    }
    It 'whose plugin fails' {
        $path = New-TestKubeconfig $TestDrive/failing.yaml '{ server: "https://127.0.0.1:1" }' '{ exec: { apiVersion: client.authentication.k8s.io/v1, command: pwsh, args: ["-NoProfile", "-Command", "exit 3"], interactiveMode: Never } }'
        Assert-Failure { Get-MeshCluster -Kubeconfig $path } ExecPluginFailed AuthenticationError '*pwsh*3*'
    }
    It 'whose token file is empty' {
        Set-Content $TestDrive/empty.token '' -NoNewline
        $path = New-TestKubeconfig $TestDrive/token.yaml '{ server: "https://127.0.0.1:1" }' '{ tokenFile: empty.token }'
        Assert-Failure { Get-MeshCluster -Kubeconfig $path } CredentialUnusable AuthenticationError '*empty.token*'
    }
    It 'that the server refuses' {
        $path = New-TestKubeconfig $TestDrive/refused.yaml "{ server: '$($first.Server)', insecure-skip-tls-verify: true }" '{ token: wrong }'
        Assert-Failure { Get-MeshCluster -Kubeconfig $path } KubeUnauthorized AuthenticationError 'only:*'
    }
}

Describe 'A cluster that <Fault>' -ForEach @(
    @{ Fault = 'stop'; Undo = 'start'; Id = 'EndpointUnreachable'; Category = 'ConnectionError' }
    @{ Fault = 'certificate-wrong-name'; Undo = 'certificate-proper'; Id = 'TlsNameMismatch'; Category = 'SecurityError' }
    @{ Fault = 'certificate-wrong-authority'; Undo = 'certificate-proper'; Id = 'TlsUntrusted'; Category = 'SecurityError' }
    @{ Fault = 'server-error'; Undo = 'clear'; Id = 'KubeServerError'; Category = 'ResourceUnavailable' }
) {
    It 'is one error, and the others are there' {
        Invoke-Fault $lab lab-2 $Fault
        try {
            Assert-Failure { Get-MeshCluster lab-2 -Kubeconfig $lab.Kubeconfig } $Id $Category 'lab-2:*'
            (Get-MeshCluster -Kubeconfig $lab.Kubeconfig -ErrorAction SilentlyContinue -ErrorVariable failure).Name | Sort-Object | Should -Be 'lab-1', 'lab-3'
            $failure.Where{ $_ -is [System.Management.Automation.ErrorRecord] } | Should -HaveCount 1
        } finally {
            Invoke-Fault $lab lab-2 $Undo
        }
    }
}

Describe 'Permissions' {
    It 'that are missing, with verb, resource and user' {
        Invoke-Fault $lab lab-2 forbidden --verb list --resource secrets
        try {
            Assert-Failure { $second | New-RemoteSecret } KubeForbidden PermissionDenied '*list*secrets*'
        } finally {
            Invoke-Fault $lab lab-2 clear
        }
    }
    It 'that only some facts need, are a warning' {
        Invoke-Fault $lab lab-2 forbidden --verb list --resource nodes
        try {
            (Get-MeshCluster lab-2 -Kubeconfig $lab.Kubeconfig -WarningVariable warnings -WarningAction SilentlyContinue).Name | Should -Be 'lab-2'
            "$warnings" | Should -BeLike '*nodes*'
        } finally {
            Invoke-Fault $lab lab-2 clear
        }
    }
}

Describe 'Clusters that cannot be joined' {
    It 'because there are too few' {
        { $first | Enable-EndpointDiscovery } | Should -Throw -ErrorId 'TooFewClusters,*'
        { @() | Enable-EndpointDiscovery } | Should -Throw -ErrorId 'TooFewClusters,*'
    }
    It 'because they are one cluster under two names' {
        $copy = (Get-Content $lab.Kubeconfig -Raw) -replace 'lab-1', 'other'
        Set-Content $TestDrive/copy.yaml $copy
        $before = Get-WriteCount $lab
        Assert-Failure { Get-MeshCluster lab-1, other -Kubeconfig $lab.Kubeconfig, $TestDrive/copy.yaml -ErrorAction Ignore | Enable-EndpointDiscovery } DuplicateCluster InvalidArgument '*copy.yaml*same cluster*'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'because they have one ID' {
        $before = Get-WriteCount $lab
        Assert-Failure { Get-MeshCluster lab-1, lab-2 -Kubeconfig $lab.Kubeconfig -ClusterId same | Enable-EndpointDiscovery } DuplicateClusterId InvalidArgument "*cluster ID 'same'*"
        Get-WriteCount $lab | Should -Be $before
    }
    It 'because the namespace is missing' {
        $bare = Start-TestLab 1 @{ NoControlPlane = $true }
        try {
            Assert-Failure { $bare.Clusters[0] | New-RemoteSecret -Namespace elsewhere } NamespaceNotFound ObjectNotFound '*elsewhere*'
        } finally {
            Stop-MeshLab $bare.Lab.Id
        }
    }
    It 'because they do not get in sync in time' {
        Invoke-Fault $lab lab-3 forbidden --verb list --resource services
        try {
            Assert-Failure { $lab.Clusters | Enable-EndpointDiscovery -Wait -Timeout 0.5 } MeshWaitTimeout OperationTimeout '*lab-3*'
        } finally {
            Invoke-Fault $lab lab-3 clear
        }
    }
    It 'because another field manager holds the secret' {
        $secret = $first | New-RemoteSecret -Server https://api.example.com
        $theirs = $secret.GetManifest()
        $options = [Activator]::CreateInstance($theirs.GetType().Assembly.GetType('MeshTools.Kubernetes.ApplyOptions'))
        $options.FieldManager = 'gitops'
        $options.ForceConflicts = $true
        $null = $second.Connect().ApplyAsync($theirs, $options, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
        Assert-Failure { $first | New-RemoteSecret | Install-RemoteSecret $second } ApplyConflict ResourceBusy '*gitops*'
        $first | New-RemoteSecret | Install-RemoteSecret $second -ForceConflicts -ErrorAction Stop | Should -Not -BeNullOrEmpty
    }
}

Describe 'The catalogue' {
    It 'is described in about_MeshTools_Errors, id by id' {
        $catalogue = $first.GetType().Assembly.GetType('MeshTools.Errors.ErrorCatalog').GetProperty('All').GetValue($null)
        $page = Get-Content (Join-Path $moduleRoot 'en-US/about_MeshTools_Errors.help.txt')
        $described = ($page -match '^  [A-Z]\w+$').Trim()
        $described | Should -Be $catalogue.Id
    }
    It 'uses categories that PowerShell has' {
        $categories = $first.GetType().Assembly.GetType('MeshTools.Errors.MeshErrorCategory').GetEnumNames()
        $categories | ForEach-Object { $_ | Should -BeIn ([Enum]::GetNames([System.Management.Automation.ErrorCategory])) }
    }
}
