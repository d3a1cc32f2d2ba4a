#Requires -Version 7.4
<#
.SYNOPSIS
    Runs the pages of docs/guides and the README, and puts the output that they show to rights.
.DESCRIPTION
    An output that says the same as the run stays as it is. One that does not is replaced; a line of ... in it still ends it, as far down as before.
.EXAMPLE
    ./docs/Update-Guides.ps1 troubleshooting
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # Names of pages; without one, all.
    [string[]] $Name = '*',
    [string] $Module = (Join-Path $PSScriptRoot '../out/MeshTools/MeshTools.psd1')
)

$ErrorActionPreference = 'Stop'
. $PSScriptRoot/../tests/Pester/GuidePages.ps1
$work = Join-Path ([IO.Path]::GetTempPath()) "meshtools-guides-$PID"
try {
    foreach ($file in @(Get-Item $PSScriptRoot/../README.md) + @(Get-ChildItem $PSScriptRoot/guides/*.md)) {
        if (-not $Name.Where{ $file.BaseName -like $_ }) { continue }
        $page = Read-GuidePage $file
        if (-not $page.Steps.Count) { continue }
        $results = @(Invoke-GuidePage $page (Resolve-Path $Module).ProviderPath (Join-Path $work $file.BaseName))
        $text = $page.Text
        # From the end, so that places further up stay where they are.
        for ($i = $results.Count - 1; $i -ge 0; $i--) {
            $result = $results[$i]
            if (-not (Test-GuideStep $page $result.Step)) { continue }
            if ($result.Error) {
                Write-Warning "$($file.Name), line $($result.Step.Line): $($result.Error)"
                continue
            }
            $shown = $result.Step.Output
            if (-not $shown -or -not (Compare-GuideOutput $shown $result.Output)) { continue }
            $lines = @($result.Output -split '\r?\n' | ForEach-Object TrimEnd)
            while ($lines.Count -and -not $lines[0]) { $lines = @($lines | Select-Object -Skip 1) }
            while ($lines.Count -and -not $lines[-1]) { $lines = @($lines | Select-Object -SkipLast 1) }
            $kept = ($shown.Text -split '\r?\n').IndexOf('...')
            if ($kept -ge 0 -and $kept -lt $lines.Count) { $lines = @($lines | Select-Object -First $kept) + '...' }
            $text = $text.Remove($shown.Group.Index, $shown.Group.Length).Insert($shown.Group.Index, ($lines -join "`n") + "`n")
            "$($file.Name), line $($shown.Line): output written anew"
        }
        if ($text -ne $page.Text -and $PSCmdlet.ShouldProcess($file, 'Write')) {
            Set-Content $file $text -NoNewline
        }
    }
} finally {
    Remove-Item $work -Recurse -Force -ErrorAction Ignore
}
