#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Runs the commands of session.txt on a lab, and draws what they really print as terminal.svg: a terminal that is typed into, at the speed at which the commands ran.
.PARAMETER Module
    The module; without it that of out/MeshTools.
.PARAMETER Path
    The picture.
#>
[CmdletBinding(SupportsShouldProcess)]
[OutputType([IO.FileInfo])]
param(
    [string] $Module = (Join-Path $PSScriptRoot '../../out/MeshTools/MeshTools.psd1'),
    [string] $Path = (Join-Path $PSScriptRoot 'terminal.svg')
)

$ErrorActionPreference = 'Stop'
$columns, $wide, $high, $margin = 88, 8.4, 19, 22
$typing, $pause, $line = 0.032, 0.7, 0.05

# Runs the commands in one session; of each its own lines, as a terminal shows them, and its seconds.
function Invoke-Session {
    param([string[]] $Command)
    $ConfirmPreference, $ProgressPreference, $rendering = 'None', 'SilentlyContinue', $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'Ansi'
    $folder = New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "meshtools-picture-$PID")
    Push-Location $folder
    try {
        foreach ($text in $Command) {
            if ($text.Length -gt $columns - 4) {
                throw "This command is wider than the picture: $text"
            }

            $clock = [Diagnostics.Stopwatch]::StartNew()
            $said = . ([scriptblock]::Create($text)) | Out-String -Stream -Width $columns
            [pscustomobject]@{ Command = $text; Seconds = $clock.Elapsed.TotalSeconds; Lines = @((@($said) -join "`n").Trim("`n") -split "`n") }
        }
    } finally {
        Pop-Location
        Stop-MeshLab -ErrorAction Ignore
        Remove-Item $folder -Recurse
        $PSStyle.OutputRendering = $rendering
    }
}

function ConvertTo-XmlText {
    param([string] $Text)
    [Security.SecurityElement]::Escape($Text)
}

# A piece of text at a column: its width is set, so that columns stand under each other in any font.
function Format-Run {
    param([string] $Text, [int] $Column, [string] $Class)
    if ($Text.Trim()) {
        $start = $Text.Length - $Text.TrimStart().Length
        $own = $Text.Trim()
        $kind = $Class ? (' class="{0}"' -f $Class) : ''
        '<tspan x="{0:0.#}" textLength="{1:0.#}"{2}>{3}</tspan>' -f ($margin + ($Column + $start) * $wide), ($own.Length * $wide), $kind, (ConvertTo-XmlText $own)
    }
}

# A line with its colours (SGR 0, 1, 30 to 37 and 90 to 97), as runs of one class each.
function Format-Line {
    param([string] $Text)
    $class, $column = '', 0
    foreach ($part in [regex]::Matches($Text, "`e\[(?<codes>[0-9;]*)m|(?<text>[^`e]+)")) {
        if ($part.Groups['text'].Success) {
            # A run with wide gaps is several, each where it stands.
            foreach ($word in [regex]::Matches($part.Groups['text'].Value, '\S+( \S+)*')) {
                Format-Run $word.Value ($column + $word.Index) $class
            }
            $column += $part.Groups['text'].Length
        } else {
            $codes = $part.Groups['codes'].Value -split ';' | Where-Object { $_ }
            $class = ($codes | Where-Object { $_ -ne '0' } | ForEach-Object { "c$_" }) -join ' '
        }
    }
}

if (-not $PSCmdlet.ShouldProcess($Path, 'Record a session')) {
    return
}

Import-Module $Module
$session = Invoke-Session (Get-Content (Join-Path $PSScriptRoot 'session.txt'))
$rows = [Collections.Generic.List[string]]::new()
$row, $at = 0, 0.4
foreach ($step in $session) {
    $y = 62 + $row * $high
    $seconds = [Math]::Round($step.Command.Length * $typing, 2)
    $rows.Add("<text y=`"$y`" style=`"animation:show .01s $($at)s both`">$(Format-Run 'PS>' 0 'prompt')</text>")
    $rows.Add("<text y=`"$y`" style=`"animation:type $($seconds)s steps($($step.Command.Length)) $($at)s both`">$(Format-Run $step.Command 4 'typed')</text>")
    $at = [Math]::Round($at + $seconds + $step.Seconds, 2)
    $row++
    foreach ($text in $step.Lines) {
        if ($runs = Format-Line $text.TrimEnd()) {
            $rows.Add("<text y=`"$(62 + $row * $high)`" style=`"animation:show .01s $($at)s both`">$(-join $runs)</text>")
        }

        $at = [Math]::Round($at + $line, 2)
        $row += [int] [bool] ($step.Lines.Count -gt 1 -or $text)
    }

    $row += [int] ($step.Lines.Count -gt 1)
    $at = [Math]::Round($at + $pause, 2)
}

$width, $height = [Math]::Ceiling(2 * $margin + $columns * $wide), (62 + $row * $high)
$said = @($session.ForEach{ "PS> $($_.Command)"; $_.Lines -replace "`e\[[0-9;]*m" }) -join "`n"
@"
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" width="$width" height="$height" role="img" aria-labelledby="title said">
<title id="title">A PowerShell session with MeshTools on a lab of three clusters</title>
<desc id="said">$(ConvertTo-XmlText $said)</desc>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#d5dbe5;white-space:pre}
.prompt{fill:#6ea8ff}.typed{fill:#fff;font-weight:600}
.c1{font-weight:700}.c31,.c91{fill:#ff6b78}.c32,.c92{fill:#5fd08a}.c33,.c93{fill:#f0c04a}.c34,.c94{fill:#6ea8ff}.c35,.c95{fill:#d59bf6}.c36,.c96{fill:#5ccfd6}.c37,.c97{fill:#fff}.c90{fill:#8b95a5}
@keyframes show{from{opacity:0}to{opacity:1}}
@keyframes type{from{clip-path:inset(-4px 100% -4px 0)}to{clip-path:inset(-4px 0 -4px 0)}}
@media (prefers-reduced-motion:reduce){text{animation:none!important}}
</style>
<rect width="$width" height="$height" rx="12" fill="#10151d"/>
<path d="M0 12A12 12 0 0 1 12 0H$($width - 12)A12 12 0 0 1 $width 12V34H0z" fill="#1c232e"/>
<circle cx="22" cy="17" r="6" fill="#ff5f57"/><circle cx="42" cy="17" r="6" fill="#febc2e"/><circle cx="62" cy="17" r="6" fill="#28c840"/>
<text x="$($width / 2)" y="22" text-anchor="middle" style="font-size:13px;fill:#8b95a5">pwsh</text>
$($rows -join "`n")
</svg>
"@.ReplaceLineEndings("`n") | Set-Content -LiteralPath $Path
Get-Item -LiteralPath $Path
