BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $lab = Start-TestLab 2
    $first, $second = $lab.Clusters

    # The canaries: what the credential is made of. They are only known by asking for them.
    $yaml = $first | New-RemoteSecret -AsPlainText
    $token = ([regex] 'token: (\S+)').Match($yaml).Groups[1].Value
    $key = ([regex] 'client-key-data: (\S+)').Match((Get-Content $lab.Kubeconfig -Raw)).Groups[1].Value
    # A part of the signature, so that a token that is only cut is found as well; and what stands in a Secret.
    $canaries = $token, $token.Substring($token.Length - 24), [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($token)).Substring(0, 60), $key.Substring(0, 60)

    function Assert-NoCanary {
        param([Parameter(ValueFromPipeline)] [string] $Text, [string] $Where)
        begin { $all = [Text.StringBuilder]::new() }
        process { $null = $all.AppendLine($Text) }
        end {
            $all.Length | Should -BeGreaterThan 10 -Because "$Where has to say something to be looked at"
            foreach ($canary in $canaries) {
                $all.ToString().Contains($canary) | Should -BeFalse -Because "$Where must not show a credential"
            }
        }
    }

    $objects = @(
        $first | New-RemoteSecret
        $lab.Clusters | New-RemoteSecret | Install-RemoteSecret $lab.Clusters
        $lab.Clusters | Enable-EndpointDiscovery -Wait
        $lab.Clusters | Get-EndpointDiscovery
        $lab.Clusters | Get-RemoteSecret
        $lab.Clusters
        Get-MeshLab
    )
}

AfterAll {
    Stop-MeshLab $lab.Lab.Id
}

Describe 'Credentials' {
    It 'are given away by -AsPlainText and by nothing else' {
        $token.Length | Should -BeGreaterThan 60
        $first | New-RemoteSecret -AsYaml | Assert-NoCanary -Where '-AsYaml'
        ($first | New-RemoteSecret).ToYaml() | Assert-NoCanary -Where 'ToYaml()'
        ($first | New-RemoteSecret).ToYaml($true).Contains($token) | Should -BeTrue
    }
    It 'are not in <Name>' -ForEach @(
        @{ Name = 'the default output'; Show = { $input | Out-String -Width 500 } }
        @{ Name = 'Format-List *'; Show = { $input | Format-List * -Force | Out-String -Width 5000 } }
        @{ Name = 'Format-Custom'; Show = { $input | Format-Custom -Depth 4 | Out-String -Width 5000 } }
        @{ Name = 'ConvertTo-Json'; Show = { $input | ConvertTo-Json -Depth 6 -WarningAction SilentlyContinue } }
        @{ Name = 'CLIXML'; Show = { [System.Management.Automation.PSSerializer]::Serialize(@($input), 6) } }
        @{ Name = 'a string'; Show = { $input | ForEach-Object { "$_ $($_.ToString())" } } }
    ) {
        $objects | & $Show | Assert-NoCanary -Where $Name
    }
    It 'are not on the other streams' {
        $everything = & {
            $DebugPreference = $VerbosePreference = 'Continue'
            $lab.Clusters | New-RemoteSecret -Verbose -Debug
            $lab.Clusters | New-RemoteSecret | Install-RemoteSecret $lab.Clusters -Verbose -Debug
            $lab.Clusters | Enable-EndpointDiscovery -Verbose -Debug -Wait
            $lab.Clusters | Get-RemoteSecret -Verbose -Debug
        } *>&1
        $everything | ForEach-Object { "$_" } | Assert-NoCanary -Where 'a stream'
    }
    It 'are not in a transcript with -WhatIf' {
        Start-Transcript $TestDrive/transcript.txt | Out-Null
        $first | New-RemoteSecret -WhatIf
        $lab.Clusters | New-RemoteSecret | Install-RemoteSecret $lab.Clusters -WhatIf
        $lab.Clusters | Enable-EndpointDiscovery -WhatIf
        $lab.Clusters | Get-RemoteSecret | Remove-RemoteSecret -RevokeToken -WhatIf
        $objects | Out-String -Width 500 | Out-Host
        Stop-Transcript | Out-Null
        Get-Content $TestDrive/transcript.txt | Assert-NoCanary -Where 'a transcript'
    }
    It 'are not in errors' {
        $Error.Clear()
        Invoke-Fault $lab lab-2 forbidden
        try {
            $first | New-RemoteSecret | Install-RemoteSecret $second -ErrorAction SilentlyContinue
            $lab.Clusters | Enable-EndpointDiscovery -ErrorAction SilentlyContinue | Out-Null
        } finally {
            Invoke-Fault $lab lab-2 clear
        }
        $first | New-RemoteSecret | Install-RemoteSecret $first -ErrorAction SilentlyContinue
        $path = New-TestKubeconfig $TestDrive/wrong.yaml "{ server: '$($first.Server)', insecure-skip-tls-verify: true }" "{ token: $($token)x }"
        Get-MeshCluster -Kubeconfig $path -ErrorAction SilentlyContinue
        $Error.Count | Should -BeGreaterThan 2
        $Error | Format-List * -Force | Out-String -Width 5000 | Assert-NoCanary -Where 'an error'
        $Error | ForEach-Object { $_.Exception | Format-List * -Force | Out-String -Width 5000 } | Assert-NoCanary -Where 'an exception'
        $Error | Get-Error | Out-String -Width 5000 | Assert-NoCanary -Where 'Get-Error'
    }
    It 'that a plugin repeats in its complaint are cut out' {
        $path = New-TestKubeconfig $TestDrive/loud.yaml '{ server: "https://127.0.0.1:1" }' "{ exec: { apiVersion: client.authentication.k8s.io/v1, command: pwsh, args: ['-NoProfile', '-Command', '[Console]::Error.WriteLine(""cannot use $token""); exit 1'], interactiveMode: Never } }"
        $Error.Clear()
        Get-MeshCluster -Kubeconfig $path -ErrorAction SilentlyContinue
        "$($Error[0])" | Assert-NoCanary -Where 'the message'
        "$($Error[0])" | Should -BeLike '*cannot use*'
    }
    It 'are in files that only this user can read' -Skip:$IsWindows {
        [int] (Get-Item $lab.Kubeconfig).UnixFileMode | Should -Be 384
    }
}
