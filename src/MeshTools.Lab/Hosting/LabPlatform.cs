namespace MeshTools.Lab;

/// <summary>Whose cluster one is meant to look like: the provider IDs of its nodes, and for GKE the name of its context.</summary>
public enum LabPlatform
{
    /// <summary>Nobody's: nodes without a provider ID.</summary>
    None,

    /// <summary>Google Kubernetes Engine: <c>gce://</c>, context <c>gke_PROJECT_LOCATION_NAME</c>, cluster ID <c>cn-PROJECT-LOCATION-NAME</c>.</summary>
    Gke,

    /// <summary>Amazon EKS: <c>aws://</c>.</summary>
    Eks,

    /// <summary>Azure AKS: <c>azure://</c>.</summary>
    Aks,
}
