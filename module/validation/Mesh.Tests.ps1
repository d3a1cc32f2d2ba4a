#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.5' }
<#
.SYNOPSIS
    Checks a mesh of several clusters: whether they answer, are configured to fit each other, read each other, trust each other, and call each other. Writes nothing.
.EXAMPLE
    $suite = Join-Path (Get-Module MeshTools -ListAvailable)[0].ModuleBase validation/Mesh.Tests.ps1
    Invoke-Pester -Container (New-PesterContainer -Path $suite -Data @{ Context = 'prod-*' }) -Output Detailed
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', '')]
param(
    # Kubeconfig files; without them those of KUBECONFIG, or ~/.kube/config.
    [string[]] $Kubeconfig,

    # Contexts; wildcards are allowed. Each is a cluster of the mesh.
    [string[]] $Context = '*',

    # Names of the clusters whose control planes read the others; without it each reads each.
    [string[]] $Primary,

    # A certificate that ends within so many days fails its test.
    [int] $WarnDays = 30,

    # The control planes' namespace.
    [string] $Namespace = 'istio-system',

    # Also calls, from each cluster to each: of the Service helloworld that Install-MeshSample makes, in this namespace.
    [switch] $Calls,
    [string] $CallNamespace = 'sample',

    # How many clusters are asked at a time.
    [int] $ThrottleLimit = 32
)

BeforeDiscovery {
    if (-not (Get-Module MeshTools)) { Import-Module (Join-Path $PSScriptRoot '../MeshTools.psd1') }
    $from = @{ Context = $Context }
    if ($Kubeconfig) { $from.Kubeconfig = $Kubeconfig }
    # Only files are read here: tests have the names of all clusters, also of those that will not answer.
    $names = @(Get-MeshCluster @from -SkipProbe -ErrorAction Stop).Name | Sort-Object
    $clusters = $names.ForEach{ @{ Name = $_ } }
    $pairs = foreach ($reader in $Primary ? $Primary : $names) {
        foreach ($target in $names -ne $reader) { @{ Reader = $reader; Target = $target } }
    }
    $ways = foreach ($source in $Calls ? $names : @()) {
        foreach ($target in $names) { @{ Source = $source; Target = $target } }
    }
}

BeforeAll {
    if (-not (Get-Module MeshTools)) { Import-Module (Join-Path $PSScriptRoot '../MeshTools.psd1') }
    $ProgressPreference = 'SilentlyContinue'
    $from = @{ Context = $Context; Namespace = $Namespace; ThrottleLimit = $ThrottleLimit; ErrorAction = 'SilentlyContinue' }
    if ($Kubeconfig) { $from.Kubeconfig = $Kubeconfig }
    $mesh = @(Get-MeshCluster @from -ErrorVariable unanswered -WarningAction Ignore)
    $with = @{ Namespace = $Namespace; ThrottleLimit = $ThrottleLimit; ErrorAction = 'SilentlyContinue'; WarningAction = 'Ignore' }
    $installations = @($mesh | Get-ServiceMesh @with)
    $links = @($mesh | Get-EndpointDiscovery @with)
    $findings = @($mesh | Test-MeshTrust @with -WarnDays $WarnDays)
    $manyNetworks = @($mesh.Network | Sort-Object -Unique).Count -gt 1
    $gateways = $manyNetworks ? @($mesh | Get-EastWestGateway -ThrottleLimit $ThrottleLimit -ErrorAction SilentlyContinue -WarningAction Ignore) : @()
    $calls = $Calls ? @($mesh | Test-MeshConnectivity -Namespace $CallNamespace -ControlPlaneNamespace $Namespace -PassThru -ThrottleLimit $ThrottleLimit -ErrorAction SilentlyContinue -WarningAction Ignore) : @()

    # What is wrong, and what to do about it, as the words of a failing test.
    function Assert-Nothing {
        param([string[]] $Trouble)
        if ($Trouble) { throw $Trouble -join "`n" }
    }
    function Select-Answering {
        param([string[]] $Name)
        foreach ($one in $Name -notmatch '^$') {
            if ($one -notin $mesh.Name) { Set-ItResult -Skipped -Because "$one does not answer" }
        }
    }
    function Format-Finding {
        param([Parameter(ValueFromPipeline)] $Finding)
        process { "$($Finding.Id): $($Finding.Message)$($Finding.Fix ? "`n  What to do: $($Finding.Fix)" : '')" }
    }
}

Describe 'Cluster <Name>' -ForEach $clusters {
    It 'answers' {
        Assert-Nothing ($unanswered.Where{ "$($_.TargetObject)" -eq $Name -or "$_".StartsWith("${Name}:") }.ForEach{
                "$_`n  What to do: $($_.ErrorDetails.RecommendedAction)"
            } | Sort-Object -Unique)
        $Name | Should -BeIn $mesh.Name
    }
    It 'has a control plane that is ready' {
        Select-Answering $Name
        $here = @($installations.Where{ $_.Cluster.Name -eq $Name })
        Assert-Nothing $(if (-not $here) { "no istiod in namespace $Namespace`n  What to do: install one, or name its namespace with -Data @{ Namespace = ... }" })
        Assert-Nothing $here.Where{ -not $_.Ready }.ForEach{ "revision $($_.Revision): $($_.ReadyReplicas) of $($_.Replicas) replicas are ready. $($_.Conditions -join '; ')" }
    }
    It 'has a cluster ID of its own' {
        Select-Answering $Name
        $id = $mesh.Where{ $_.Name -eq $Name }.ClusterId
        $others = $mesh.Where{ $_.Name -ne $Name -and $_.ClusterId -eq $id }.Name
        Assert-Nothing $(if ($others) { "$($others -join ', ') says of itself that it is $id, too; istiod ignores one of them" })
    }
    It 'is in the mesh of the others' {
        Select-Answering $Name
        $id = $mesh.Where{ $_.Name -eq $Name }.MeshId
        $most = ($mesh | Group-Object MeshId | Sort-Object Count -Descending)[0].Name
        Assert-Nothing $(if ($id -ne $most) { "its mesh ID is `"$id`", that of most others `"$most`"" })
    }
    It 'has an east-west gateway, as clusters of several networks need one' {
        Select-Answering $Name
        if (-not $manyNetworks) { Set-ItResult -Skipped -Because 'all clusters are in one network' }
        $here = @($gateways.Where{ $_.Cluster.Name -eq $Name })
        Assert-Nothing $(if (-not $here) { "no east-west gateway`n  What to do: New-EastWestGateway $Name -Wait | Publish-MeshService" })
        Assert-Nothing $here.Where{ -not $_.Ready }.ForEach{ "$($_.Namespace)/$($_.Name) is not ready. $($_.Problems -join '; ')" }
    }
    It 'trusts the others, and they trust it' {
        Select-Answering $Name
        Assert-Nothing ($findings.Where{ $_.Cluster.Name -eq $Name -and $_.Severity -eq 'Error' -and $_.Id -ne 'MT303' } | Format-Finding)
    }
    It "has certificates for $WarnDays days to come" {
        Select-Answering $Name
        Assert-Nothing ($findings.Where{ $_.Cluster.Name -eq $Name -and $_.Severity -ne 'Pass' -and $_.Id -eq 'MT303' } | Format-Finding)
    }
}

Describe 'Endpoint discovery' {
    It '<Reader> reads <Target>' -ForEach $pairs {
        Select-Answering $Reader, $Target
        $link = $links.Where{ $_.Reader.Name -eq $Reader -and $_.Target.Name -eq $Target }[0]
        Assert-Nothing $(if ($link.SyncStatus -ne 'synced') {
                "$($link.SyncStatus)$($link.SyncStatus -and $link.Reason ? ': ' : '')$($link.Reason)`n  What to do: Get-MeshCluster | Enable-EndpointDiscovery -Wait makes what is missing"
            })
    }
}

Describe 'Calls' -Skip:(-not $Calls) {
    It '<Source> calls <Target>' -ForEach $ways {
        Select-Answering $Source, $Target
        $way = $calls.Where{ $_.Source.Name -eq $Source -and $_.Target.Name -eq $Target }[0]
        Assert-Nothing $(if (-not $way) {
                "nobody called: no client, or no Service helloworld, in namespace $CallNamespace`n  What to do: Get-MeshCluster | Install-MeshSample"
            } elseif (-not $way.Passed) {
                "$($way.FailingHop): $($way.Reason)$($way.Fix ? "`n  What to do: $($way.Fix)" : '')"
            })
    }
}
