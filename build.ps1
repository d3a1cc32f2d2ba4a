#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests, documents and packs MeshTools. MSBuild and dotnet do the work; .ci/run is what decides whether a change is good.
.EXAMPLE
    ./build.ps1
    Builds the module into out/MeshTools.
.EXAMPLE
    ./build.ps1 -Task Build, Test
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Docs', 'Package', 'Demo', 'Clean')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Push-Location $PSScriptRoot
try {
    switch ($Task) {
        'Clean' { dotnet clean -v quiet }
        'Build' { dotnet build -c $Configuration }
        # Everything, the Pester suite too.
        'Test' { dotnet test -c $Configuration }
        'Docs' { & ./docs/Build-Help.ps1 }
        'Package' { & ./module/Build-Package.ps1 }
        'Demo' { dotnet run --project samples/MeshTools.Demo }
    }
} finally {
    Pop-Location
}
