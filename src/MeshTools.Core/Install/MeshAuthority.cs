namespace MeshTools.Install;

/// <summary>Who is to sign the certificates of workloads.</summary>
public enum MeshAuthority
{
    /// <summary>istiod, with a certificate that is given to it or a root of its own making; asmcli calls it <c>citadel</c>.</summary>
    IstioCA,

    /// <summary>The Cloud Service Mesh certificate authority; asmcli calls it <c>mesh_ca</c>.</summary>
    MeshCA,

    /// <summary>A pool of Certificate Authority Service; asmcli calls it <c>gcp_cas</c>.</summary>
    CaService,
}
