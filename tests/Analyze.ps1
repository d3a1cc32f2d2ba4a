#Requires -Version 7.4
#Requires -Modules PSScriptAnalyzer
<#
.SYNOPSIS
    Analyses every PowerShell file of the repository and ends with 1 when there is a finding.
#>
$root = Split-Path $PSScriptRoot
$files = Get-ChildItem $root -Recurse -File -Include *.ps1, *.psm1, *.psd1, *.ps1xml |
    Where-Object FullName -NotMatch '[\\/](out|bin|obj|TestResults)[\\/]'
$findings = $files | ForEach-Object { Invoke-ScriptAnalyzer -Path $_.FullName -Settings (Join-Path $PSScriptRoot 'ScriptAnalyzerSettings.psd1') }
$findings | Format-Table RuleName, Severity, ScriptName, Line, Message -Wrap | Out-Host
Write-Output "$(@($files).Count) files, $(@($findings).Count) findings"
exit [int] [bool] $findings
