BeforeDiscovery {
    . $PSScriptRoot/Shared.ps1
    $commands = (Get-Command -Module MeshTools).Name
    $modules = @(
        @{ Other = 'Pester' }
        if (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS) { @{ Other = 'Microsoft.PowerShell.PlatyPS' } }
    )
}

BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $repository = Resolve-Path $PSScriptRoot/../..
    $import = "Import-Module '$module'"
    $loaded = '[AppDomain]::CurrentDomain.GetAssemblies().GetName().Name'
    # Reads a kubeconfig, so that the libraries have to be there.
    $kubeconfig = New-TestKubeconfig (Join-Path $TestDrive 'use.yaml') '{ server: "https://127.0.0.1:1" }'
    $use = "Get-MeshCluster -SkipProbe -Kubeconfig '$kubeconfig' | ForEach-Object Name"
}

Describe 'The manifest' {
    It 'is valid' {
        Test-ModuleManifest $module | Should -Not -BeNullOrEmpty
    }
    It 'has the version of the assemblies' {
        $version = [version] (Import-PowerShellDataFile $module).ModuleVersion
        foreach ($name in 'MeshTools.Cmdlets.dll', 'lib/MeshTools.Core.dll', 'lib/MeshTools.Kubernetes.dll', 'lab/MeshTools.Lab.dll') {
            $assembly = [Reflection.AssemblyName]::GetAssemblyName((Join-Path $moduleRoot $name)).Version
            [version] "$($assembly.Major).$($assembly.Minor).$($assembly.Build)" | Should -Be $version
        }
    }
    It 'exports the cmdlets that there are, and nothing else' {
        $data = Import-PowerShellDataFile $module
        $classes = (Get-Command -Module MeshTools)[0].ImplementingType.Assembly.GetExportedTypes().
            Where{ [System.Management.Automation.Cmdlet].IsAssignableFrom($_) -and -not $_.IsAbstract }
        $names = $classes.ForEach{ $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)[0].ForEach{ "$($_.VerbName)-$($_.NounName)" } }
        $data.CmdletsToExport | Should -Be ($names | Sort-Object)
        $data.FunctionsToExport + $data.AliasesToExport + $data.VariablesToExport | Should -BeNullOrEmpty
    }
    It 'makes a module of at most 8 MB; a package of it has its own limit' {
        (Get-ChildItem $moduleRoot -Recurse -File | Measure-Object Length -Sum).Sum | Should -BeLessOrEqual 8MB
    }
}

Describe 'Command <_>' -ForEach $commands {
    BeforeAll {
        $command = Get-Command $_
        $type = $command.ImplementingType
    }
    It 'has an approved verb and a class of its name' {
        $command.Verb | Should -BeIn (Get-Verb).Verb
        $type.Name | Should -Be ($command.Name.Replace('-', '') + 'Command')
        $type.IsSealed | Should -BeTrue
    }
    It 'describes each parameter' {
        $type.GetProperties().Where{ $_.GetCustomAttributes([System.Management.Automation.ParameterAttribute], $true) }.ForEach{
            $_.GetCustomAttributes([System.Management.Automation.ParameterAttribute], $true).HelpMessage | Should -Not -BeNullOrEmpty -Because "-$($_.Name) needs one"
        }
    }
    It 'has -WhatIf when it changes anything' {
        $changes = $command.Verb -notin 'Get', 'Test', 'Import'
        $command.Parameters.ContainsKey('WhatIf') | Should -Be $changes
    }
    It 'has help with two examples, for each parameter, input and output' {
        $help = Get-Help $command.Name -Full
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -Match "^\s*$($command.Name)"
        $help.description.Text | Should -Not -BeNullOrEmpty
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + 'WhatIf' + 'Confirm'
        $named = $command.Parameters.Keys.Where{ $_ -notin $common } | Sort-Object
        $described = $help.parameters.parameter.Where{ $_.description.Text }.name.Where{ $_ -notin $common } | Sort-Object
        $described | Should -Be $named
    }
}

Describe 'Importing' {
    It 'loads only the root assembly' {
        $names = (Invoke-Child "$import; $loaded -match 'MeshTools|YamlDotNet'").Output
        $names | Should -Be 'MeshTools.Cmdlets'
    }
    It 'works <Order> <Other>' -ForEach $modules.ForEach{ @{ Other = $_.Other; Order = 'after' }, @{ Other = $_.Other; Order = 'before' } } {
        $both = $Order -eq 'after' ? "Import-Module $Other; $import" : "$import; Import-Module $Other"
        $result = Invoke-Child "`$ErrorActionPreference = 'Stop'; $both; $use"
        $result.Error | Should -BeNullOrEmpty
        $result.Output | Should -Be 'only'
    }
    It 'leaves PlatyPS its own YamlDotNet, whichever is used first' -Skip:($modules.Other -notcontains 'Microsoft.PowerShell.PlatyPS') {
        $page = Join-Path $repository 'docs/cmdlets/Get-MeshCluster.md'
        $read = "(Import-MarkdownCommandHelp '$page').Title"
        $result = Invoke-Child "`$ErrorActionPreference = 'Stop'; $import; $use; Import-Module Microsoft.PowerShell.PlatyPS; $read; @($loaded -eq 'YamlDotNet').Count"
        $result.Error | Should -BeNullOrEmpty
        $result.Output -split '\r?\n' | Should -Be 'only', 'Get-MeshCluster', '2'
        $result = Invoke-Child "`$ErrorActionPreference = 'Stop'; Import-Module Microsoft.PowerShell.PlatyPS; $read; $import; $use"
        $result.Error | Should -BeNullOrEmpty
        $result.Output -split '\r?\n' | Should -Be 'Get-MeshCluster', 'only'
    }
    It 'works again after Remove-Module, and with -Force' {
        $result = Invoke-Child "`$ErrorActionPreference = 'Stop'; $import; $use; Remove-Module MeshTools; $import; $use; $import -Force; $use; (Get-Command -Module MeshTools).Count"
        $result.Error | Should -BeNullOrEmpty
        $result.Output -split '\r?\n' | Should -Be 'only', 'only', 'only', @(Get-Command -Module MeshTools).Count
    }
    It 'works from a path with spaces and quotes' {
        $copy = Join-Path $TestDrive "a b's [c]"
        Copy-Item -LiteralPath $moduleRoot $copy -Recurse
        $result = Invoke-Child "`$ErrorActionPreference = 'Stop'; Import-Module '$(Join-Path $copy.Replace("'", "''") 'MeshTools.psd1')'; $use"
        $result.Error | Should -BeNullOrEmpty
        $result.Output | Should -Be 'only'
    }
}
