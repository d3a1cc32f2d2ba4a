<#
.SYNOPSIS
    What the tests have in common. Dot-source it in BeforeAll.
#>
$module = $env:MESHTOOLS_MODULE ? $env:MESHTOOLS_MODULE : (Join-Path $PSScriptRoot '../../out/MeshTools/MeshTools.psd1')
Import-Module $module
$moduleRoot = Split-Path (Resolve-Path $module).ProviderPath
# Labs of tests are apart from those of the one who runs them.
$env:XDG_DATA_HOME = Join-Path ([IO.Path]::GetTempPath()) "meshtools-tests-$PID"
$env:KUBECONFIG = Join-Path $env:XDG_DATA_HOME 'no-such-kubeconfig'
$ProgressPreference = 'SilentlyContinue'

# The lab of a file's own, with the file from which its program is commanded.
function Start-TestLab {
    [CmdletBinding()]
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([int] $ClusterCount = 3, [hashtable] $With = @{})
    $before = @((Get-MeshLab).Id)
    $clusters = Start-MeshLab -ClusterCount $ClusterCount @With
    $lab = Get-MeshLab | Where-Object Id -NotIn $before
    [pscustomobject]@{ Clusters = $clusters; Lab = $lab; Kubeconfig = $lab.Kubeconfig }
}

# Invoke-Fault $lab lab-2 slow --delay 60s
function Invoke-Fault {
    param($TestLab, [string] $Cluster, [string] $Kind, [Parameter(ValueFromRemainingArguments)] [string[]] $Options)
    $before = $global:LASTEXITCODE
    $said = dotnet (Join-Path $moduleRoot 'lab/MeshTools.Lab.dll') fault $Cluster $Kind @Options --lab $TestLab.Lab.StateFile 2>&1
    if ($LASTEXITCODE -ne 0) {
        throw "fault $Cluster $Kind failed: $said"
    }
    $global:LASTEXITCODE = $before
}

function Get-WriteCount {
    param($TestLab)
    ((Get-MeshLab $TestLab.Lab.Id).Clusters | Measure-Object Writes -Sum).Sum
}

# Runs a script in a PowerShell of its own.
function Invoke-Child {
    param([string] $Script, [hashtable] $Environment = @{})
    $start = [Diagnostics.ProcessStartInfo]::new((Get-Process -Id $PID).Path)
    '-NoProfile', '-NonInteractive', '-Command', $Script | ForEach-Object { $start.ArgumentList.Add($_) }
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $Environment.GetEnumerator() | ForEach-Object { $start.Environment[$_.Key] = $_.Value }
    $process = [Diagnostics.Process]::Start($start)
    $errors = $process.StandardError.ReadToEndAsync()
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    [pscustomobject]@{ Output = $output.Trim(); Error = $errors.Result.Trim(); ExitCode = $process.ExitCode }
}

# A kubeconfig with one context "only", made of a cluster and a user as YAML flow mappings.
function New-TestKubeconfig {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Path, [string] $Cluster, [string] $User = '{}', [string] $Context = 'only')
    Set-Content $Path @"
apiVersion: v1
kind: Config
current-context: '$Context'
clusters: [{ name: c, cluster: $Cluster }]
users: [{ name: u, user: $User }]
contexts: [{ name: '$Context', context: { cluster: c, user: u } }]
"@
    $Path
}
