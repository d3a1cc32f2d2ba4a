#Requires -Version 7.4
<#
.SYNOPSIS
    Runs the Pester suite on the module of out/MeshTools, or on another that -Module names. The last line says how it went.
#>
[CmdletBinding()]
param(
    [string] $Module = (Join-Path $PSScriptRoot '../../out/MeshTools/MeshTools.psd1'),
    [string] $ResultFile,
    [string[]] $Path = $PSScriptRoot
)

# Not by #Requires: with it, pwsh -File ends with code 0 whatever the script says (seen with 7.6).
Import-Module Pester -MinimumVersion 5.5 -ErrorAction Stop
$env:MESHTOOLS_MODULE = (Resolve-Path $Module -ErrorAction Stop).ProviderPath
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
if ($ResultFile) {
    $configuration.TestResult.Enabled = $true
    $configuration.TestResult.OutputFormat = 'JUnitXml'
    $configuration.TestResult.OutputPath = $ResultFile
}

$result = Invoke-Pester -Configuration $configuration
# Shared.ps1 keeps the labs' files there.
Remove-Item (Join-Path ([IO.Path]::GetTempPath()) "meshtools-tests-$PID") -Recurse -Force -ErrorAction Ignore
$result.Skipped | ForEach-Object { "skipped: $($_.ExpandedPath)" }
@($result.Failed) + $result.FailedBlocks + $result.FailedContainers | ForEach-Object { "failed: $($_ -is [Pester.Container] ? $_.Item : $_.ExpandedPath)" }
# A file or block that could not even start counts, or its tests would be missed by nobody.
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
"Pester: $($result.PassedCount) passed, $failed failed, $($result.SkippedCount + $result.NotRunCount) skipped"
exit [int] ($failed -gt 0)
