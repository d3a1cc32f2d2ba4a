BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $lab = Start-TestLab 2
}

AfterAll {
    Stop-MeshLab $lab.Lab.Id
}

Describe 'Test-MeshConnectivity without a workload' {
    It 'is one error that ends no pipeline, and does not pass' {
        $mesh = $lab.Clusters | Test-MeshConnectivity -ErrorVariable errors -ErrorAction SilentlyContinue
        $mesh.Passed | Should -BeFalse
        $mesh | Should -BeOfType (Get-Command Test-MeshConnectivity).OutputType[0].Type
        $errors | Should -HaveCount 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'ConnectivityTargetMissing,*'
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*Install-MeshSample*'
    }
    It 'is only a no with -Quiet' {
        $lab.Clusters | Test-MeshConnectivity -Quiet -ErrorVariable errors | Should -BeFalse
        $errors | Should -BeNullOrEmpty
    }
    It 'takes -<Name> <Value> for an error' -ForEach @(
        @{ Name = 'Path'; Value = 'hello' }
        @{ Name = 'Port'; Value = 70000 }
        @{ Name = 'Count'; Value = 0 }
        @{ Name = 'Until'; Value = 'Failure' }
    ) {
        $with = @{ $Name = $Value }
        { $lab.Clusters | Test-MeshConnectivity @with } | Should -Throw -ErrorId 'ParameterArgument*'
    }
    It 'ends a step of a pipeline with exit code 1' {
        $test = "Import-Module '$module'; Get-MeshCluster -Kubeconfig '$($lab.Kubeconfig)' | Test-MeshConnectivity"
        (Invoke-Child $test).ExitCode | Should -Be 1
        $stopped = Invoke-Child "`$ErrorActionPreference = 'Stop'; $test; 'went on'"
        $stopped.ExitCode | Should -Be 1
        $stopped.Output | Should -Not -BeLike '*went on*'
    }
    It 'writes nothing' {
        Get-WriteCount $lab | Should -Be 0
    }
}
