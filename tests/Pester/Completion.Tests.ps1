BeforeDiscovery {
    . $PSScriptRoot/Shared.ps1
}

BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $path = Join-Path $TestDrive 'contexts.yaml'
    $marker = Join-Path $TestDrive 'plugin-ran'
    Set-Content $path @"
apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "https://api.example.com:6443" } }]
users: [{ name: u, user: { exec: { apiVersion: client.authentication.k8s.io/v1, command: touch, args: ["$($marker.Replace('\', '/'))"], interactiveMode: Never } } }]
contexts:
- { name: plain, context: { cluster: c, user: u } }
- { name: "with space", context: { cluster: c, user: u } }
- { name: "it's", context: { cluster: c, user: u } }
- { name: "br[ack]et", context: { cluster: c, user: u } }
- { name: "arn:aws:eks:eu-west-1:1234:cluster/blue", context: { cluster: c, user: u } }
- { name: "me@home", context: { cluster: c, user: u } }
"@

    function Complete {
        param([string] $Line)
        (TabExpansion2 $Line $Line.Length).CompletionMatches
    }
}

Describe 'Completion of contexts' {
    It 'offers all, quoted where it has to be' {
        (Complete "Get-MeshCluster -Kubeconfig '$path' -Context ").CompletionText |
            Should -Be 'arn:aws:eks:eu-west-1:1234:cluster/blue', "'br``[ack``]et'", "'it''s'", 'me@home', 'plain', "'with space'"
    }
    It 'gives names that the command understands' {
        $env:KUBECONFIG, $before = $path, $env:KUBECONFIG
        try {
            foreach ($match in Complete 'Get-MeshCluster ') {
                (& ([scriptblock]::Create("Get-MeshCluster -SkipProbe $($match.CompletionText)"))).Name | Should -Be $match.ListItemText
            }
            foreach ($match in Complete 'Get-RemoteSecret -Cluster ') {
                $match.CompletionText.Trim("'").Replace("''", "'") | Should -Be $match.ListItemText
            }
        } finally {
            $env:KUBECONFIG = $before
        }
    }
    It 'goes on in the quotes that are open' {
        (Complete "Get-MeshCluster -Kubeconfig '$path' -Context 'wi").CompletionText | Should -Be "'with space'"
        (Complete "Get-MeshCluster -Kubeconfig '$path' -Context `"it").CompletionText | Should -Be '"it''s"'
    }
    It 'ignores case, and goes on after a comma' {
        (Complete "Get-MeshCluster -Kubeconfig '$path' -Context PL").CompletionText | Should -Be 'plain'
        (Complete "Get-MeshCluster -Kubeconfig '$path' -Context plain, wi").CompletionText | Should -Be "'with space'"
    }
    It 'shows the server, and starts no credential plugin' {
        (Complete "Get-MeshCluster -Kubeconfig '$path' -Context pl").ToolTip | Should -Be 'https://api.example.com:6443'
        $marker | Should -Not -Exist
    }
    It 'takes paths relative to the location' {
        Push-Location TestDrive:/
        try {
            (Complete 'Get-MeshCluster -Kubeconfig contexts.yaml -Context pl').CompletionText | Should -Be 'plain'
        } finally {
            Pop-Location
        }
    }
    It 'completes nothing, and says nothing, when the kubeconfig is missing or broken' {
        Set-Content TestDrive:/broken.yaml '['
        $Error.Clear()
        Complete "Get-MeshCluster -Kubeconfig $TestDrive/broken.yaml -Context x" | Where-Object ResultType -EQ ParameterValue | Should -BeNullOrEmpty
        Complete "Get-MeshCluster -Kubeconfig $TestDrive/nope.yaml -Context x" | Where-Object ResultType -EQ ParameterValue | Should -BeNullOrEmpty
        $Error | Should -BeNullOrEmpty
    }
    It 'works for <_>' -ForEach @(
        (Get-Command -Module MeshTools).ForEach{
            $command = $_
            $command.Parameters.Keys.Where{ $_ -in 'Cluster', 'Context', 'Destination', 'Peer', 'Primary' -and $command.Name -ne 'Get-MeshCluster' }.ForEach{ "$($command.Name) -$_" }
        }
    ) {
        $env:KUBECONFIG, $before = $path, $env:KUBECONFIG
        try {
            (Complete "$_ pl").CompletionText | Should -Be 'plain'
        } finally {
            $env:KUBECONFIG = $before
        }
    }
}

Describe 'Completion of labs' {
    It 'offers the ids' {
        $null = Start-MeshLab 1
        try {
            $id = (Get-MeshLab).Id
            (Complete 'Stop-MeshLab lab-').CompletionText | Should -Contain $id
        } finally {
            Stop-MeshLab
        }
    }
}
