@{
    RootModule             = 'MeshTools.Cmdlets.dll'
    ModuleVersion          = '0.1.0'
    GUID                   = '5d8f3a0e-6f0b-4c55-9a3e-2f7c1b9d4e60'
    Author                 = 'The MeshTools authors'
    CompanyName            = 'MeshTools'
    Copyright              = 'Copyright The MeshTools authors. Apache-2.0.'
    Description            = 'Builds, joins, checks and takes apart multi-cluster Istio meshes (Cloud Service Mesh first): natively, with objects, in parallel, and with embedded clusters to rehearse on.'
    PowerShellVersion      = '7.4'
    CompatiblePSEditions   = @('Core')
    FormatsToProcess       = @('MeshTools.Format.ps1xml')
    TypesToProcess         = @('MeshTools.Types.ps1xml')
    CmdletsToExport        = @(
        'Disable-EndpointDiscovery'
        'Disable-SidecarInjection'
        'Enable-EndpointDiscovery'
        'Enable-SidecarInjection'
        'Export-MeshReport'
        'Export-ServiceMeshConfiguration'
        'Get-EastWestGateway'
        'Get-EndpointDiscovery'
        'Get-FleetMembership'
        'Get-MeshCertificate'
        'Get-MeshCluster'
        'Get-MeshLab'
        'Get-MeshRevision'
        'Get-MeshRevisionTag'
        'Get-RemoteSecret'
        'Get-ServiceMesh'
        'Import-MeshCertificate'
        'Install-MeshCertificate'
        'Install-MeshSample'
        'Install-RemoteSecret'
        'Install-ServiceMesh'
        'New-EastWestGateway'
        'New-EgressGateway'
        'New-IngressGateway'
        'New-MeshCertificateRequest'
        'New-MeshIntermediateCertificate'
        'New-MeshRootCertificate'
        'New-RemoteSecret'
        'Publish-MeshService'
        'Register-FleetMembership'
        'Remove-EastWestGateway'
        'Remove-EgressGateway'
        'Remove-IngressGateway'
        'Remove-MeshRevisionTag'
        'Remove-MeshSample'
        'Remove-RemoteSecret'
        'Restart-MeshWorkload'
        'Save-ServiceMeshPackage'
        'Set-MeshRevisionTag'
        'Start-MeshLab'
        'Stop-MeshLab'
        'Test-MeshConnectivity'
        'Test-MeshTrust'
        'Test-ServiceMeshRequirement'
        'Uninstall-ServiceMesh'
        'Unpublish-MeshService'
        'Unregister-FleetMembership'
        'Update-MeshCertificate'
    )
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    PrivateData            = @{
        PSData = @{
            Tags = @('PSEdition_Core', 'Windows', 'Linux', 'MacOS', 'Istio', 'Kubernetes', 'ServiceMesh', 'MultiCluster', 'GKE', 'Anthos')
        }
    }
}
