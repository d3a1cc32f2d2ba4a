namespace MeshTools.Fleet;

/// <summary>Which endpoint of a control plane of GKE to use.</summary>
public enum GkeEndpoint
{
    /// <summary>The address that GKE names; the DNS name where addresses are off, as gcloud chooses.</summary>
    Default,

    /// <summary>The private address.</summary>
    Private,

    /// <summary>The DNS name.</summary>
    Dns,
}
