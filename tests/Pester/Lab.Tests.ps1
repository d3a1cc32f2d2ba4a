BeforeAll {
    . $PSScriptRoot/Shared.ps1
}

AfterAll {
    Stop-MeshLab *
}

Describe 'Labs' {
    It 'start, are listed, and stop' {
        $clusters = Start-MeshLab -ClusterCount 2 -NamePrefix east
        $clusters.Name | Should -Be 'east-1', 'east-2'
        $lab = Get-MeshLab | Where-Object { $_.Clusters.Name -contains 'east-1' }
        $lab.OwnerProcessId | Should -Be $PID
        $lab.Detached | Should -BeFalse
        $process = Get-Process -Id $lab.ProcessId
        $lab | Stop-MeshLab
        $process.WaitForExit(10000) | Should -BeTrue
        Get-MeshLab | Where-Object Id -EQ $lab.Id | Should -BeNullOrEmpty
        Split-Path $lab.StateFile | Should -Not -Exist
    }
    It 'offer what they are asked for' {
        $clusters = Start-MeshLab 2 -NoControlPlane
        $clusters.Revisions | Should -BeNullOrEmpty
        $clusters = Start-MeshLab 2 -Platform Gke -SeparateNetwork -Revision asm-1 -MeshId other
        $clusters[0].Context | Should -BeLike 'gke_*'
        $clusters.Network | Sort-Object -Unique | Should -HaveCount 2
        $clusters.Revision | Should -Be 'asm-1', 'asm-1'
        $clusters.MeshId | Should -Be 'other', 'other'
    }
    It 'have the names and platforms that they are given' {
        $clusters = Start-MeshLab -Name prod, onprem -Platform Gke, None -SeparateNetwork
        $clusters.ClusterId | Should -Be 'cn-lab-project-us-central1-c-prod', 'onprem'
        $clusters.Platform | Should -Be 'Gke', 'Other'
        $clusters.Network | Should -Be 'prod-network', 'onprem-network'
        { Start-MeshLab -Name a, b, c -Platform Gke, None } | Should -Throw -ErrorId 'LabStartFailed,*'
    }
    It 'write the kubeconfig where it is asked for, for this user only' {
        $path = Join-Path $TestDrive 'my lab.yaml'
        $clusters = Start-MeshLab 1 -OutKubeconfig $path
        $clusters.KubeconfigPath | Should -Be $path
        (Get-MeshLab).Kubeconfig | Should -Contain $path
        if (-not $IsWindows) {
            $lab = Get-MeshLab | Where-Object Kubeconfig -EQ $path
            [int] (Get-Item $path).UnixFileMode, [int] (Get-Item $lab.StateFile).UnixFileMode | Should -Be 384, 384
            [int] (Get-Item (Split-Path $lab.StateFile)).UnixFileMode | Should -Be 448
        }
    }
    It 'do not overwrite a kubeconfig that is not a lab''s' {
        Set-Content TestDrive:/mine.yaml 'precious'
        { Start-MeshLab 1 -OutKubeconfig TestDrive:/mine.yaml } | Should -Throw -ErrorId 'LabStartFailed,*'
        Get-Content TestDrive:/mine.yaml | Should -Be 'precious'
        Start-MeshLab 1 -OutKubeconfig TestDrive:/mine.yaml -Force | Should -Not -BeNullOrEmpty
    }
    It 'leave $LASTEXITCODE alone' {
        $global:LASTEXITCODE = 42
        $null = Start-MeshLab 1
        Stop-MeshLab
        $global:LASTEXITCODE | Should -Be 42
        $global:LASTEXITCODE = 0
    }
    It 'are not started or stopped by -WhatIf' {
        $before = @(Get-MeshLab).Count
        Start-MeshLab -WhatIf | Should -BeNullOrEmpty
        @(Get-MeshLab).Count | Should -Be $before
        $null = Start-MeshLab 1
        Stop-MeshLab -WhatIf
        @(Get-MeshLab).Count | Should -Be ($before + 1)
    }
    It 'say which there are when one is not there' {
        $null = Start-MeshLab 1
        Stop-MeshLab lab-nope -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -BeLike 'LabNotFound,*'
        "$($failure[0])" | Should -BeLike "*$((Get-MeshLab)[0].Id)*"
    }
    It 'say what is missing when there is nothing to run them with' {
        $script = "Import-Module '$module'; `$env:PATH = ''; try { Start-MeshLab } catch { `$_.FullyQualifiedErrorId; `$_.ErrorDetails.RecommendedAction }"
        $result = Invoke-Child $script @{ DOTNET_ROOT = ''; DOTNET_HOST_PATH = ''; HOME = $TestDrive }
        if (Test-Path /usr/share/dotnet, /usr/lib/dotnet, /usr/local/share/dotnet | Where-Object { $_ }) {
            Set-ItResult -Skipped -Because '.NET is in a place that is always looked at'
        }
        $result.Output | Should -BeLike 'LabRuntimeNotFound,*'
    }
    It 'say where else their files may go when home cannot be written' {
        Set-Content "$TestDrive/file" 'no folder'
        $script = "Import-Module '$module'; try { Start-MeshLab } catch { `$_.FullyQualifiedErrorId; `$_.ToString(); `$_.ErrorDetails.RecommendedAction }"
        $id, $message, $advice = (Invoke-Child $script @{ XDG_DATA_HOME = "$TestDrive/file" }).Output -split '\r?\n'
        $id | Should -BeLike 'LabStartFailed,*'
        $message | Should -BeLike '*below *file*MeshTools*cannot be written*'
        $advice | Should -BeLike '*XDG_DATA_HOME*'
    }
    It 'leave nothing behind when they are ended from outside' {
        $null = Start-MeshLab 1 -NamePrefix outside
        $lab = Get-MeshLab | Where-Object { $_.Clusters.Name -contains 'outside-1' }
        $process = Get-Process -Id $lab.ProcessId
        $process.Kill()
        $process.WaitForExit(10000) | Should -BeTrue
        Get-MeshLab | Where-Object Id -EQ $lab.Id | Should -BeNullOrEmpty
        Split-Path $lab.StateFile | Should -Not -Exist
    }
    It 'are not ended by a Ctrl+C that is meant for another command' -Skip:$IsWindows {
        $null = Start-MeshLab 1 -NamePrefix steady
        $lab = Get-MeshLab | Where-Object { $_.Clusters.Name -contains 'steady-1' }
        /bin/sh -c "kill -INT $($lab.ProcessId)"
        ($lab | Get-MeshCluster).Name | Should -Be 'steady-1'
        $lab | Stop-MeshLab
    }
    It 'end with their shell, unless detached' {
        $script = "Import-Module '$module'; `$null = Start-MeshLab 1 {0}; (Get-MeshLab).Where{{ `$_.OwnerProcessId -eq `$PID }}.ProcessId"
        $attached = [int] (Invoke-Child ($script -f '')).Output
        $detached = [int] (Invoke-Child ($script -f '-Detached')).Output
        $process = Get-Process -Id $attached -ErrorAction SilentlyContinue
        if ($process) {
            $process.WaitForExit(10000) | Should -BeTrue
        }
        Get-Process -Id $detached | Should -Not -BeNullOrEmpty
        Get-MeshLab | Where-Object ProcessId -EQ $detached | Stop-MeshLab
        Get-Process -Id $detached -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }
}
