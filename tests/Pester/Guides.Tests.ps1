BeforeDiscovery {
    . $PSScriptRoot/GuidePages.ps1
    $repository = Resolve-Path $PSScriptRoot/../..
    $pages = @(Get-Item "$repository/README.md") + @(Get-ChildItem "$repository/docs/guides/*.md")
    $cases = foreach ($path in $pages) {
        $page = Read-GuidePage $path
        $steps = for ($i = 0; $i -lt $page.Steps.Count; $i++) {
            $step = $page.Steps[$i]
            @{ Number = $i; Line = $step.Line; Step = $step; Skipped = -not (Test-GuideStep $page $step); Why = $step.Needs ? " (needs $($step.Needs))" : '' }
        }
        @{ Name = $page.Name; Path = $path.FullName; Steps = @($steps).Where{ $_.Step.Kind -eq 'Block' }; HasBlocks = $page.Steps.Count -gt 0 }
    }
}

BeforeAll {
    . $PSScriptRoot/Shared.ps1
    . $PSScriptRoot/GuidePages.ps1
    $repository = (Resolve-Path $PSScriptRoot/../..).Path
    # Where commands of MeshTools stand in PowerShell, with parameters.
    function Get-UnknownWord {
        param([string] $Code)
        $syntax = $null
        $tree = [Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $syntax)
        $syntax.ForEach{ "line $($_.Extent.StartLineNumber): $($_.Message)" }
        foreach ($call in $tree.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)) {
            $name = $call.GetCommandName()
            $command = $name ? (Get-Command $name -ErrorAction Ignore) : $null
            if ($name -match '^[A-Z]\w+-[A-Z]\w+$' -and -not $command) { "there is no $name" }
            if ($command.ModuleName -ne 'MeshTools') { continue }
            foreach ($parameter in $call.CommandElements.Where{ $_ -is [Management.Automation.Language.CommandParameterAst] }) {
                try { $null = $command.ResolveParameter($parameter.ParameterName) } catch { "$name has no -$($parameter.ParameterName)" }
            }
        }
    }
}

AfterAll {
    Stop-MeshLab
}

Describe 'The page <Name>' -ForEach $cases {
    BeforeAll {
        $page = Read-GuidePage $Path
        if ($HasBlocks) {
            $results = @(Invoke-GuidePage $page (Resolve-Path $module).ProviderPath (Join-Path $TestDrive "meshtools-$Name"))
        }
    }
    It 'says on which lab it runs' {
        if ($HasBlocks) { $page.Lab | Should -Not -BeNullOrEmpty }
    }
    It 'names only commands and parameters that there are' {
        @($page.Steps).Where{ $_.Kind -eq 'Block' }.ForEach{ Get-UnknownWord ($_.Script ?? $_.Code) } | Should -BeNullOrEmpty
        $prose = [regex]::Replace($page.Text, '(?sm)^ *```.*?^ *```', '')
        $verbs = (Get-Verb).Verb -join '|'
        $named = [regex]::Matches($prose, "``((?:$verbs)-[A-Z]\w+)[^``]*``").ForEach{ $_.Groups[1].Value } | Sort-Object -Unique
        # PSResourceGet comes with PowerShell, but not with every build of it.
        $named.Where{ $_ -notlike '*-PSResource' -and -not (Get-Command $_ -ErrorAction Ignore) } | Should -BeNullOrEmpty
    }
    It 'has links that lead somewhere' {
        $links = [regex]::Matches($page.Text, '\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)').ForEach{ $_.Groups[1].Value }
        $links.Where{ -not (Test-Path -LiteralPath (Join-Path (Split-Path $Path) $_)) } | Should -BeNullOrEmpty
    }
    It 'runs from the top: line <Line><Why>' -ForEach $Steps {
        if ($Skipped) { Set-ItResult -Skipped -Because $Step.Needs }
        $results[$Number].Error | Should -BeNullOrEmpty
    }
    It 'shows what comes out: line <Line>' -ForEach $Steps.Where{ $_.Step.Output -and -not $_.Skipped } {
        Compare-GuideOutput $Step.Output $results[$Number].Output | Should -BeNullOrEmpty
    }
    It 'has no hidden step that fails' {
        if ($HasBlocks) {
            $results.Where{ $_.Step.Kind -eq 'Hidden' -and $_.Error }.ForEach{ "line $($_.Step.Line): $($_.Error)" } | Should -BeNullOrEmpty
        }
    }
}
