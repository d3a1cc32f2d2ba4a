#Requires -Version 7.4
#Requires -Modules Microsoft.PowerShell.PlatyPS
<#
.SYNOPSIS
    Compiles docs/cmdlets into the help that PowerShell reads, and copies the about pages beside it.
.PARAMETER Destination
    Where to; without it module/en-US, which is committed because not every machine that builds has PlatyPS.
#>
[CmdletBinding()]
param([string] $Destination = (Join-Path $PSScriptRoot '../module/en-US'))

$ErrorActionPreference = 'Stop'
$work = Join-Path ([IO.Path]::GetTempPath()) "meshtools-help-$PID"
try {
    $pages = Get-ChildItem $PSScriptRoot/cmdlets/*.md | Sort-Object Name
    $compiled = $pages | Import-MarkdownCommandHelp | Export-MamlCommandHelp -OutputFolder $work -Force
    $null = New-Item $Destination -ItemType Directory -Force
    $help = [xml] (Get-Content $compiled.FullName -Raw)
    $names = [Xml.XmlNamespaceManager]::new($help.NameTable)
    'maml', 'command', 'dev' | ForEach-Object { $names.AddNamespace($_, "http://schemas.microsoft.com/maml/$(@{ maml = '2004/10'; command = 'dev/command/2004/10'; dev = 'dev/2004/10' }[$_])") }
    # PlatyPS leaves code with its fence in the introduction, and a control character for each empty line. Get-Help has a place for code.
    foreach ($example in $help.SelectNodes('//command:example', $names)) {
        $remarks = $example.SelectSingleNode('dev:remarks', $names)
        foreach ($paragraph in @($example.SelectNodes('maml:introduction/maml:para', $names))) {
            if ($paragraph.InnerText -match '(?s)^```\w*\r?\n(.*?)\r?\n```$') {
                $example.SelectSingleNode('dev:code', $names).InnerText = $Matches[1]
                $null = $paragraph.ParentNode.RemoveChild($paragraph)
            } elseif ($paragraph.InnerText.Trim([char] 0x80, ' ')) {
                $null = $remarks.AppendChild($paragraph)
            } else {
                $null = $paragraph.ParentNode.RemoveChild($paragraph)
            }
        }
    }
    # Pages link to their neighbours; help has names, and no page online.
    foreach ($link in @($help.SelectNodes('//maml:navigationLink', $names))) {
        if ($link['linkText', $link.NamespaceURI].InnerText -eq 'Online Version') {
            $null = $link.ParentNode.RemoveChild($link)
        } else {
            $link['uri', $link.NamespaceURI].InnerText = ''
        }
    }
    # The same text on every platform, so that a comparison shows what has changed.
    $settings = [Xml.XmlWriterSettings]@{ Indent = $true; NewLineChars = "`n"; Encoding = [Text.UTF8Encoding]::new($false) }
    $path = $PSCmdlet.GetUnresolvedProviderPathFromPSPath((Join-Path $Destination $compiled.Name))
    $writer = [Xml.XmlWriter]::Create($path, $settings)
    try {
        $help.Save($writer)
    } finally {
        $writer.Dispose()
    }
    Copy-Item $PSScriptRoot/about/about_*.help.txt $Destination
} finally {
    Remove-Item $work -Recurse -Force -ErrorAction Ignore
}
