# With MESHTOOLS_PAGES only the examples of pages whose names match it run, for example Get-Mesh*.
BeforeDiscovery {
    $wanted = $env:MESHTOOLS_PAGES ? $env:MESHTOOLS_PAGES : '*'
    $pages = Get-ChildItem (Join-Path $PSScriptRoot '../../docs/cmdlets') -Filter *.md | Where-Object BaseName -Like $wanted
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

    # The files that a reader of the certificate examples has: a root, what the Makefile makes for a cluster, a key with a password, a request.
    $pki = Join-Path $TestDrive 'made/pki'
    $root = New-MeshRootCertificate -KeyAlgorithm EcdsaP256 -OutDirectory $pki
    $null = New-MeshIntermediateCertificate -Root $root -Name lab-1 -KeyAlgorithm EcdsaP256 -OutDirectory $pki
    $null = New-MeshCertificateRequest -Name lab-9 -KeyAlgorithm EcdsaP256 -OutDirectory "$pki/for"
    $null = New-Item -ItemType Directory "$pki/requests"
    Move-Item "$pki/for/lab-9/ca-cert.csr" "$pki/requests/lab-9.csr"
    $env:PKI_PASSWORD = 'rehearsal'
    $key = [Security.Cryptography.ECDsa]::Create()
    $key.ImportFromPem((Get-Content "$pki/lab-1/ca-key.pem" -Raw))
    $parameters = [Security.Cryptography.PbeParameters]::new('Aes256Cbc', 'SHA256', 2048)
    $key.ExportEncryptedPkcs8PrivateKeyPem($env:PKI_PASSWORD, $parameters) | Set-Content "$pki/lab-1/ca-key.encrypted.pem"
}

AfterAll {
    Pop-Location
    $env:KUBECONFIG = $before
    $env:PKI_PASSWORD = $null
    Stop-MeshLab
}

Describe 'The examples' {
    BeforeEach {
        # As a reader would have it: a kubeconfig, a mesh behind it, and a folder to work in. Whoever checks trust or calls has a shared root; to the others each
        # cluster made its own, as istiod does where nobody gave it one.
        $with = @{ SeparateTrust = $Command -notin 'Test-MeshTrust', 'Test-MeshConnectivity' }
        # Whoever works with Google Cloud is signed in there, and the clusters are GKE's.
        if ($Command -match 'FleetMembership|ServiceMeshRequirement' -or $Code -match 'FleetProject') {
            $with.GoogleCloud = 'Prepared'
        }
        # Keys are sent for clusters outside GKE.
        if ($Code -match '-HasPrivateIssuer') {
            $with.Platform = 'None'
        }
        $lab = Start-TestLab 3 $with
        $env:KUBECONFIG = $lab.Kubeconfig
        if ($lab.Lab.GoogleCloud) {
            $lab.Lab.GoogleCloud.Enter()
        }
        # The releases of the lab, in place of those that no test downloads.
        $lab.Lab.Releases.Enter()
        $null = Get-MeshCluster | Enable-EndpointDiscovery -Wait
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))
        Copy-Item -Recurse $pki $folder
        Push-Location $folder
    }
    AfterEach {
        Pop-Location
        $lab.Lab.Releases.Leave()
        if ($lab.Lab.GoogleCloud) {
            $lab.Lab.GoogleCloud.Leave()
        }
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

Describe 'Help' {
    BeforeAll {
        $commands = (Get-Command -Module MeshTools).Name | Sort-Object
        $about = (Get-ChildItem "$repository/docs/about" -Filter *.help.txt).BaseName -replace '\.help$' | Sort-Object
    }
    It 'is there for each command that there is, and for no other' {
        (Get-ChildItem "$repository/docs/cmdlets" -Filter *.md).BaseName | Sort-Object | Should -Be $commands
        $help = [xml] (Get-Content "$repository/module/en-US/MeshTools.Cmdlets.dll-Help.xml" -Raw)
        $help.helpItems.command.details.name | Sort-Object | Should -Be $commands
        (Get-ChildItem "$repository/module/en-US" -Filter about_*).BaseName -replace '\.help$' | Sort-Object | Should -Be $about
    }
    It 'has a topic for each subject: <_>' -ForEach 'about_MeshTools', 'about_MeshTools_Authentication', 'about_MeshTools_Errors', 'about_MeshTools_Lab' {
        Get-Help $_ | Should -Match 'SHORT DESCRIPTION'
        # A terminal of 80 columns.
        Get-Content "$repository/docs/about/$_.help.txt" | Where-Object Length -GT 79 | Where-Object { $_ -notmatch '^ {8}' } | Should -BeNullOrEmpty
    }
    It 'names no command that is not there: <_>' -ForEach 'README.md', 'docs/about/about_MeshTools.help.txt', 'docs/about/about_MeshTools_[AL]*.help.txt' {
        foreach ($page in Get-ChildItem "$repository/$_" -ErrorAction Ignore) {
            $text = Get-Content -LiteralPath $page -Raw
            $nouns = $commands.ForEach{ ($_ -split '-')[1] } | Select-Object -Unique
            $own = '(?:Mesh|ServiceMesh|EndpointDiscovery|RemoteSecret|EastWest|IngressGateway|EgressGateway|SidecarInjection|Fleet)\w*'
            foreach ($match in [regex]::Matches($text, "\b(?<verb>[A-Z][a-z]+)-(?<noun>$own|$($nouns -join '|'))\b")) {
                $match.Value | Should -BeIn $commands -Because "$($page.Name) names it"
            }
        }
    }
}
