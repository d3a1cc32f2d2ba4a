BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $lab = Start-TestLab 2 @{ GoogleCloud = 'Empty'; NoControlPlane = $true }
    $lab.Lab.GoogleCloud.Enter()
}

AfterAll {
    $lab.Lab.GoogleCloud.Leave()
    Stop-MeshLab
}

Describe 'Test-ServiceMeshRequirement' {
    It 'names everything that is missing in one run, and changes nothing' {
        $results = $lab.Clusters | Test-ServiceMeshRequirement -FleetProject lab-project -WarningAction SilentlyContinue
        $missing = $results | Where-Object { $_.Severity -eq 'Error' -and $_.Cluster.Name -like '*lab-1' }
        $missing.Id | Sort-Object -Unique | Should -Be 'MT108', 'MT110', 'MT111', 'MT112', 'MT113', 'MT115', 'MT117'
        $missing.Fix | Should -Not -Contain $null
        Get-WriteCount $lab | Should -Be 0
        (Get-MeshLab $lab.Lab.Id).GoogleCloud.Writes | Should -Be 0
    }
    It 'names each missing role with where' {
        Invoke-Fault $lab google-cloud deny --permission gkehub.
        $results = $lab.Clusters[0] | Test-ServiceMeshRequirement -FleetProject lab-fleet
        $results.Where{ $_.Id -eq 'MT114' -and $_.Severity -eq 'Error' }.Message | Should -Be 'roles/gkehub.admin is missing on project lab-fleet'
        Invoke-Fault $lab google-cloud clear
    }
    It 'says yes or no with -Quiet' {
        $lab.Clusters | Test-ServiceMeshRequirement -FleetProject lab-project -Quiet | Should -BeFalse
    }
    It 'leaves Google Cloud alone when told so' {
        $before = (Get-MeshLab $lab.Lab.Id).GoogleCloud.Requests
        $results = $lab.Clusters | Test-ServiceMeshRequirement -SkipGoogleCloud
        $results.Id | Should -Not -Contain 'MT112'
        (Get-MeshLab $lab.Lab.Id).GoogleCloud.Requests | Should -Be $before
    }
    It 'shows a table of 80 columns' {
        $lines = $lab.Clusters[0] | Test-ServiceMeshRequirement -FleetProject lab-project | Out-String -Width 80 -Stream
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        $lines -match 'MT111 +Error' | Should -Not -BeNullOrEmpty
    }
    It 'refuses a pool of another form' {
        { Test-ServiceMeshRequirement -Cluster $lab.Clusters[0] -CaPool pool } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
    }
}
