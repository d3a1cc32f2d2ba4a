BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $canary = 'PRIVATE KEY'

    # Everything that a command can say, as text.
    function Get-AllText {
        param([scriptblock] $Script)
        $log = Join-Path $TestDrive "$([guid]::NewGuid()).txt"
        Start-Transcript $log | Out-Null
        $said = & $Script *>&1
        Stop-Transcript | Out-Null
        $clixml = Join-Path $TestDrive 'objects.xml'
        $said | Export-Clixml $clixml -Depth 4
        @(
            $said | Out-String -Width 4096
            $said | Format-List * -Force | Out-String -Width 4096
            $said | ForEach-Object { $_ | ConvertTo-Json -Depth 4 -WarningAction SilentlyContinue }
            Get-Content $clixml -Raw
            Get-Content $log -Raw
        ) -join "`n"
    }
}

Describe 'Certificates as files' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid())
    }
    It 'are written for a root, with a private key file, and not overwritten' {
        $root = New-MeshRootCertificate -KeyAlgorithm EcdsaP256 -OutDirectory $folder
        $root.Subject | Should -Be 'O=Istio, CN=Root CA'
        (Get-ChildItem $folder).Name | Should -Be 'root-cert.pem', 'root-key.pem'
        if (-not $IsWindows) {
            (Get-Item $folder/root-key.pem).UnixMode | Should -Be '-rw-------'
        }
        { New-MeshRootCertificate -KeyAlgorithm EcdsaP256 -OutDirectory $folder } | Should -Throw -ErrorId 'CertificateFileExists,*'
        (Import-MeshCertificate $folder/root-cert.pem $folder/root-key.pem).Fingerprint | Should -Be $root.Fingerprint
        (New-MeshRootCertificate -KeyAlgorithm EcdsaP256 -OutDirectory $folder -Force).Fingerprint | Should -Not -Be $root.Fingerprint
    }
    It 'are only named by -WhatIf' {
        New-MeshRootCertificate -KeyAlgorithm EcdsaP256 -OutDirectory $folder -WhatIf | Should -BeNullOrEmpty
        New-MeshCertificateRequest lab-1 $folder -KeyAlgorithm EcdsaP256 -WhatIf | Should -BeNullOrEmpty
        $folder | Should -Not -Exist
    }
    It 'of an intermediate are the four of the Makefile' {
        New-MeshRootCertificate -KeyAlgorithm EcdsaP256 -ValidityPeriod 2y | New-MeshIntermediateCertificate -Name lab-1 -ValidityPeriod 90d -KeyAlgorithm EcdsaP384 -OutDirectory $folder |
            ForEach-Object Subject | Should -Be 'O=Istio, CN=Intermediate CA, L=lab-1'
        (Get-ChildItem $folder/lab-1).Name | Should -Be 'ca-cert.pem', 'ca-key.pem', 'cert-chain.pem', 'root-cert.pem'
    }
    It 'travel without the key when a request is signed elsewhere' {
        New-MeshCertificateRequest lab-1, lab-2 $folder -KeyAlgorithm EcdsaP256 | Should -HaveCount 2
        $root = New-MeshRootCertificate -KeyAlgorithm EcdsaP256
        $signed = New-MeshIntermediateCertificate -Root $root -Request $folder/*/*.csr -OutDirectory $folder
        $signed.HasPrivateKey | Should -Be $false, $false
        $whole = Import-MeshCertificate $folder/lab-1/ca-cert.pem -KeyPath $folder/lab-1/ca-key.pem -ChainPath $folder/lab-1/cert-chain.pem -RootPath $folder/lab-1/root-cert.pem
        $whole.HasPrivateKey | Should -BeTrue
        $whole.Chain.Fingerprint | Should -Be $root.Fingerprint
    }
    It 'are refused with an id when the key needs a password' -Skip:(-not (Get-Command openssl -ErrorAction Ignore)) {
        $null = New-MeshRootCertificate -KeyAlgorithm EcdsaP256 -OutDirectory $folder
        openssl pkcs8 -topk8 -in $folder/root-key.pem -out $folder/locked.pem -passout pass:canary-password
        { Import-MeshCertificate $folder/root-cert.pem $folder/locked.pem } | Should -Throw -ErrorId 'KeyPasswordRequired,*'
        $password = [securestring]::new()
        'canary-password'.ToCharArray() | ForEach-Object { $password.AppendChar($_) }
        (Import-MeshCertificate $folder/root-cert.pem $folder/locked.pem -Password $password).HasPrivateKey | Should -BeTrue
    }
}

Describe 'Trust of three clusters' {
    BeforeAll {
        $lab = Start-TestLab 3
        $clusters = $lab.Clusters | Sort-Object Name
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'is only planned by -WhatIf' {
        $before = Get-WriteCount $lab
        New-MeshRootCertificate -KeyAlgorithm EcdsaP256 | New-MeshIntermediateCertificate -Cluster $clusters -KeyAlgorithm EcdsaP256 |
            Install-MeshCertificate -RestartControlPlane -Force -WhatIf | Should -BeNullOrEmpty
        Get-WriteCount $lab | Should -Be $before
    }
    It 'comes from one line' {
        New-MeshRootCertificate | New-MeshIntermediateCertificate -Cluster $clusters -KeyAlgorithm EcdsaP256 |
            Install-MeshCertificate -RestartControlPlane -Force -WarningAction Ignore -OutVariable installed | Test-MeshTrust -Quiet | Should -BeTrue
        $installed | Should -HaveCount 3
        $installed.Restarted | Should -Be $true, $true, $true
        $certificates = $clusters | Get-MeshCertificate
        $certificates.Where{ $_.Role -eq 'Root' }.Fingerprint | Sort-Object -Unique | Should -Be ($installed[0].RootFingerprints)
        $certificates.Where{ $_.Role -eq 'Signing' }.Authority | Sort-Object -Unique | Should -Be 'PluggedIn'
    }
    It 'is refused to a cluster that has another certificate, and broken when it is forced' {
        $other = New-MeshRootCertificate -KeyAlgorithm EcdsaP256 | New-MeshIntermediateCertificate -Cluster $clusters[2] -KeyAlgorithm EcdsaP256
        $other | Install-MeshCertificate -ErrorAction SilentlyContinue -ErrorVariable refused | Should -BeNullOrEmpty
        $refused[0].FullyQualifiedErrorId | Should -BeLike 'CacertsDiffer,*'
        $null = $other | Install-MeshCertificate -Force -RestartControlPlane -WarningAction Ignore
        $clusters | Test-MeshTrust -Quiet | Should -BeFalse
        $found = $clusters | Test-MeshTrust | Where-Object { $_.Id -eq 'MT301' -and $_.Severity -eq 'Error' }
        $found.Cluster.Name | Should -Be $clusters[2].Name
        $found.Evidence | Should -BeLike "*$($other.RootFingerprints)*"
        $found.Fix | Should -Not -BeNullOrEmpty
    }
    It 'is mended by a rotation in three steps' {
        $new = New-MeshRootCertificate -KeyAlgorithm EcdsaP256
        $rotate = { $clusters | Update-MeshCertificate -NewRoot $new -KeyAlgorithm EcdsaP256 -Force -WarningAction Ignore }
        'CombineRoots', 'ReplaceIntermediates', 'DropOldRoots', 'Complete' | ForEach-Object {
            $step = & $rotate
            $step | Should -HaveCount 3
            $step.Step | Sort-Object -Unique | Should -Be $_
            $clusters | Test-MeshTrust -Quiet | Should -BeTrue
        }
    }
    It 'shows no private key, whatever is asked' {
        $text = Get-AllText {
            $root = New-MeshRootCertificate -KeyAlgorithm EcdsaP256 -OutDirectory $TestDrive/canary -Verbose
            $root
            $one = $root | New-MeshIntermediateCertificate -Cluster $clusters[0] -KeyAlgorithm EcdsaP256 -Verbose
            $one
            $one | Install-MeshCertificate -WhatIf -Force -Verbose
            $one | Install-MeshCertificate -Verbose -ErrorAction Continue
            New-MeshCertificateRequest canary $TestDrive/canary -KeyAlgorithm EcdsaP256 -Verbose
            $clusters | Get-MeshCertificate -Verbose
        }
        $text | Should -BeLike '*CacertsDiffer*'
        $text | Should -Not -BeLike "*$canary-----*"
        # The middle of the keys' base64, which no header would give away.
        Get-ChildItem $TestDrive/canary -Recurse -Filter *key.pem | ForEach-Object {
            $text | Should -Not -BeLike "*$((Get-Content $_)[1].Substring(10, 30))*"
        }
    }
}
