<#
.SYNOPSIS
    A row for each table, with names as long as those of GKE are. Dot-source it after Shared.ps1.
#>

# As a cmdlet would make it: by the constructor of so many parameters, then the properties that only an initializer can set.
function New-Row {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Type, [object[]] $With, [hashtable] $Property = @{})
    $assemblies = [AppDomain]::CurrentDomain.GetAssemblies().Where{ $_.GetName().Name -in 'MeshTools.Core', 'MeshTools.Cmdlets' }
    $name = "MeshTools.$Type"
    $class = $assemblies.ForEach{ $_.GetType($name) }.Where{ $_ }[0]
    $constructor = $class.GetConstructors([Reflection.BindingFlags] 'Instance, Public, NonPublic').Where{ $_.GetParameters().Count -eq $With.Count -and $_.GetParameters()[0].ParameterType -ne $class }[0]
    $given = for ($i = 0; $i -lt $With.Count; $i++) {
        , [System.Management.Automation.LanguagePrimitives]::ConvertTo($With[$i], $constructor.GetParameters()[$i].ParameterType)
    }
    $row = $constructor.Invoke([object[]] @($given))
    Set-Row $row $Property
}

# A changed copy of a row, or of a cluster.
function Set-Row {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param($Row, [hashtable] $Property)
    foreach ($name in $Property.Keys) {
        $info = $Row.GetType().GetProperty($name)
        $info.SetValue($Row, [System.Management.Automation.LanguagePrimitives]::ConvertTo($Property[$name], $info.PropertyType))
    }
    $Row
}

function New-LongCluster {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Folder)
    $kubeconfig = Join-Path $Folder 'gke.yaml'
    $contexts = 'gke_my-project-123456_us-central1-c_production-cluster', 'gke_my-project-123456_europe-west1_frontend-cluster'
    Set-Content $kubeconfig @"
apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "https://34.123.145.67" } }]
users: [{ name: u, user: {} }]
contexts: [$($contexts.ForEach{ "{ name: $_, context: { cluster: c, user: u } }" } -join ', ')]
"@
    Get-MeshCluster -Kubeconfig $kubeconfig -SkipProbe -Network my-project-123456-production-vpc | ForEach-Object {
        Set-Row $_ @{ KubernetesVersion = 'v1.33.4-gke.1172000'; Revisions = [string[]] 'asm-1285-12' }
    }
}

function New-PackagedArchive {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string[]] $Platform)
    $archives = foreach ($name in $Platform) {
        New-Row Packages.PackagedArchive $name, "istio-1.28.5-asm.12-$name", ([uri] 'https://storage.googleapis.com/gke-release/asm/'), 28000000L, ('0' * 64), "Google's release key", ([datetimeoffset] '2026-11-21'), 'bin/istioctl', ('0' * 64)
    }
    $typed = [array]::CreateInstance($archives[0].GetType(), $archives.Count)
    $archives.CopyTo($typed, 0)
    , $typed
}

# By type, in the order of the folders; a name with a number is another row of the same type.
function New-TableRow {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([string] $Folder)
    $one, $other = New-LongCluster $Folder
    $revision = 'asm-1285-12'
    $root = New-MeshRootCertificate -KeyAlgorithm EcdsaP256
    $namespaces = [string[]] ('shop', 'payments', 'istio-ingress')
    $tags = [string[]] ('default', 'prod-stable')
    $hostname = [string[]] 'a1b2c3d4e5f60718293a4b5c6d7e8f90-1234567890.us-east-1.elb.amazonaws.com'
    $gateway = @{ Network = $one.Network; Ready = $true; Addresses = [string[]] '34.123.145.67'; Change = 'Unchanged' }
    $address = @{ Network = $one.Network; Addresses = $hostname; Problems = [string[]] 'no pod is ready: ImagePullBackOff of docker.io/istio/proxyv2:1.30.3'; Change = 'Created' }
    $running = @{ Version = '1.28.5-asm.12'; Replicas = 2; ReadyReplicas = 2; Tags = $tags; InjectedNamespaces = $namespaces }
    [ordered]@{
        'Clusters.MeshCluster'                = $one
        'Discovery.EndpointDiscoveryLink'     = New-Row Discovery.EndpointDiscoveryLink $one, $other, $other.ClusterId @{
            Change = 'Failed'; SyncStatus = 'timeout'; Reason = 'secrets is forbidden: User "me" cannot create resource "secrets"'
        }
        'Verify.ConnectivityResult'           = New-Row Verify.ConnectivityResult $one, $other @{
            Calls = 8; P50 = [timespan] '0:0:0.012'; P95 = [timespan] '0:0:0.034'; FailingHop = 'GatewayAddress'; Reason = 'the gateway has no address'
        }
        'Verify.CheckResult'                  = New-Row Verify.CheckResult 'MT301', 'Warning', $one, 'its root is not trusted by the other' @{ Peer = $other }
        'Trust.MeshCertificate'               = New-MeshIntermediateCertificate -Root $root -Name production-cluster -KeyAlgorithm EcdsaP256
        'Trust.MeshCertificateRequest'        = New-MeshCertificateRequest -Name production-cluster -KeyAlgorithm EcdsaP256 -OutDirectory $Folder
        'Trust.InstalledCertificate'          = New-Row Trust.InstalledCertificate $one, 'Signing', 'SelfSigned', 'ConfigMap istio-ca-root-cert', $root
        'Trust.CertificateInstallationResult' = New-Row Trust.CertificateInstallationResult $one, 'Unchanged', 'O=Istio, CN=Intermediate CA', 'AB', ([string[]] 'CD'), ([datetimeoffset] '2027-01-01'), $true, $false
        'Trust.RotationResult'                = New-Row Trust.RotationResult $one, 'ReplaceIntermediates', 'Unchanged', 'AB', ([string[]] ('CD', 'EF')), 'DropOldRoots'
        'Fleet.FleetMembership'               = New-Row Fleet.FleetMembership @() @{
            Name = 'production-cluster'; FleetProject = 'my-project-123456'; Location = 'us-central1'; State = 'READY'; MeshState = 'ACTIVE'; Change = 'Unchanged'
        }
        'Install.InstallationPrerequisite'    = New-Row Install.InstallationPrerequisite $one, 'IamBinding', 'Updated', 'project my-project-123456', 'give user:me@example.com roles/meshconfig.admin'
        'Revisions.MeshRevision'              = New-Row Revisions.MeshRevision $one, $revision $running
        'Revisions.MeshRevisionTag'           = New-Row Revisions.MeshRevisionTag $one, 'prod-stable', $revision @{ Change = 'Unchanged'; InjectedNamespaces = $namespaces }
        'Install.ServiceMeshConfiguration'    = New-Row Install.ServiceMeshConfiguration $one, $revision, '1.28.5-asm.12', "/home/me/fleet/$($one.Name)"
        'Install.ServiceMeshInstallation'     = New-Row Install.ServiceMeshInstallation $one, $revision ($running + @{ CertificateAuthority = 'CaService'; Change = 'Unchanged' })
        'Packages.ServiceMeshPackage'         = New-Row Packages.ServiceMeshPackage '1.28.5-asm.12', '/home/me/packages/istio-1.28.5-asm.12', (New-PackagedArchive linux-amd64, osx, win) @{ Change = 'Unchanged' }
        'Gateways.ServiceExposure'            = New-Row Gateways.ServiceExposure $one, 'cross-network-gateway', 'istio-system' @{ Hosts = [string[]] '*.local'; Port = 15443; Change = 'Unchanged' }
        'Gateways.EdgeGateway'                = New-Row Gateways.EdgeGateway $one, 'istio-ingressgateway', 'istio-ingress' @{ Change = 'Unchanged'; Ready = $true; Addresses = $hostname }
        'Gateways.EastWestGateway'            = New-Row Gateways.EastWestGateway $one, 'istio-eastwestgateway', 'istio-system' $gateway
        'Gateways.EastWestGateway 2'          = New-Row Gateways.EastWestGateway $one, 'istio-eastwestgateway', 'istio-system' $address
        'Injection.SidecarInjection'          = New-Row Injection.SidecarInjection $one, 'payments' @{
            Label = 'istio.io/rev=prod-stable'; Revision = $revision; Tag = 'prod-stable'; Change = 'Updated'; RestartNeeded = [string[]] ('Deployment/web', 'StatefulSet/database')
        }
        'Injection.WorkloadRestart'           = New-Row Injection.WorkloadRestart $one, 'payments', 'Deployment', 'helloworld-v1' @{
            Outcome = 'Restarted'; RevisionBefore = [string[]] 'asm-1276-1'; Revision = $revision
        }
        'Injection.WorkloadRestart 2'         = New-Row Injection.WorkloadRestart $one, 'payments', 'Deployment', 'helloworld-v1' @{
            Outcome = 'Skipped'; RevisionBefore = [string[]] 'asm-1276-1'; Revision = $revision; Reason = 'its rollout is paused: kubectl rollout resume ends that'
        }
        'Samples.MeshSample'                  = New-Row Samples.MeshSample $one, 'sample' @{
            Version = [string[]] 'v1'; ClientContainer = 'curl'; Revision = $revision; Ready = $true; Pods = [string[]] 'curl-1 2/2'; Change = 'Unchanged'
        }
        'Cmdlets.MeshLabCluster'              = New-Row Cmdlets.MeshLabCluster 'production-cluster', $one.Context, ([uri] 'https://127.0.0.1:45231'), $true, 12345, 678, ([string[]] 'pods: quota exceeded')
    }
}
