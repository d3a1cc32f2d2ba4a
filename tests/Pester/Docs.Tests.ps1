BeforeDiscovery {
    $pages = Get-ChildItem (Join-Path $PSScriptRoot '../../docs/cmdlets') -Filter *.md
    $cases = foreach ($page in $pages) {
        $number = 0
        [regex]::Matches((Get-Content $page -Raw), '(?s)```powershell\r?\n(.*?)\r?\n```').ForEach{
            @{ Command = $page.BaseName; Number = ++$number; Code = $_.Groups[1].Value }
        }
    }
    $platyps = [bool] (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS)
}

BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $repository = Resolve-Path $PSScriptRoot/../..
    $before = $env:KUBECONFIG
    $ConfirmPreference = 'None'
    Push-Location $TestDrive
}

AfterAll {
    Pop-Location
    $env:KUBECONFIG = $before
    Stop-MeshLab
}

Describe 'The examples' {
    BeforeEach {
        # As a reader would have it: a kubeconfig, and a mesh behind it.
        $lab = Start-TestLab 3
        $env:KUBECONFIG = $lab.Kubeconfig
        $null = Get-MeshCluster | Enable-EndpointDiscovery -Wait
    }
    AfterEach {
        Stop-MeshLab
    }
    It 'of <Command>: number <Number> runs' -ForEach $cases {
        $Error.Clear()
        & ([scriptblock]::Create("`$ErrorActionPreference = 'Stop'`n$Code")) | Out-Null
        $Error | Should -BeNullOrEmpty
    }
}

Describe 'The compiled help' {
    It 'is what docs/cmdlets says' -Skip:(-not $platyps) {
        # In a PowerShell of its own: this one keeps its assemblies for good.
        $result = Invoke-Child "& '$repository/docs/Build-Help.ps1' -Destination '$TestDrive/help'"
        $result.Error | Should -BeNullOrEmpty
        foreach ($file in Get-ChildItem $TestDrive/help) {
            Get-Content (Join-Path $repository "module/en-US/$($file.Name)") -Raw | Should -Be (Get-Content $file -Raw) -Because "$($file.Name) must be compiled anew: ./build.ps1 -Task Docs"
        }
    }
    It 'has the syntax of the commands that there are' -Skip:(-not $platyps) {
        $result = Invoke-Child @"
Import-Module '$module'; Import-Module Microsoft.PowerShell.PlatyPS
foreach (`$page in Get-ChildItem '$repository/docs/cmdlets/*.md' | Import-MarkdownCommandHelp) {
    `$command = Get-Command `$page.Title
    `$common = [System.Management.Automation.Cmdlet]::CommonParameters
    `$difference = Compare-Object @(`$command.Parameters.Keys | Where-Object { `$_ -notin `$common }) @(`$page.Parameters.Name)
    if (`$difference) { "`$(`$page.Title): `$(`$difference.InputObject)" }
}
"@
        $result.Error + $result.Output | Should -BeNullOrEmpty
    }
}
