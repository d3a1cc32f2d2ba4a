namespace MeshTools.Clusters;

/// <summary>Where a cluster runs, as far as this module treats platforms differently.</summary>
public enum ClusterPlatform
{
    /// <summary>Any Kubernetes that is none of the others, or that nobody has looked at yet.</summary>
    Other,

    /// <summary>Google Kubernetes Engine.</summary>
    Gke,

    /// <summary>Google Distributed Cloud (formerly Anthos clusters on bare metal and on VMware).</summary>
    GoogleDistributedCloud,

    /// <summary>Amazon Elastic Kubernetes Service.</summary>
    Eks,

    /// <summary>Azure Kubernetes Service.</summary>
    Aks,
}
