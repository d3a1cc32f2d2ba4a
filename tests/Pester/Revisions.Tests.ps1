BeforeAll {
    . $PSScriptRoot/Shared.ps1
}

Describe 'Revisions and their tags' {
    BeforeAll {
        $lab = Start-TestLab 2
    }
    AfterAll {
        Stop-MeshLab $lab.Lab.Id
    }

    It 'lists revisions and what is installed' {
        $revisions = $lab.Clusters | Get-MeshRevision
        $revisions.Revision | Should -Be 'default', 'default'
        $revisions.Ready | Should -Be $true, $true
        $installed = $lab.Clusters | Get-ServiceMesh
        $installed.CertificateAuthority | Should -Be 'PluggedIn', 'PluggedIn'
        $installed | Should -BeOfType (Get-Command Get-ServiceMesh).OutputType[0].Type
        $lab.Clusters | Get-ServiceMesh -Revision asm-* | Should -BeNullOrEmpty
    }
    It 'fits 80 columns' {
        $text = $lab.Clusters | Get-ServiceMesh | Out-String -Width 80
        $text | Should -Match 'Cluster\s+Revision\s+Version\s+CA\s+Ready'
        $text -split "`n" | ForEach-Object { $_.TrimEnd().Length | Should -BeLessOrEqual 80 }
        $lab.Clusters | Get-MeshRevision | Out-String -Width 80 | Should -Match 'lab-1\s+default\s+1\.30\.3\s+1/1\s+default'
    }
    It 'only says what a tag would change' {
        $before = Get-WriteCount $lab
        $lab.Clusters | Set-MeshRevisionTag -Tag stable -WhatIf | Should -BeNullOrEmpty
        Get-WriteCount $lab | Should -Be $before
    }
    It 'sets a tag in each cluster, and a second run writes nothing' {
        $tags = $lab.Clusters | Set-MeshRevisionTag -Tag stable
        $tags.Change | Should -Be 'Created', 'Created'
        $before = Get-WriteCount $lab
        ($lab.Clusters | Set-MeshRevisionTag -Tag stable).Change | Should -Be 'Unchanged', 'Unchanged'
        Get-WriteCount $lab | Should -Be $before
        ($lab.Clusters | Get-MeshRevisionTag -Tag st*).Tag | Should -Be 'stable', 'stable'
    }
    It 'takes clusters from what other commands say of them' {
        $lab.Clusters | Get-MeshRevision | Set-MeshRevisionTag -Tag stable | Should -HaveCount 2
        $lab.Clusters | Get-MeshRevisionTag | Get-MeshRevisionTag -Tag stable | Should -HaveCount 2
    }
    It 'asks before it removes a tag, and removes without asking by -Force' {
        $before = Get-WriteCount $lab
        $lab.Clusters | Remove-MeshRevisionTag -Tag stable -WhatIf
        Get-WriteCount $lab | Should -Be $before
        $lab.Clusters[0] | Remove-MeshRevisionTag -Tag stable -Force -PassThru | ForEach-Object Tag | Should -Be 'stable'
        $lab.Clusters | Get-MeshRevisionTag -Tag stable | ForEach-Object { $_.Cluster.Name } | Should -Be 'lab-2'
    }
    It 'fails for one cluster that has no such tag, and the others go on' {
        $lab.Clusters | Remove-MeshRevisionTag -Tag stable -Force -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -Be 'RevisionTagNotFound,MeshTools.Cmdlets.RemoveMeshRevisionTagCommand'
        $lab.Clusters | Get-MeshRevisionTag -Tag stable | Should -BeNullOrEmpty
    }
}
