<#
.SYNOPSIS
    Reads the pages of docs/guides and the README as programs: which blocks there are, what they need, and what they say comes out. Dot-source it.
.DESCRIPTION
    What a reader does not see stands in HTML comments:

    <!-- lab: names=gke,onprem networks=separate -->   the lab on which the page runs from here; "none" when it starts its own, or runs without
    <!-- do: POWERSHELL -->                            runs at that point of the page, unseen: what readers have, or what befell them
    <!-- needs: google-cloud -->                       the next block runs only where the page's lab has a Google endpoint (google=yes)
    <!-- needs: REASON -->                             the next block does not run: nothing here can serve it
    <!-- fails -->                                     the next block ends with an error, and that is its point
    <!-- varies: REGEX -->                             in the next output, what matches differs from run to run

    <!-- runs: steps -->                               the next ```yaml block is a workflow: its PowerShell steps (run: or pwsh:) run in their order

    A ```powershell block runs, from the top of the page to its end in one session. A ```text block after it is its output. Other languages are not run.
#>

# One item for each powershell block and each hidden step, in the order of the page.
function Read-GuidePage {
    param([string] $Path)
    $text = Get-Content -LiteralPath $Path -Raw
    $page = [pscustomobject]@{
        Path = $Path; Name = [IO.Path]::GetFileNameWithoutExtension($Path); Text = $text; Lab = $null; Steps = [Collections.Generic.List[object]]::new()
    }
    $needs = $null; $fails = $false; $varies = $null; $last = $null; $workflow = $false
    # Fences come first, or a comment within code would count.
    $token = '(?sm)^(?<indent> *)```(?<language>[\w-]*)[^\r\n]*\r?\n(?<code>.*?)^\k<indent>```[ \t]*\r?$|<!--\s*(?<kind>lab|do|needs|fails|varies|runs)\b:?\s*(?<value>.*?)\s*-->'
    foreach ($match in [regex]::Matches($text, $token)) {
        $line = [regex]::Matches($text.Substring(0, $match.Index), '\n').Count + 1
        $value = $match.Groups['value'].Value
        switch ($match.Groups['kind'].Value) {
            'lab' {
                $page.Lab ??= @{}
                (-split $value).ForEach{ $key, $setting = $_ -split '=', 2; $page.Lab[$key] = $setting }
                if ($value -ne 'none') { $page.Steps.Add((New-HiddenStep $line "Start-GuideLab $value")) }
                $last = $null
            }
            'do' { $page.Steps.Add((New-HiddenStep $line $value)); $last = $null }
            'needs' { $needs = $value }
            'fails' { $fails = $true }
            'varies' { $varies = $value }
            'runs' { $workflow = $true }
        }
        $code = $match.Groups['code'].Value -replace "(?m)^$($match.Groups['indent'].Value)", '' -replace '\r?\n$'
        switch ($match.Groups['language'].Value) {
            'powershell' {
                $last = [pscustomobject]@{ Kind = 'Block'; Line = $line; Code = $code; Needs = $needs; Fails = $fails; Output = $null }
                $page.Steps.Add($last)
                $needs = $null; $fails = $false
            }
            'yaml' {
                if (-not $workflow) { continue }
                foreach ($step in Get-WorkflowStep $code) {
                    $run = "Invoke-WorkflowStep @'`n$($step.Code)`n'@"
                    $page.Steps.Add([pscustomobject]@{ Kind = 'Block'; Line = $line + $step.Line; Code = $run; Script = $step.Code; Needs = $needs; Fails = $false; Output = $null })
                }
                $needs = $null; $workflow = $false; $last = $null
            }
            'text' {
                if ($last -and -not $last.Output) {
                    $last.Output = [pscustomobject]@{ Line = $line; Text = $code; Varies = $varies; Group = $match.Groups['code'] }
                }
                $varies = $null
            }
        }
    }
    $page
}

# The PowerShell of a workflow: what is indented below "run: |" or "pwsh: |".
function Get-WorkflowStep {
    param([string] $Code)
    $lines = $Code -split '\r?\n'
    for ($i = 0; $i -lt $lines.Count; $i++) {
        if ($lines[$i] -notmatch '^( *(?:- )?)(run|pwsh): \|$') { continue }
        $indent = $Matches[1].Length
        $body = for ($next = $i + 1; $next -lt $lines.Count -and $lines[$next] -match "^(\s*$| {$($indent + 1)})"; $next++) { $lines[$next] }
        $margin = ($body[0] -replace '\S.*').Length
        [pscustomobject]@{ Line = $i + 1; Code = ($body -replace "^ {0,$margin}" -join "`n").TrimEnd() }
    }
}

function New-HiddenStep {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([int] $Line, [string] $Code)
    [pscustomobject]@{ Kind = 'Hidden'; Line = $Line; Code = $Code; Needs = $null; Fails = $false; Output = $null }
}

# Whether a block runs where its page runs.
function Test-GuideStep {
    param($Page, $Step)
    -not $Step.Needs -or ($Step.Needs -eq 'google-cloud' -and $Page.Lab.google)
}

# Runs a page in a PowerShell of its own; what each step wrote and how it ended comes back.
function Invoke-GuidePage {
    param($Page, [string] $Module, [string] $Folder)
    $null = New-Item -ItemType Directory $Folder -Force
    $job = Join-Path $Folder 'page.json'
    $results = Join-Path $Folder 'results.json'
    $steps = for ($i = 0; $i -lt $Page.Steps.Count; $i++) {
        $step = $Page.Steps[$i]
        @{ Number = $i; Code = $step.Code; Fails = $step.Fails; Runs = [bool] (Test-GuideStep $Page $step) }
    }
    @{ Steps = @($steps); Module = $Module; Folder = (Join-Path $Folder 'work') } | ConvertTo-Json | Set-Content $job

    $start = [Diagnostics.ProcessStartInfo]::new((Get-Process -Id $PID).Path)
    '-NoProfile', '-NonInteractive', '-File', (Join-Path $PSScriptRoot 'GuideRunner.ps1'), $job, $results | ForEach-Object { $start.ArgumentList.Add($_) }
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.Environment['NO_COLOR'] = '1'
    $start.Environment['XDG_DATA_HOME'] = Join-Path $Folder 'data'
    $process = [Diagnostics.Process]::Start($start)
    $errors = $process.StandardError.ReadToEndAsync()
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()

    $written = @{}
    foreach ($part in $output -split '(?m)^::step ' | Select-Object -Skip 1) {
        $number, $rest = $part -split '\r?\n', 2
        $written[[int] $number] = $rest
    }
    $ended = @{}
    if (Test-Path $results) {
        (Get-Content $results | ConvertFrom-Json).ForEach{ $ended[[int] $_.Number] = $_ }
    }
    for ($i = 0; $i -lt $Page.Steps.Count; $i++) {
        [pscustomobject]@{
            Step = $Page.Steps[$i]
            Output = "$($written[$i])"
            Ran = $ended.ContainsKey($i)
            Error = $ended.ContainsKey($i) ? $ended[$i].Error : "not reached. $($errors.Result.Trim())"
        }
    }
}

# The lines of an output without what no two runs have in common: ports, pods, times, fingerprints, the width of columns, the order of clusters.
function Get-GuideLine {
    param([string] $Text, [string] $Varies)
    $Text -split '\r?\n' | ForEach-Object {
        $line = $_
        if ($Varies) { $line = $line -replace $Varies, '~' }
        $line -replace '127\.0\.0\.1:\d+', 'SERVER' -replace '\b\d+\.\d+\.\d+\.\d+\b', 'IP' `
            -replace '-[a-f0-9]{7,10}-[a-z0-9]{5}\b', '-POD' -replace '\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b', 'UID' `
            -replace '(?<![\w.])\d+(\.\d+)? ?(ms|s)\b', 'TIME' -replace '\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?(\.\d+)?Z?)?', 'DATE' `
            -replace '([0-9A-F]{2}:)+[0-9A-F]{2}(\u2026|\.\.\.)?', 'PRINT' -replace '[^\s"'']*[/\\](meshtools|MeshTools)[^\s"'']*[/\\]', 'FOLDER/' `
            -replace '\blab-[0-9a-f]{6}\b', 'LAB' -replace '^[-\s]*-[-\s]*$', '---' -replace '\s+', ' '
    } | ForEach-Object Trim | Where-Object { $_ }
}

# What the page shows and the run did not write, and the other way round. A line of ... leaves out lines.
function Compare-GuideOutput {
    param($Shown, [string] $Written)
    $expected = @(Get-GuideLine $Shown.Text $Shown.Varies)
    $actual = [Collections.Generic.List[string]] @(Get-GuideLine $Written $Shown.Varies)
    foreach ($line in $expected -ne '...') {
        if (-not $actual.Remove($line)) { "shown, not written: $line" }
    }
    if ('...' -notin $expected) {
        foreach ($line in $actual) { "written, not shown: $line" }
    }
}
