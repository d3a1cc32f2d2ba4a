#Requires -Version 7.4
<#
.SYNOPSIS
    Builds the module for release and packs it into out/package/MeshTools.VERSION.zip. The same sources give the same bytes.
#>
[CmdletBinding(SupportsShouldProcess)]
param()

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$repository = Split-Path $PSScriptRoot
$package = Join-Path $repository 'out/package'
$folder = Join-Path $package 'MeshTools'
if (-not $PSCmdlet.ShouldProcess($package, 'Pack the module')) {
    return
}

Remove-Item $package -Recurse -Force -ErrorAction Ignore
dotnet build (Join-Path $repository 'src/MeshTools.Cmdlets') -c Release -v quiet -p:ContinuousIntegrationBuild=true "-p:ModuleDirectory=$folder/"

# What the module consists of. A file that is not listed is a mistake, and so is one that is missing.
$listed = @(
    'LICENSE', 'NOTICE', 'MeshTools.psd1', 'MeshTools.Format.ps1xml', 'MeshTools.Types.ps1xml', 'MeshTools.Cmdlets.dll'
    'lib/MeshTools.Core.dll', 'lib/MeshTools.GoogleCloud.dll', 'lib/MeshTools.Kubernetes.dll', 'lib/YamlDotNet.dll'
    'lib/Google.Apis.dll', 'lib/Google.Apis.Auth.dll', 'lib/Google.Apis.Core.dll', 'lib/Newtonsoft.Json.dll'
    'lab/MeshTools.Lab.dll', 'lab/MeshTools.Lab.deps.json', 'lab/MeshTools.Lab.runtimeconfig.json', 'lab/MeshTools.Kubernetes.dll', 'lab/YamlDotNet.dll'
    'validation/Mesh.Tests.ps1'
    'en-US/MeshTools.Cmdlets.dll-Help.xml', 'en-US/about_MeshTools.help.txt', 'en-US/about_MeshTools_Errors.help.txt'
)
$there = (Get-ChildItem $folder -Recurse -File).FullName.ForEach{ [IO.Path]::GetRelativePath($folder, $_).Replace('\', '/') }
$difference = Compare-Object $listed $there
if ($difference) {
    throw "The module is not what it should be: $($difference.ForEach{ "$($_.SideIndicator -eq '=>' ? 'unexpected' : 'missing') $($_.InputObject)" } -join ', ')"
}

$null = Test-ModuleManifest (Join-Path $folder 'MeshTools.psd1')
$version = (Import-PowerShellDataFile (Join-Path $folder 'MeshTools.psd1')).ModuleVersion
$zip = Join-Path $package "MeshTools.$version.zip"
$archive = [IO.Compression.ZipFile]::Open($zip, 'Create')
try {
    foreach ($name in $listed | Sort-Object) {
        $entry = $archive.CreateEntry("MeshTools/$name", 'SmallestSize')
        $entry.LastWriteTime = [DateTimeOffset]::new(2000, 1, 1, 0, 0, 0, [TimeSpan]::Zero)
        $content = [IO.File]::ReadAllBytes((Join-Path $folder $name))
        $stream = $entry.Open()
        $stream.Write($content, 0, $content.Length)
        $stream.Dispose()
    }
} finally {
    $archive.Dispose()
}

Get-FileHash $zip
