BeforeAll {
    . $PSScriptRoot/Shared.ps1
    $ConfirmPreference = 'None'
    $lab = Start-TestLab 3
    $clusters = $lab.Clusters
    $links = $clusters | Enable-EndpointDiscovery -Wait
    $summary = $env:GITHUB_STEP_SUMMARY
}

AfterAll {
    $env:GITHUB_STEP_SUMMARY = $summary
    Stop-MeshLab $lab.Lab.Id
}

Describe 'Export-MeshReport' {
    BeforeEach {
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
    }

    It 'takes results of several commands and writes each form by its extension, in one call' {
        $results = @($links) + @($clusters | Test-MeshTrust) + @($clusters | Get-MeshCertificate) + @($clusters)
        $results | Export-MeshReport "$folder/mesh.html", "$folder/mesh.md", "$folder/mesh.xml" | Should -BeNullOrEmpty
        $page = Get-Content "$folder/mesh.html" -Raw
        $page | Should -Match '<!DOCTYPE html>'
        ([xml] ($page -replace '<!DOCTYPE html>')).SelectNodes('//*[contains(@class, "node ")]').Count | Should -Be 3
        Get-Content "$folder/mesh.md" -Raw | Should -Match '(?s)^## .*```mermaid\nflowchart LR\n'
        $suites = ([xml] (Get-Content "$folder/mesh.xml" -Raw)).testsuites.testsuite
        $suites.Where{ $_.name -eq 'Endpoint discovery' }.tests | Should -Be 6
        $suites.Where{ $_.name -eq 'Endpoint discovery' }.failures | Should -Be 0
        $bytes = [IO.File]::ReadAllBytes("$folder/mesh.md")
        $bytes[0..2] | Should -Not -Be 0xEF, 0xBB, 0xBF
    }
    It 'takes results by parameter too, and emits the files with -PassThru' {
        $files = Export-MeshReport "$folder/a.html", "$folder/b.xml" -InputObject $links -PassThru
        $files | Should -BeOfType IO.FileInfo
        $files.Name | Should -Be 'a.html', 'b.xml'
    }
    It 'shows a cluster that could not be asked, when its error is piped' {
        $other = Start-TestLab 2
        try {
            Invoke-Fault $other lab-2 down
            $other.Clusters | Get-EndpointDiscovery 2>&1 | Export-MeshReport "$folder/mesh.xml"
        } finally {
            Stop-MeshLab $other.Lab.Id
        }
        $suites = ([xml] (Get-Content "$folder/mesh.xml" -Raw)).testsuites.testsuite
        [int] $suites.Where{ $_.name -eq 'Errors' }.errors | Should -BeGreaterOrEqual 1
        $suites.Where{ $_.name -eq 'Errors' }.testcase.classname | Should -Contain 'lab-2'
    }
    It 'says which object it has no place for, and reports the others' {
        'text', $links[0] | Export-MeshReport "$folder/mesh.md" -ErrorVariable strangers -ErrorAction SilentlyContinue
        $strangers[0].FullyQualifiedErrorId | Should -BeLike 'ReportInputUnknown,*'
        $strangers[0].Exception.Message | Should -BeLike '*System.String*'
        "$folder/mesh.md" | Should -Exist
    }
    It 'keeps a file that is there, unless told otherwise' {
        Set-Content "$folder/mesh.html" 'mine'
        { $links | Export-MeshReport "$folder/mesh.html", "$folder/mesh.xml" } | Should -Throw -ErrorId 'ReportFileExists,*'
        Get-Content "$folder/mesh.html" | Should -Be 'mine'
        "$folder/mesh.xml" | Should -Not -Exist
        $links | Export-MeshReport "$folder/mesh.html" -Force
        Get-Content "$folder/mesh.html" -Raw | Should -Match 'lab-1'
    }
    It 'writes nothing with -WhatIf' {
        $links | Export-MeshReport "$folder/mesh.html", "$folder/mesh.xml" -WhatIf -PassThru | Should -BeNullOrEmpty
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }
    It 'adds to the summary of a step' {
        $env:GITHUB_STEP_SUMMARY = "$folder/step_summary_1"
        $null = New-Item $env:GITHUB_STEP_SUMMARY
        $links | Export-MeshReport $env:GITHUB_STEP_SUMMARY -Title 'First'
        $links | Export-MeshReport $env:GITHUB_STEP_SUMMARY -Append -Title 'Second'
        (Select-String '^## ' $env:GITHUB_STEP_SUMMARY).Line | Should -HaveCount 2
        { $links | Export-MeshReport "$folder/mesh.xml" -Append } | Should -Throw -ErrorId 'ReportNotAppendable,*'
    }
    It 'asks for a form that the extension does not say' {
        { $links | Export-MeshReport "$folder/mesh.txt" } | Should -Throw -ErrorId 'ReportFormatUnknown,*'
        $links | Export-MeshReport "$folder/mesh.txt" -Format JUnit
        Get-Content "$folder/mesh.txt" -TotalCount 2 | Should -BeLike '<*'
        (TabExpansion2 'Export-MeshReport x -Format ').CompletionMatches.CompletionText | Should -Be 'Html', 'JUnit', 'Markdown'
    }
    It 'goes by PowerShell paths, not by the process''s folder' {
        Push-Location $folder
        try {
            $links | Export-MeshReport ./here/mesh.md
        } finally {
            Pop-Location
        }
        "$folder/here/mesh.md" | Should -Exist
    }
    It 'makes a report of nothing' {
        @() | Export-MeshReport "$folder/mesh.xml"
        ([xml] (Get-Content "$folder/mesh.xml" -Raw)).testsuites | Should -BeNullOrEmpty
    }
}
