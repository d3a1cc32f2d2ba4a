#Requires -Version 7.4
<#
.SYNOPSIS
    Analyses every PowerShell file of the repository and ends with 1 when there is a finding.
#>
# '#Requires -Modules' would have 'pwsh -File' end with 0 whatever 'exit' says.
Import-Module PSScriptAnalyzer -ErrorAction Stop
$root = Split-Path $PSScriptRoot
$files = Get-ChildItem $root -Recurse -File -Include *.ps1, *.psm1, *.psd1, *.ps1xml |
    Where-Object FullName -NotMatch '[\\/](out|bin|obj|TestResults)[\\/]'
$findings = $files | ForEach-Object { Invoke-ScriptAnalyzer -Path $_.FullName -Settings (Join-Path $PSScriptRoot 'ScriptAnalyzerSettings.psd1') }
$findings | ForEach-Object { Write-Output "$($_.ScriptName):$($_.Line): $($_.RuleName): $($_.Message)" }
Write-Output "$(@($files).Count) files, $(@($findings).Count) findings"
exit [int] [bool] $findings
