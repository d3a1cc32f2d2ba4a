<#
.SYNOPSIS
    Runs the steps of one page in this session, as GuidePages.ps1 hands them over. Prints "::step N" before what step N writes.
#>
param([string] $Job, [string] $Results)

# The page's own variables live in this scope, too: names that no page uses.
$guidePage = Get-Content $Job -Raw | ConvertFrom-Json -AsHashtable
$ProgressPreference = 'SilentlyContinue'
# A reader answers yes.
$ConfirmPreference = 'None'
$PSStyle.OutputRendering = 'PlainText'
$guideModuleRoot = Split-Path $guidePage.Module
$null = New-Item -ItemType Directory $guidePage.Folder -Force
Set-Location $guidePage.Folder
# The module is where a reader has installed modules.
$env:PSModulePath = "$(Split-Path $guideModuleRoot)$([IO.Path]::PathSeparator)$env:PSModulePath"
$env:KUBECONFIG = Join-Path $guidePage.Folder 'no-such-kubeconfig'

# For hidden steps: Fault lab-2 down
function Fault {
    $said = dotnet (Join-Path $guideModuleRoot 'lab/MeshTools.Lab.dll') fault @args --lab (Get-MeshLab | Where-Object Kubeconfig -EQ $env:KUBECONFIG).StateFile 2>&1
    if ($LASTEXITCODE -ne 0) { throw "fault $args failed: $said" }
}

# As GitHub Actions and Azure DevOps run a step: a PowerShell of its own that stops at the first error. What it puts into GITHUB_ENV is there for the next.
function Invoke-WorkflowStep {
    param([string] $Code)
    $file = Join-Path $guidePage.Folder ".lab/$([guid]::NewGuid()).ps1"
    Set-Content $file "`$ErrorActionPreference = 'stop'`n$Code"
    & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command ". '$file'"
    if ($LASTEXITCODE) { throw "the step ended with exit code $LASTEXITCODE" }
    if ($env:GITHUB_ENV -and (Test-Path $env:GITHUB_ENV)) {
        Get-Content $env:GITHUB_ENV | ForEach-Object { $name, $value = $_ -split '=', 2; Set-Item "env:$name" $value }
    }
}

# As a terminal of 120 columns shows it, whatever this one is.
function Write-GuideOutput {
    begin { $all = [Collections.Generic.List[object]]::new() }
    process { $all.Add($_) }
    end { $all | Out-String -Stream -Width 120 | ForEach-Object { [Console]::Out.WriteLine($_) } }
}

# A kubeconfig for each cluster, as they come from different places.
function Split-Kubeconfig {
    param([string] $Path, [string[]] $To)
    $text = Get-Content $Path -Raw
    $contexts = [regex]::Matches(($text -split '(?m)^contexts:')[1], '(?m)^- name: "(.*)"').ForEach{ $_.Groups[1].Value }
    for ($i = 0; $i -lt $To.Count; $i++) {
        $name = $contexts[$i]
        $items = [regex]::Matches($text, "(?m)^- name: `"$([regex]::Escape($name))`"\r?\n(?:  .*\r?\n?)+").Value
        $document = "apiVersion: v1", 'kind: Config', "current-context: `"$name`"", 'clusters:', $items[0].TrimEnd(), 'users:', $items[1].TrimEnd(), 'contexts:', $items[2].TrimEnd()
        $document -join "`n" | Set-Content $To[$i]
    }
}

# A reader who built the module has it here, and imports it.
if ($guidePage.Steps.Code -match '/out/MeshTools') {
    Copy-Item $guideModuleRoot (New-Item -ItemType Directory (Join-Path $guidePage.Folder 'out')) -Recurse
} else {
    Import-Module $guidePage.Module
}

# What a comment "lab" says: Start-GuideLab names=a,b networks=separate
function Start-GuideLab {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()
    $lab = @{}
    $args.ForEach{ $key, $setting = ($_ -join ',') -split '=', 2; $lab[$key] = $setting }
    $folder = New-Item -ItemType Directory (Join-Path $guidePage.Folder ".lab/$([guid]::NewGuid().ToString('n'))")
    $with = @{ OutKubeconfig = Join-Path $folder 'kubeconfig' }
    switch ($lab.Keys) {
        'clusters' { $with.ClusterCount = [int] $lab.clusters }
        'names' { $with.Name = $lab.names -split ',' }
        'networks' { $with.SeparateNetwork = $lab.networks -eq 'separate' }
        'trust' { $with.SeparateTrust = $lab.trust -eq 'separate' }
        'control-plane' { $with.NoControlPlane = $lab['control-plane'] -eq 'no' }
        'gateway-api' { $with.GatewayApi = $lab['gateway-api'] -eq 'yes' }
        'revision' { $with.Revision = $lab.revision }
        'replicas' { $with.ReplicaCount = [int] $lab.replicas }
        'platform' { $with.Platform = $lab.platform -split ',' }
        'mesh' { $with.MeshId = $lab.mesh }
        'google' { $with.GoogleCloud = $lab.google }
        'load-balancer' { $with.LoadBalancer = $lab['load-balancer'] }
    }
    $null = Start-MeshLab @with -ErrorAction Stop
    $env:KUBECONFIG = $with.OutKubeconfig
    if ($lab.google) { (Get-MeshLab | Where-Object Kubeconfig -EQ $env:KUBECONFIG).GoogleCloud.Enter() }
    if ($lab.kubeconfigs) { Split-Kubeconfig $env:KUBECONFIG ($lab.kubeconfigs -split ',') }
}

$guideEnded = [Collections.Generic.List[object]]::new()
try {
    foreach ($guideStep in $guidePage.Steps) {
        if (-not $guideStep.Runs) { continue }
        [Console]::Out.WriteLine("::step $($guideStep.Number)")
        $Error.Clear()
        $guideError = $null
        $ErrorActionPreference = $guideStep.Fails ? 'Continue' : 'Stop'
        try {
            # One statement after the other, as they are typed: each gets tables of its own.
            $guideTokens = $guideSyntax = $null
            $guideTree = [Management.Automation.Language.Parser]::ParseInput($guideStep.Code, [ref] $guideTokens, [ref] $guideSyntax)
            if ($guideSyntax) { throw $guideSyntax[0].Message }
            foreach ($guideStatement in $guideTree.EndBlock.Statements) {
                if ($guideStep.Fails) {
                    try {
                        . ([scriptblock]::Create($guideStatement.Extent.Text)) 2>&1 | Write-GuideOutput
                    } catch {
                        $_ | Write-GuideOutput
                    }
                } else {
                    . ([scriptblock]::Create($guideStatement.Extent.Text)) | Write-GuideOutput
                }
            }
        } catch {
            $guideError = "$_ ($($_.FullyQualifiedErrorId))`n$($_.ScriptStackTrace)"
        }
        if ($guideStep.Fails) {
            $guideError = $Error.Count ? $null : 'it was to fail, and did not'
        }
        $guideEnded.Add(@{ Number = $guideStep.Number; Error = $guideError })
        # What stands further down needs this.
        if ($guideError) { break }
    }
} finally {
    ConvertTo-Json @($guideEnded) | Set-Content $Results
    Stop-MeshLab *
}
