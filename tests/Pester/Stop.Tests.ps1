BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $lab = Start-TestLab 2

    # Runs a script, stops it once it is where it hangs, and says how long the stop took.
    function Measure-Stop {
        param([string] $Script, [scriptblock] $Ready)
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$module'; $Script")
            $running = $shell.BeginInvoke()
            while (-not (& $Ready)) {
                if ($running.AsyncWaitHandle.WaitOne(20)) {
                    throw "It was over before it could be stopped: $($shell.Streams.Error)"
                }
            }
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $watch.Elapsed.TotalSeconds
        } finally {
            $shell.Dispose()
        }
    }

    function Get-RequestCount {
        ((Get-MeshLab $lab.Lab.Id).Clusters | Where-Object Name -EQ 'lab-2').Requests
    }

    # The lab counts a request when it has answered it, so one that hangs shows only as a connection.
    function Get-ConnectionCount {
        $port = $lab.Clusters.Where{ $_.Name -eq 'lab-2' }.Server.Port
        [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpConnections().
            Where{ $_.RemoteEndPoint.Port -eq $port -and $_.State -eq 'Established' }.Count
    }

    # What hangs hangs for a minute; a stop takes far less than a second, which a loaded machine may not.
    $limit = 3
}

AfterAll {
    Stop-MeshLab $lab.Lab.Id
}

Describe 'Ctrl+C' {
    It 'ends a command that waits for a handshake' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $path = New-TestKubeconfig $TestDrive/silent.yaml "{ server: 'https://127.0.0.1:$($listener.LocalEndpoint.Port)' }"
            Measure-Stop "Get-MeshCluster -Kubeconfig '$path'" { $listener.Pending() } | Should -BeLessThan $limit
        } finally {
            $listener.Stop()
        }
    }
    It 'ends a command that waits for an answer: <_>' -ForEach @(
        'Get-MeshCluster -Kubeconfig {0}'
        'Get-MeshCluster -Kubeconfig {0} -SkipProbe | Enable-EndpointDiscovery -Wait'
        'Get-RemoteSecret -Context * -Kubeconfig {0}'
    ) {
        Invoke-Fault $lab lab-2 slow --delay 60s
        try {
            $before = Get-ConnectionCount
            Measure-Stop ($_ -f "'$($lab.Kubeconfig)'") { (Get-ConnectionCount) -gt $before } | Should -BeLessThan $limit
        } finally {
            Invoke-Fault $lab lab-2 clear
        }
    }
    It 'ends a credential plugin' -Skip:$IsWindows {
        $started = Join-Path $TestDrive 'plugin.pid'
        $path = New-TestKubeconfig $TestDrive/plugin.yaml '{ server: "https://127.0.0.1:1" }' "{ exec: { apiVersion: client.authentication.k8s.io/v1, command: sh, args: ['-c', 'echo `$`$ > $started.new; mv $started.new $started; exec sleep 60'], interactiveMode: Never } }"
        Measure-Stop "Get-MeshCluster -Kubeconfig '$path'" { Test-Path $started } | Should -BeLessThan $limit
        $process = Get-Process -Id (Get-Content $started) -ErrorAction SilentlyContinue
        if ($process) {
            $process.WaitForExit(5000) | Should -BeTrue -Because 'the plugin must not outlive the command'
        }
    }
    It 'ends a wait' {
        Invoke-Fault $lab lab-2 forbidden --verb list --resource services
        try {
            $before = Get-RequestCount
            Measure-Stop "Get-MeshCluster -Kubeconfig '$($lab.Kubeconfig)' | Enable-EndpointDiscovery -Wait -Timeout 60" { (Get-RequestCount) -gt $before + 15 } | Should -BeLessThan $limit
        } finally {
            Invoke-Fault $lab lab-2 clear
        }
    }
    It 'ends a lab that is being started' {
        $root = Join-Path $env:XDG_DATA_HOME 'MeshTools/labs'
        $before = @(Get-ChildItem $root -ErrorAction Ignore).Count
        Measure-Stop 'Start-MeshLab -ClusterCount 150' { @(Get-ChildItem $root).Count -gt $before } | Should -BeLessThan $limit
        $patience = [Diagnostics.Stopwatch]::StartNew()
        while (@(Get-ChildItem $root).Count -gt $before -and $patience.Elapsed.TotalSeconds -lt 10) {
            $null = Get-MeshLab
        }
        @(Get-ChildItem $root).Count | Should -Be $before
        @(Get-MeshLab).Count | Should -Be 1
    }
    It 'lets a command that it has not met end as if nothing had happened' {
        $shell = [powershell]::Create().AddScript("Import-Module '$module'; Get-MeshCluster -Kubeconfig '$($lab.Kubeconfig)'")
        $shell.Invoke().Count | Should -Be 2
        $shell.Stop()
        $shell.Dispose()
    }
}
