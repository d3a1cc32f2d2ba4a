#Requires -Version 7.4
<#
.SYNOPSIS
    Builds the module for release and packs it: MeshTools.VERSION.zip for PSModulePath and MeshTools.VERSION.nupkg for a gallery. The same sources give the same bytes, wherever they are.
.PARAMETER Destination
    Where to; what is there is removed. Without it out/package.
#>
[CmdletBinding(SupportsShouldProcess)]
[OutputType([System.IO.FileInfo])]
param([string] $Destination = (Join-Path $PSScriptRoot '../out/package'))

$ErrorActionPreference = 'Stop'
$repository = Split-Path $PSScriptRoot
$package = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Destination)
$folder = Join-Path $package 'MeshTools'
if (-not $PSCmdlet.ShouldProcess($package, 'Pack the module')) {
    return
}

# What dotnet says is of interest when it fails, or to those who ask. It warns of assemblies that no project could reference; none should.
function Invoke-DotNet {
    $PSNativeCommandUseErrorActionPreference = $false
    $said = (dotnet @args 2>&1 | Out-String).Trim()
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args[0]) failed: $said"
    }
    Write-Verbose $said
}

# An archive in which only names and contents count: entries in the order of their names, all of one moment.
function Write-Archive {
    param([string] $Path, [Collections.IDictionary] $Content)
    $archive = [IO.Compression.ZipFile]::Open($Path, 'Create')
    try {
        $names = [string[]] $Content.Keys
        [array]::Sort($names, [StringComparer]::Ordinal)
        foreach ($name in $names) {
            $entry = $archive.CreateEntry($name, 'SmallestSize')
            $entry.LastWriteTime = [DateTimeOffset]::new(2000, 1, 1, 0, 0, 0, [TimeSpan]::Zero)
            # Else the mode of whoever packs: -rw-r--r--.
            $entry.ExternalAttributes = 0x81A4 -shl 16
            $stream = $entry.Open()
            $stream.Write($Content[$name], 0, $Content[$name].Length)
            $stream.Dispose()
        }
    } finally {
        $archive.Dispose()
    }
    Get-Item -LiteralPath $Path
}

Remove-Item -LiteralPath $package -Recurse -Force -ErrorAction Ignore
$build = @(
    '-c', 'Release', '-v', 'quiet', "-p:ModuleDirectory=$folder/"
    # No path and no commit of this machine in the assemblies.
    '-p:ContinuousIntegrationBuild=true', '-p:EnableSourceControlManagerQueries=false', '-p:DebugType=none'
)
Invoke-DotNet build (Join-Path $repository 'src/MeshTools.Cmdlets') @build

# What the module consists of. A file that is not listed is a mistake, and so is one that is missing.
$listed = Get-Content (Join-Path $PSScriptRoot 'files.txt')
$there = (Get-ChildItem -LiteralPath $folder -Recurse -File).FullName.ForEach{ [IO.Path]::GetRelativePath($folder, $_).Replace('\', '/') }
$difference = Compare-Object $listed $there
if ($difference) {
    throw "The module is not what packaging/files.txt lists: $($difference.ForEach{ "$($_.SideIndicator -eq '=>' ? 'unexpected' : 'missing') $($_.InputObject)" } -join ', ')"
}

# The manifest is where name, version and description are; the build takes the version from it too.
$manifest = Test-ModuleManifest (Join-Path $folder 'MeshTools.psd1')
$version = "$($manifest.Version)$($manifest.PrivateData.PSData['Prerelease'] ? "-$($manifest.PrivateData.PSData['Prerelease'])" : '')"
$content = @{}
foreach ($name in $listed) {
    $content[$name] = [IO.File]::ReadAllBytes((Join-Path $folder $name))
}

$inZip = @{}
$content.GetEnumerator().ForEach{ $inZip["MeshTools/$($_.Key)"] = $_.Value }
Write-Archive (Join-Path $package "MeshTools.$version.zip") $inZip

# A gallery finds a module by these words.
$commands = [string[]] $manifest.ExportedCmdlets.Keys
[array]::Sort($commands, [StringComparer]::Ordinal)
$tags = @('PSModule', 'PSIncludes_Cmdlet') + $manifest.PrivateData.PSData.Tags + $commands.ForEach{ "PSCmdlet_$_"; "PSCommand_$_" }
$xml = { [Security.SecurityElement]::Escape($args[0]) }
$nuspec = Join-Path $package 'MeshTools.nuspec'
@"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>$(& $xml $manifest.Name)</id>
    <version>$(& $xml $version)</version>
    <authors>$(& $xml $manifest.Author)</authors>
    <owners>$(& $xml $manifest.CompanyName)</owners>
    <license type="expression">Apache-2.0</license>
    <description>$(& $xml $manifest.Description)</description>
    <copyright>$(& $xml $manifest.Copyright)</copyright>
    <tags>$(& $xml ($tags -join ' '))</tags>
  </metadata>
  <files>
    <file src="MeshTools/**" target="" />
  </files>
</package>
"@ | Set-Content -LiteralPath $nuspec -NoNewline
$loose = Join-Path $package 'loose'
Invoke-DotNet pack $nuspec -o $loose

# The same content again, without the time of packing and the name of the machine's system.
$inPackage = @{}
$archive = [IO.Compression.ZipFile]::OpenRead((Join-Path $loose "MeshTools.$version.nupkg"))
try {
    foreach ($entry in $archive.Entries) {
        $reader = [IO.StreamReader]::new($entry.Open())
        $bytes = [IO.MemoryStream]::new()
        $reader.BaseStream.CopyTo($bytes)
        $reader.Dispose()
        $inPackage[$entry.FullName] = $bytes.ToArray()
    }
} finally {
    $archive.Dispose()
}

$properties = @($inPackage.Keys) -like '*.psmdcp'
if ($properties.Count -ne 1) {
    throw "A package has one part of core properties; this one has $($properties.Count)."
}

$text = [Text.Encoding]::UTF8.GetString($inPackage[$properties[0]]) -replace '(?<=<lastModifiedBy>)[^<]*(?=</lastModifiedBy>)', 'MeshTools'
$inPackage[$properties[0]] = [Text.Encoding]::UTF8.GetBytes($text)
Remove-Item -LiteralPath $loose, $nuspec -Recurse
Write-Archive (Join-Path $package "MeshTools.$version.nupkg") $inPackage
