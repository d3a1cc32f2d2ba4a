<#
.SYNOPSIS
    Runs the code blocks of a page, one after another in one session, as a reader would, and says of each what went wrong. It runs in a PowerShell of its own.
.DESCRIPTION
    A block of PowerShell (```powershell) runs. What follows the word on that line says that it cannot:

        ```powershell google-cloud     needs Google Cloud
        ```powershell clusters         needs clusters that no lab can stand in for

    What a reader of the page has already, and the page need not show, is made by a comment in the page, which is code too and runs in its place:

        <!-- setup
        Start-MeshLab 2 -SeparateNetwork -OutKubeconfig gke.yaml
        -->

    A page begins in an empty folder with no kubeconfig; the module is found by its name, nothing is asked, and labs of the page end with it.
#>
[CmdletBinding()]
param([string] $Page, [string] $Module, [string] $Result)

# The blocks of a page in their order: Kind (powershell or setup), Needs (google-cloud, clusters or nothing), Line and Code.
function Get-DocBlock {
    [CmdletBinding()]
    param([string] $Path)
    $text = (Get-Content -LiteralPath $Path -Raw).ReplaceLineEndings("`n")
    [regex]::Matches($text, '(?ms)^(?<indent>[ ]*)```powershell[ ]*(?<needs>[\w-]*)[ ]*\n(?<code>.*?)\n\k<indent>```[ ]*$|^<!-- setup\n(?<setup>.*?)\n-->').ForEach{
        $indent = $_.Groups['indent'].Value
        [pscustomobject]@{
            Kind  = $_.Groups['setup'].Success ? 'setup' : 'powershell'
            Needs = $_.Groups['needs'].Value
            Line  = ($text.Substring(0, $_.Index) -split "`n").Count
            Code  = $_.Groups['setup'].Success ? $_.Groups['setup'].Value : ($_.Groups['code'].Value -replace "(?m)^$indent")
        }
    }
}

if (-not $Page) {
    return
}

# Not imported: a page may do that.
$env:PSModulePath = (Split-Path (Split-Path (Resolve-Path -LiteralPath $Module).ProviderPath)) + [IO.Path]::PathSeparator + $env:PSModulePath
$ConfirmPreference = 'None'
$ProgressPreference = 'SilentlyContinue'
$said = [Collections.Generic.List[object]]::new()
try {
    foreach ($block in Get-DocBlock $Page) {
        if ($block.Needs) {
            continue
        }

        $Error.Clear()
        $problem = $null
        try {
            # In this scope, so that the next block has its variables.
            . ([scriptblock]::Create("`$ErrorActionPreference = 'Stop'`n$($block.Code)")) | Out-String | Out-Null
        } catch {
            $problem = "$_ $($_.ErrorDetails.RecommendedAction)"
        }

        $said.Add([pscustomobject]@{ Line = $block.Line; Problem = $problem ?? ($Error.Count -gt 0 ? "$($Error[0])" : $null) })
        ConvertTo-Json @($said) | Set-Content -LiteralPath $Result
    }
} finally {
    Stop-MeshLab -ErrorAction Ignore
}
