BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $lab = Start-TestLab 1 @{ NoControlPlane = $true }
    $cluster = $lab.Clusters[0]
    $releases = $lab.Lab.Releases
    $from = @{ Source = $releases.Source; PublicKey = $releases.PublicKey }
    Push-Location $TestDrive

    # What a command would do, line by line.
    function Get-Plan {
        param([scriptblock] $Script)
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).txt"
        Start-Transcript $file | Out-Null
        try { & $Script | Out-Null } finally { Stop-Transcript | Out-Null }
        (Get-Content $file -Raw) -replace '\r?\n(?!What if:|WARNING:|\*)' -split '\r?\n' -match '^What if:'
    }
    function Get-RequestCount { (Get-MeshLab $lab.Lab.Id).Releases.Requests }
}

AfterAll {
    $releases.Leave()
    Pop-Location
    Stop-MeshLab $lab.Lab.Id
}

Describe 'Save-ServiceMeshPackage' {
    It 'only says with -WhatIf what it would download' {
        $before = Get-RequestCount
        $plan = Get-Plan { Save-ServiceMeshPackage 1.30.3 -PackagePath "$TestDrive/planned" @from -WhatIf }
        $plan | Should -HaveCount 1
        $plan | Should -Match 'Download http://127.0.0.1:\d+/releases/istio-1.30.3-'
        Get-RequestCount | Should -Be $before
        "$TestDrive/planned" | Should -Not -Exist
    }
    It 'saves, and says Unchanged the second time' {
        $package = Save-ServiceMeshPackage 1.30.3 @from
        $package | Should -BeOfType (Get-Command Save-ServiceMeshPackage).OutputType[0].Type
        $package.PackagePath | Should -Be (Join-Path $TestDrive 'istio-1.30.3')
        $package.Change | Should -Be 'Created'
        $package.Istioctl | Should -Exist
        $package.VerifiedBy | Should -BeLike 'key ????????????????'
        $before = Get-RequestCount
        (Save-ServiceMeshPackage 1.30.3 @from).Change | Should -Be 'Unchanged'
        Get-RequestCount | Should -Be $before
    }
    It 'saves for other machines, each once' {
        $package = Save-ServiceMeshPackage 1.30.3 ./every @from -OperatingSystem Linux, MacOS, Windows -Architecture Amd64, Arm64
        "$($package.Platforms)" | Should -Be 'linux-amd64 linux-arm64 osx osx-arm64 win'
    }
    It 'is led by the environment as well' {
        $releases.Enter()
        try {
            (Save-ServiceMeshPackage 1.29.2 ./by-environment).Release | Should -Be '1.29.2'
        } finally {
            $releases.Leave()
        }
    }
    It 'fits into a table' {
        $text = Save-ServiceMeshPackage 1.30.3 @from | Out-String -Width 120
        ($text -split '\r?\n' | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 120
        $text | Should -Match '1\.30\.3 +\S+ +key [0-9a-f]{16} +Unchanged'
    }
    It 'goes on after a cut' {
        Invoke-Fault $lab releases cut-off --times 1
        (Save-ServiceMeshPackage 1.28.5-asm.12 ./cut @from).Change | Should -Be 'Created'
    }
    It 'is stopped at once, and completed by the next run' {
        Invoke-Fault $lab releases slow --delay 60s
        $shell = [powershell]::Create().AddScript('param($module, $folder, $from) Import-Module $module; Save-ServiceMeshPackage 1.27.8-asm.3 $folder @from').
            AddArgument($module).AddArgument("$TestDrive/stopped").AddArgument($from)
        $running = $shell.BeginInvoke()
        while (-not (Get-ChildItem "$TestDrive/stopped" -Filter *.partial -ErrorAction Ignore | Where-Object Length -GT 0)) {
            $running.AsyncWaitHandle.WaitOne(50) | Should -BeFalse
        }
        $shell.Stop()
        $shell.Dispose()
        Invoke-Fault $lab releases clear
        Get-ChildItem "$TestDrive/stopped" -Filter *.tar.gz | Should -BeNullOrEmpty
        (Save-ServiceMeshPackage 1.27.8-asm.3 ./stopped @from).Change | Should -Be 'Created'
    }
    It 'says what is wrong: <Error>' -ForEach @(
        @{ Release = '1.30.99'; Fault = 'clear'; Error = 'ReleaseNotFound'; Says = '*1.30.99*' }
        @{ Release = '1.30.3'; Fault = 'wrong-signature'; Error = 'PackageNotVerified'; Says = '*signature does not fit*' }
        @{ Release = '1.30.3'; Fault = 'no-signature'; Error = 'PackageNotVerified'; Says = '*without a signature*' }
        @{ Release = '1.30.3'; Fault = 'down'; Error = 'PackageSourceUnreachable'; Says = '*127.0.0.1*' }
        @{ Release = 'newest'; Fault = 'clear'; Error = 'ReleaseInvalid'; Says = '*newest*' }
    ) {
        Invoke-Fault $lab releases $Fault
        try {
            $failure = $null
            try { Save-ServiceMeshPackage $Release ./wrong @from -ErrorAction Stop } catch { $failure = $_ }
            $failure.FullyQualifiedErrorId | Should -BeLike "$Error,MeshTools.Cmdlets.*"
            "$failure" | Should -BeLike $Says
            $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            "$TestDrive/wrong/*" | Should -Not -Exist
        } finally {
            Invoke-Fault $lab releases clear
        }
    }
    It 'says that a host cannot be reached, through which proxy, and what to do, without its password' {
        $result = Invoke-Child @"
Import-Module '$module'
`$env:HTTPS_PROXY = 'http://someone:secret@127.0.0.1:1'
try { Save-ServiceMeshPackage 1.28.5-asm.12 '$TestDrive/away' -ErrorAction Stop } catch { "`$(`$_.FullyQualifiedErrorId) `$_ `$(`$_.ErrorDetails.RecommendedAction)" }
"@
        $result.Output | Should -BeLike 'PackageSourceUnreachable,*storage.googleapis.com cannot be reached through the proxy http://127.0.0.1:1:*-Offline*'
        $result.Output | Should -Not -BeLike '*secret*'
    }
}

Describe 'A saved package' {
    BeforeAll {
        $package = Save-ServiceMeshPackage 1.28.5-asm.12 ./package @from
    }
    It 'gives its options to what is exported' {
        $text = Export-ServiceMeshConfiguration $cluster -PackagePath ./package -Offline -Option envoy-access-log, cloud-tracing
        $text | Should -Match 'release 1\.28\.5-asm\.12'
        $text | Should -Match 'accessLogFile: /dev/stdout'
        $text | Should -Match 'enableTracing: true'
    }
    It 'is installed by its own istioctl, and a second run says Unchanged' {
        $before = Get-RequestCount
        $plan = Get-Plan { $package | Install-ServiceMesh -Cluster $cluster -Offline -Option envoy-access-log -WhatIf -WarningAction Ignore }
        $plan -match 'Deployment istio-system/istiod-asm-1285-12' | Should -HaveCount 1
        $installed = $package | Install-ServiceMesh -Cluster $cluster -Offline -Option envoy-access-log -Wait -WarningAction Ignore
        $installed.Version, $installed.Revision, "$($installed.Change)" | Should -Be '1.28.5-asm.12', 'asm-1285-12', 'Created'
        "$((Install-ServiceMesh $cluster -PackagePath ./package -Offline -Option envoy-access-log -Wait -WarningAction Ignore).Change)" | Should -Be 'Unchanged'
        Get-Plan { Install-ServiceMesh $cluster -PackagePath ./package -WhatIf -WarningAction Ignore } | Where-Object { $_ -like '*ConfigMap istio-system/istio-asm-1285-12*' } | Should -BeLike '*Update*data.mesh*'
        Get-RequestCount | Should -Be $before
    }
    It 'is checked by Test-ServiceMeshRequirement' {
        $found = $package | Test-ServiceMeshRequirement -Cluster $cluster -SkipGoogleCloud -Offline
        $found.Where{ $_.Id -eq 'MT101' }.Message | Should -BeLike 'istioctl 1.28.5-asm.12 is at *, in the package that was verified by key *'
        $found.Where{ $_.Id -eq 'MT104' }.Message | Should -BeLike '*1.28.5-asm.12*'
        $missing = Test-ServiceMeshRequirement $cluster -SkipGoogleCloud -Offline -PackagePath ./none
        "$($missing.Where{ $_.Id -eq 'MT101' }.Severity)" | Should -Be 'Error'
        $missing.Where{ $_.Id -eq 'MT101' }.Fix | Should -BeLike '*Save-ServiceMeshPackage*'
        "$((Test-ServiceMeshRequirement $cluster -SkipGoogleCloud -PackagePath ./none).Where{ $_.Id -eq 'MT101' }.Severity)" | Should -Be 'Warning'
    }
    It 'is saved first where a release is named and the folder is empty, with leave' {
        $releases.Enter()
        try {
            $plan = Get-Plan { Install-ServiceMesh $cluster -Release 1.29.2 -PackagePath ./first -WhatIf -WarningVariable said -WarningAction SilentlyContinue; $script:said = $said }
            $plan | Should -HaveCount 1
            $plan | Should -Match 'Download .*istio-1\.29\.2'
            "$script:said" | Should -BeLike 'Without the package nothing can be rendered*'
            './first' | Should -Not -Exist
            $text = Export-ServiceMeshConfiguration $cluster -Release 1.29.2 -PackagePath ./first -Revision other -Expand
            $text | Should -Match 'kind: Deployment'
            './first/service-mesh-package.json' | Should -Exist
        } finally {
            $releases.Leave()
        }
    }
    It 'is not needed where the release is named and nothing is rendered' {
        Export-ServiceMeshConfiguration $cluster -Release 1.29.2 -PackagePath ./not-there -Offline | Should -Match 'tag: 1\.29\.2'
    }
    It 'is refused: <Error>' -ForEach @(
        @{ With = @{ PackagePath = './none'; Offline = $true; Release = '1.28.5-asm.12' }; Error = 'PackageNotFound'; Says = '*none*' }
        @{ With = @{ PackagePath = './none' }; Error = 'PackageNotFound'; Says = '*none*' }
        @{ With = @{ PackagePath = './package'; Release = '1.30.3' }; Error = 'PackageReleaseWrong'; Says = '*1.28.5-asm.12*1.30.3*' }
        @{ With = @{ PackagePath = './changed' }; Error = 'PackageChanged'; Says = '*not the file that was verified*' }
    ) {
        Copy-Item -Recurse ./package ./changed -Force
        Get-ChildItem ./changed -Recurse -Filter istioctl* -File | Where-Object { $_.Directory.Name -eq 'bin' } | Add-Content -Value '# changed'
        $failure = $null
        try { Install-ServiceMesh $cluster @With -ErrorAction Stop } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -Be "$Error,MeshTools.Cmdlets.InstallServiceMeshCommand"
        "$failure" | Should -BeLike $Says
    }
    It 'comes after -IstioctlPath' {
        $text = Export-ServiceMeshConfiguration $cluster -PackagePath ./package -IstioctlPath (Save-ServiceMeshPackage 1.30.3 @from).Istioctl
        $text | Should -Match 'release 1\.30\.3'
    }
}
