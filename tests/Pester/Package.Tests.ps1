BeforeDiscovery {
    # 'script' gives a program a terminal.
    $terminal = [bool] (Get-Command script -CommandType Application -ErrorAction Ignore) -and $IsLinux
    $git = [bool] (Get-Command git -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $repository = (Resolve-Path $PSScriptRoot/../..).ProviderPath
    # Whoever has packed already says where; a package takes a while.
    $package = $env:MESHTOOLS_PACKAGE ?? "$TestDrive/package"
    if (-not $env:MESHTOOLS_PACKAGE) {
        $null = & "$repository/packaging/New-Package.ps1" -Destination $package
    }

    $version = (Import-PowerShellDataFile "$repository/module/MeshTools.psd1").ModuleVersion
    $zip = Get-Item "$package/MeshTools.$version.zip"
    $nupkg = Get-Item "$package/MeshTools.$version.nupkg"
    $listed = Get-Content "$repository/packaging/files.txt"

    # As on a machine where an administrator has installed it: a folder with spaces, in which nobody else may write.
    $home2 = "$TestDrive/Program Files/Power Shell 7/Modules"
    $null = New-Item -ItemType Directory $home2
    [IO.Compression.ZipFile]::ExtractToDirectory($zip.FullName, $home2)
    $installed = "$home2/MeshTools"
    if (-not $IsWindows) {
        chmod -R a-w $home2
    }

    function Get-Fingerprint {
        (Get-ChildItem -LiteralPath $installed -Recurse -File | Sort-Object FullName | ForEach-Object { "$($_.FullName) $((Get-FileHash -LiteralPath $_.FullName).Hash)" }) -join "`n"
    }

    # Runs a script in a PowerShell that finds the module as a user's does.
    function Invoke-Installed {
        param([string] $Script, [hashtable] $Environment = @{})
        $own = @{ PSModulePath = $home2; NO_COLOR = $null }
        $Environment.GetEnumerator() | ForEach-Object { $own[$_.Key] = $_.Value }
        Invoke-Child "`$ErrorActionPreference = 'Stop'; Import-Module MeshTools; $Script" $own
    }
}

AfterAll {
    if (-not $IsWindows) {
        chmod -R u+w $home2
    }
}

Describe 'The package' {
    It 'holds what is listed and nothing else, in at most 5 MB' {
        $archive = [IO.Compression.ZipFile]::OpenRead($zip.FullName)
        $names = $archive.Entries.FullName
        $archive.Dispose()
        $names | Should -Be ($listed | ForEach-Object { "MeshTools/$_" })
        $zip.Length | Should -BeLessOrEqual 5MB
        $nupkg.Length | Should -BeLessOrEqual 5MB
        $listed | Should -Contain 'LICENSE'
        $listed | Should -Contain 'NOTICE'
    }
    It 'is laid out as a gallery expects' {
        $archive = [IO.Compression.ZipFile]::OpenRead($nupkg.FullName)
        try {
            $own = $archive.Entries.FullName.Where{ $_ -notin 'MeshTools.nuspec', '[Content_Types].xml', '_rels/.rels' -and $_ -notlike 'package/*' }
            ($own | Sort-Object) | Should -Be ($listed | Sort-Object)
            $reader = [IO.StreamReader]::new($archive.GetEntry('MeshTools.nuspec').Open())
            $metadata = ([xml] $reader.ReadToEnd()).package.metadata
            $reader.Dispose()
            foreach ($entry in $archive.Entries) {
                if ($entry.FullName -in $listed) {
                    $stream = $entry.Open()
                    (Get-FileHash -InputStream $stream).Hash | Should -Be (Get-FileHash -LiteralPath "$installed/$($entry.FullName)").Hash -Because $entry.FullName
                    $stream.Dispose()
                }
            }
        } finally {
            $archive.Dispose()
        }
        $manifest = Test-ModuleManifest "$installed/MeshTools.psd1"
        $metadata.id | Should -Be 'MeshTools'
        $metadata.version | Should -Be $manifest.Version
        $metadata.description | Should -Be $manifest.Description
        $metadata.license.'#text' | Should -Be 'Apache-2.0'
        $tags = $metadata.tags -split ' '
        'PSModule', 'PSEdition_Core', 'PSCmdlet_Get-MeshCluster', 'PSCommand_Get-MeshCluster' | ForEach-Object { $tags | Should -Contain $_ }
        @($tags -like 'PSCmdlet_*').Count | Should -Be $manifest.ExportedCmdlets.Count
    }
    It 'has no path of the machine that built it' {
        foreach ($file in Get-ChildItem -LiteralPath $installed -Recurse -Include MeshTools.*.dll) {
            $text = [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($file.FullName))
            $text.Contains($repository, [StringComparison]::Ordinal) | Should -BeFalse -Because $file.Name
        }
    }
    It 'is the same, byte for byte, when it is packed again from the same sources elsewhere' -Skip:(-not $git) {
        $copy = "$TestDrive/elsewhere/a copy"
        foreach ($name in git -C $repository ls-files --cached --others --exclude-standard -- src module packaging '*.props' LICENSE NOTICE .editorconfig global.json) {
            if (Test-Path -LiteralPath "$repository/$name" -PathType Leaf) {
                $null = New-Item -ItemType Directory -Force (Split-Path "$copy/$name")
                [IO.File]::Copy("$repository/$name", "$copy/$name", $true)
            }
        }
        $again = & "$copy/packaging/New-Package.ps1"
        $again.Name | Should -Be $zip.Name, $nupkg.Name
        ($again | Get-FileHash).Hash | Should -Be ($zip, $nupkg | Get-FileHash).Hash
    }
}

Describe 'The installed module' {
    BeforeAll {
        $before = Get-Fingerprint
    }
    AfterAll {
        # Nothing was written beside it.
        Get-Fingerprint | Should -Be $before
    }
    It 'has a clean manifest' {
        Test-ModuleManifest "$installed/MeshTools.psd1" -WarningVariable warnings -ErrorVariable errors | Should -Not -BeNullOrEmpty
        $warnings + $errors | Should -BeNullOrEmpty
    }
    It 'joins a lab, checks it and reports it, from a read-only folder with spaces, with all errors fatal' {
        $result = Invoke-Installed @"
`$mesh = Start-MeshLab 3
`$links = `$mesh | Enable-EndpointDiscovery -Wait
`$links | Export-MeshReport '$TestDrive/installed.html', '$TestDrive/installed.xml'
"`$(`$links.Where{ `$_.SyncStatus -eq 'synced' }.Count) `$(`$mesh | Test-MeshTrust -Quiet)"
Stop-MeshLab
"@
        $result.Error | Should -BeNullOrEmpty
        $result.Output | Should -Be '6 True'
        "$TestDrive/installed.html" | Should -Exist
    }
    It 'has help' {
        $result = Invoke-Installed "(Get-Help Enable-EndpointDiscovery).Synopsis.Length -gt 20; 'about_MeshTools', 'about_MeshTools_Authentication', 'about_MeshTools_Errors', 'about_MeshTools_Lab' | ForEach-Object { (Get-Help `$_).Length -gt 500 }"
        $result.Error | Should -BeNullOrEmpty
        $result.Output -split '\r?\n' | Should -Be 'True', 'True', 'True', 'True', 'True'
    }
    It 'works in ForEach-Object -Parallel' {
        $result = Invoke-Installed @"
`$mesh = Start-MeshLab 4
`$null = `$mesh | Enable-EndpointDiscovery -Wait
(`$mesh | ForEach-Object -Parallel { (`$_ | Get-MeshCertificate | Measure-Object).Count -gt 0 }) -join ' '
Stop-MeshLab
"@
        $result.Error | Should -BeNullOrEmpty
        $result.Output | Should -Be 'True True True True'
    }
    It 'writes plain text into a pipe, with and without NO_COLOR' -ForEach @{ Value = $null }, @{ Value = '1' } {
        $result = Invoke-Installed 'Start-MeshLab 2 | Enable-EndpointDiscovery -Wait | Format-Table; Get-MeshCluster -Context none -Kubeconfig (Get-MeshLab).Kubeconfig -ErrorAction Continue; Stop-MeshLab' @{ NO_COLOR = $Value }
        $result.Output | Should -Match 'lab-1\s+lab-2\s+Created\s+synced'
        $result.Output | Should -Not -Match "`e"
        $result.Error | Should -Match 'none'
        if ($Value) {
            $result.Error | Should -Not -Match "`e\[[0-9;]*3[0-9]"
        }
    }
    It 'fits a terminal of 80 columns, and NO_COLOR holds there' -Skip:(-not $terminal) {
        $script = "$TestDrive/eighty.ps1"
        Set-Content $script @"
`$env:PSModulePath = '$home2'
# Progress asks the terminal where its cursor is, and nobody is there to answer.
`$ProgressPreference = 'SilentlyContinue'
Import-Module MeshTools
`$mesh = Start-MeshLab 3
`$mesh | Out-Host
`$mesh | Enable-EndpointDiscovery -Wait | Out-Host
`$mesh | Get-EndpointDiscovery | Out-Host
`$mesh | Get-MeshCertificate | Out-Host
`$mesh | Test-MeshTrust | Out-Host
Stop-MeshLab
"@
        $env:NO_COLOR = '1'
        try {
            $text = script -qec "stty cols 80 rows 50; '$((Get-Process -Id $PID).Path)' -NoProfile -NonInteractive -File '$script'" /dev/null
        } finally {
            $env:NO_COLOR = $null
        }
        $LASTEXITCODE | Should -Be 0
        $plain = ($text -join "`n") -replace "`e\[[0-9;?]*[a-zA-Z]|`e[=>]" -split '[\r\n]+'
        $plain | Where-Object { $_ -match 'lab-3' } | Should -Not -BeNullOrEmpty
        $plain | Where-Object Length -GT 80 | Should -BeNullOrEmpty
        # Colours, as opposed to moving about.
        ($text -join "`n") | Should -Not -Match "`e\[[0-9;]*(3[0-7]|9[0-7])m"
    }
}
