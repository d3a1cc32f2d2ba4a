BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $suite = Join-Path $moduleRoot 'validation/Mesh.Tests.ps1'
    # In a PowerShell of its own, as a user starts it: Pester within Pester shares state.
    function Invoke-Suite {
        param($TestLab, [string] $Data = '')
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).json"
        $result = Invoke-Child @"
`$PSStyle.OutputRendering = 'PlainText'
`$data = @{ Kubeconfig = '$($TestLab.Kubeconfig)'; $Data }
`$run = Invoke-Pester -Container (New-PesterContainer -Path '$suite' -Data `$data) -Output Detailed -PassThru
`$run.Tests | ForEach-Object { @{ Name = `$_.ExpandedPath; Result = `$_.Result; Text = "`$(`$_.ErrorRecord)" } } | ConvertTo-Json | Set-Content '$file'
"@
        [pscustomobject]@{ Text = $result.Output; Error = $result.Error; Tests = (Test-Path $file) ? @(Get-Content $file -Raw | ConvertFrom-Json) : @() }
    }
}

AfterAll {
    Stop-MeshLab
}

Describe 'The validation suite' {
    It 'is part of the module' {
        $suite | Should -Exist
    }
    It 'passes on a sound mesh, and writes nothing' {
        $lab = Start-TestLab 3
        $null = $lab.Clusters | Enable-EndpointDiscovery -Wait
        $before = Get-WriteCount $lab
        $run = Invoke-Suite $lab
        $run.Error | Should -BeNullOrEmpty
        $run.Tests.Where{ $_.Result -ne 'Passed' -and $_.Name -notmatch 'several networks' }.Name | Should -BeNullOrEmpty
        $run.Tests.Name | Should -Contain 'Endpoint discovery.lab-1 reads lab-3'
        Get-WriteCount $lab | Should -Be $before
    }
    It 'says of a broken mesh what is wrong where, and what to do' {
        $lab = Start-TestLab 4 @{ SeparateTrust = $true }
        $null = $lab.Clusters[0..2] | Enable-EndpointDiscovery -Wait
        Invoke-Fault $lab lab-2 down
        $run = Invoke-Suite $lab
        $failed = $run.Tests.Where{ $_.Result -eq 'Failed' }
        $failed.Where{ $_.Name -eq 'Cluster lab-2.answers' }.Text | Should -BeLike 'lab-2: *What to do: *'
        $failed.Where{ $_.Name -eq 'Endpoint discovery.lab-1 reads lab-4' }.Text | Should -BeLike 'no remote secret*Enable-EndpointDiscovery*'
        $failed.Where{ $_.Name -eq 'Cluster lab-3.trusts the others, and they trust it' }.Text | Should -BeLike 'MT301: *What to do: *'
        # One cause, one failure: what else is asked of a cluster that does not answer is skipped.
        $failed.Where{ $_.Name -match 'lab-2' }.Name | Should -Be 'Cluster lab-2.answers'
        $run.Tests.Where{ $_.Name -match '^Cluster lab-2' -and $_.Result -eq 'Skipped' } | Should -HaveCount 6
        $run.Text | Should -Not -Match 'eyJ|BEGIN'
    }
    It 'makes calls, and says at which place on the way they fail' {
        $lab = Start-TestLab 2 @{ SeparateNetwork = $true }
        $null = $lab.Clusters | New-EastWestGateway -Wait | Publish-MeshService | Enable-EndpointDiscovery -Wait
        $null = $lab.Clusters | Install-MeshSample
        $run = Invoke-Suite $lab 'Calls = $true'
        $run.Tests.Where{ $_.Result -ne 'Passed' }.Name | Should -BeNullOrEmpty
        $run.Tests.Name | Should -Contain 'Calls.lab-1 calls lab-2'
        $null = Unpublish-MeshService -Context lab-2 -Kubeconfig $lab.Kubeconfig -Force
        $run = Invoke-Suite $lab 'Calls = $true'
        $failed = $run.Tests.Where{ $_.Result -eq 'Failed' }
        $failed.Name | Should -Be 'Calls.lab-1 calls lab-2'
        $failed.Text | Should -BeLike 'Exposure: *What to do: *Publish-MeshService*'
    }
    It 'takes contexts, primaries and days' {
        $lab = Start-TestLab 3
        $null = $lab.Clusters | Enable-EndpointDiscovery -Topology PrimaryRemote -Primary lab-1 -Wait
        $run = Invoke-Suite $lab "Context = 'lab-*'; Primary = 'lab-1'; WarnDays = 5000"
        $run.Tests.Name.Where{ $_ -like 'Endpoint discovery*' } | Should -Be 'Endpoint discovery.lab-1 reads lab-2', 'Endpoint discovery.lab-1 reads lab-3'
        $run.Tests.Where{ $_.Result -eq 'Failed' }.Name | Sort-Object -Unique | Should -Be (1..3).ForEach{ "Cluster lab-$_.has certificates for 5000 days to come" }
    }
    It 'fails where no cluster is found' {
        (Invoke-Suite ([pscustomobject]@{ Kubeconfig = Join-Path $TestDrive 'none.yaml' })).Text | Should -Match 'none.yaml'
    }
}
