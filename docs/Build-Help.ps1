#Requires -Version 7.4
#Requires -Modules Microsoft.PowerShell.PlatyPS
<#
.SYNOPSIS
    Compiles docs/cmdlets into the help that PowerShell reads, and copies the about pages beside it.
.PARAMETER Destination
    Where to; without it module/en-US, which is committed because not every machine that builds has PlatyPS.
#>
[CmdletBinding()]
param([string] $Destination = (Join-Path $PSScriptRoot '../module/en-US'))

$ErrorActionPreference = 'Stop'
$work = Join-Path ([IO.Path]::GetTempPath()) "meshtools-help-$PID"
try {
    $pages = Get-ChildItem $PSScriptRoot/cmdlets/*.md | Sort-Object Name
    $compiled = $pages | Import-MarkdownCommandHelp | Export-MamlCommandHelp -OutputFolder $work -Force
    $null = New-Item $Destination -ItemType Directory -Force
    # The same text on every platform, so that a comparison shows what has changed.
    $text = (Get-Content $compiled.FullName -Raw) -replace "`r`n", "`n"
    Set-Content (Join-Path $Destination $compiled.Name) $text.TrimEnd() -Encoding utf8NoBOM
    Copy-Item $PSScriptRoot/about/about_*.help.txt $Destination
} finally {
    Remove-Item $work -Recurse -Force -ErrorAction Ignore
}
