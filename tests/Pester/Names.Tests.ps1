# What pages, advice and messages name must be there: no command, parameter or error id that is not, and none that is missing from the lists.
BeforeDiscovery {
    . $PSScriptRoot/Shared.ps1
    $root = (Resolve-Path $PSScriptRoot/../..).Path
    $pages = @('README.md') + @(Get-ChildItem $root/docs/cmdlets, $root/docs/guides -Filter *.md | ForEach-Object { [IO.Path]::GetRelativePath($root, $_.FullName) }) |
        ForEach-Object { @{ Page = $_.Replace('\', '/') } }
    $texts = @(Get-ChildItem $root/docs/about -Filter *.txt | ForEach-Object { [IO.Path]::GetRelativePath($root, $_.FullName) }) + 'module/validation/Mesh.Tests.ps1' + 'CONTRIBUTING.md' |
        ForEach-Object { @{ Text = $_.Replace('\', '/') } }
}

BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $root = (Resolve-Path $PSScriptRoot/../..).Path
    $commands = @{}
    foreach ($command in Get-Command -Module MeshTools) { $commands[$command.Name] = $command }
    $verbs = (Get-Verb).Verb -join '|'
    # The second half of a name that could only be one of ours.
    $nouns = '(?:Mesh|ServiceMesh|EndpointDiscovery|RemoteSecret|EastWestGateway|IngressGateway|EgressGateway|SidecarInjection|FleetMembership)\w*'
    $parameters = $commands.Values.ForEach{ $_.Parameters.Values.ForEach{ $_.Name; $_.Aliases } } | Sort-Object -Unique

    # By whole names or aliases; PowerShell would also take a beginning of one.
    function Test-Parameter {
        param($Command, [string] $Name)
        $Name -in $Command.Parameters.Values.ForEach{ $_.Name; $_.Aliases }
    }

    # Names of commands and parameters of a statement.
    function Find-Stranger {
        param([string] $Code)
        $tree = [System.Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $null)
        foreach ($call in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
            $name = $call.GetCommandName()
            if ($name -notmatch "^($verbs)-$nouns$") { continue }
            if (-not $commands[$name]) { $name; continue }
            foreach ($element in $call.CommandElements.Where{ $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                if (-not (Test-Parameter $commands[$name] $element.ParameterName)) { "$name -$($element.ParameterName)" }
            }
        }
    }

    # The same of prose, where a command may stand alone, or with parameters behind it.
    function Find-StrangerInProse {
        param([string] $Text)
        foreach ($match in [regex]::Matches($Text, "(?<![\w-])(?<!Get-Help )(?<name>(?:$verbs)-$nouns)(?<rest>(?:\s+-[A-Z]\w*(?:\s+(?![-|])[\w.,'/*@]+)?)*)")) {
            $name = $match.Groups['name'].Value
            if (-not $commands[$name]) { $name; continue }
            foreach ($parameter in [regex]::Matches($match.Groups['rest'].Value, '(?<=\s-)[A-Z]\w*').Value) {
                if (-not (Test-Parameter $commands[$name] $parameter)) { "$name -$parameter" }
            }
        }
    }
}

Describe 'The page <Page>' -ForEach $pages {
    BeforeAll {
        $content = Get-Content -LiteralPath (Join-Path $root $Page) -Raw
        $blocks = [regex]::Matches($content, '(?ms)^ *```(?<language>[\w-]*)[^\n]*\n(?<code>.*?)^ *```')
    }
    It 'has only commands and parameters that there are in its code' {
        $blocks.Where{ $_.Groups['language'].Value -in 'powershell', 'yaml', 'text', '' }.ForEach{
            $code = $_.Groups['code'].Value
            $_.Groups['language'].Value -eq 'powershell' ? (Find-Stranger $code) : (Find-StrangerInProse $code)
        } | Should -BeNullOrEmpty
    }
    It 'has only commands and parameters that there are in its text' {
        $text = [regex]::Replace($content, '(?ms)^ *```.*?^ *```', '')
        Find-StrangerInProse $text | Should -BeNullOrEmpty
        # Code within a line: a whole statement, or a parameter by itself.
        foreach ($span in [regex]::Matches($text, '(?<!`)`([^`\n]+)`(?!`)').ForEach{ $_.Groups[1].Value.Replace('\|', '|') }) {
            Find-Stranger $span | Should -BeNullOrEmpty -Because "``$span`` is on the page"
            if ($span -cmatch '^-(?<name>[A-Z]\w+)') {
                $others = 'ErrorAction', 'ErrorVariable', 'WhatIf', 'Confirm', 'Verbose', 'Debug', 'Parallel', 'Passthru', 'NoProfile', 'NonInteractive', 'OutVariable'
                $Matches['name'] | Should -BeIn ($parameters + $others) -Because "``$span`` is on the page"
            }
        }
    }
}

Describe 'The text <Text>' -ForEach $texts {
    It 'names only commands and parameters that there are' {
        # An about page breaks its lines within a statement.
        Find-StrangerInProse ((Get-Content -LiteralPath (Join-Path $root $Text) -Raw) -replace '\s+', ' ') | Should -BeNullOrEmpty
    }
}

Describe 'The sources' {
    It 'name only commands and parameters that there are, in messages, advice and fixes' {
        $found = foreach ($file in Get-ChildItem $root/src -Recurse -Filter *.cs | Where-Object FullName -NotMatch '[\\/](obj|bin)[\\/]') {
            # Adjacent literals are one text.
            $code = (Get-Content -LiteralPath $file -Raw) -replace '"\s*\+\s*\$?"'
            foreach ($stranger in Find-StrangerInProse $code) { "$($file.Name): $stranger" }
        }
        $found | Should -BeNullOrEmpty
    }
    It 'of the error catalogue are listed, each id, in about_MeshTools_Errors' {
        $core = [AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -eq 'MeshTools.Core' }[0]
        if (-not $core) {
            $null = Get-MeshCluster -Kubeconfig (New-TestKubeconfig $TestDrive/any.yaml '{ server: "https://127.0.0.1:1" }') -SkipProbe
            $core = [AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -eq 'MeshTools.Core' }[0]
        }
        $catalog = $core.GetType('MeshTools.Errors.ErrorCatalog')
        $ids = $catalog.GetProperties([Reflection.BindingFlags] 'Static, Public').Where{ $_.PropertyType.Name -eq 'ErrorDefinition' }.Name | Sort-Object
        $ids.Count | Should -BeGreaterThan 50
        $listed = [regex]::Matches((Get-Content "$root/docs/about/about_MeshTools_Errors.help.txt" -Raw), '(?m)^ {2}(?<id>[A-Z][A-Za-z0-9]+)\s*$').ForEach{ $_.Groups['id'].Value } | Sort-Object
        $listed | Should -Be $ids
    }
}

Describe 'The page from asmcli' {
    It 'says what stands in place of <_>' -ForEach @(
        # Commands, and options of install, validate and apply, of create-mesh and of build-offline-package, with their other spellings.
        'install', 'apply', 'validate', 'create-mesh', 'build-offline-package', 'print-config', 'mcp-migrate-check', '--help', '--version'
        '-l', '--cluster_location', '-n', '--cluster_name', '-p', '--project_id', '--kc', '--kubeconfig', '--ctx', '--context', '--fleet_id', '--network_id', '-c', '--ca', 'mesh_ca', 'gcp_cas'
        'citadel', 'managed_cas', '--ca_pool', '--ca_name', '-o', '--option', '--co', '--custom_overlay', '-s', '--service_account', '-k', '--key_file', '-D', '--output_dir', '--working_dir'
        '--ca_cert', '--ca_key', '--root_cert', '--cert_chain', '-r', '--revision_name', '--platform', '--channel', '-e', '--enable_all', '--enable_cluster_roles', '--enable_cluster_labels'
        '--enable_gcp_apis', '--enable_gcp_iam_roles', '--enable_gcp_components', '--enable_registration', '--enable_namespace_creation', '--enable_meshconfig_init', '--use_fleet_api'
        '--managed', '--managed_certificates', '--use_vpcsc', '--offline', '--disable_ui', '--only_enable', '--only_validate', '--dry_run', '-v', '--verbose', '-m', '--mode', '--legacy'
        '--use_managed_cni', '--disable_canonical_service', '--ignore_workload_identity_mismatch'
        'HUB_MEMBERSHIP_ID', 'HUB_IDP_URL', 'HUB_REGISTRATION_EXTRA_FLAGS', 'PRIVATE_ISSUER', 'HTTPS_PROXY', 'GKE_CLUSTER_URI', 'TRUST_FLEET_IDENTITY', 'USE_HUB_WIP', 'INCLUDES_STACKDRIVER'
        'NON_INTERACTIVE', 'GCLOUD_USER_OR_SA'
    ) {
        # In code of a table's first column, whole.
        $rows = (Get-Content "$root/docs/guides/from-asmcli.md") -match '^\| ' -replace '(?<!\\)\|', "`0" | ForEach-Object { ($_ -split "`0")[1] }
        $words = [regex]::Matches($rows -join "`n", '`([^`]+)`').ForEach{ $_.Groups[1].Value -split '[\s,|\\]+' }
        $words -ccontains $_ | Should -BeTrue -Because "asmcli knows $_"
    }
}

Describe 'about_MeshTools' {
    It 'lists every command, each once' {
        $text = Get-Content "$root/docs/about/about_MeshTools.help.txt" -Raw
        $list = [regex]::Match($text, '(?ms)^  COMMANDS\r?\n(.*?)^  \S').Groups[1].Value
        # "Get-, Set-MeshRevisionTag" is two; the area stands before them.
        $listed = [Collections.Generic.List[string]]::new()
        $open = @()
        foreach ($word in [regex]::Matches($list, "\b(?<verb>$verbs)-(?<noun>\w+)?")) {
            $open += $word.Groups['verb'].Value
            if ($word.Groups['noun'].Success) {
                $open.ForEach{ $listed.Add("$_-$($word.Groups['noun'].Value)") }
                $open = @()
            }
        }
        $listed | Sort-Object | Should -Be ($commands.Keys | Sort-Object)
    }
    It 'lists every guide' {
        $text = (Get-Content "$root/docs/about/about_MeshTools.help.txt" -Raw) -replace '\s+', ' '
        foreach ($guide in (Get-ChildItem $root/docs/guides -Filter *.md).BaseName) { $text | Should -Match "\b$guide\b" }
    }
}

Describe 'The README' {
    It 'links every guide' {
        $text = Get-Content "$root/README.md" -Raw
        foreach ($guide in (Get-ChildItem $root/docs/guides -Filter *.md).Name) { $text | Should -Match ([regex]::Escape("docs/guides/$guide")) }
    }
    It 'and the guides link only what is there: <Page>' -ForEach ($pages | Where-Object { $_.Page -notlike 'docs/cmdlets/*' }) {
        $path = Join-Path $root $Page
        $content = [regex]::Replace((Get-Content -LiteralPath $path -Raw), '(?ms)^ *```.*?^ *```', '')
        foreach ($link in [regex]::Matches($content, '\]\((?<to>[^)\s]+)\)').ForEach{ $_.Groups['to'].Value }.Where{ $_ -notmatch '^https?:' }) {
            $file, $anchor = $link -split '#', 2
            $target = $file ? (Join-Path (Split-Path $path) $file) : $path
            Test-Path -LiteralPath $target | Should -BeTrue -Because "$Page links $link"
            if ($anchor) {
                $anchors = [regex]::Matches((Get-Content -LiteralPath $target -Raw), '(?m)^#+ (.+?)\s*$').ForEach{ ($_.Groups[1].Value.ToLowerInvariant() -replace '[^\w\- ]').Trim().Replace(' ', '-') }
                $anchor | Should -BeIn $anchors -Because "$Page links $link"
            }
        }
    }
}
