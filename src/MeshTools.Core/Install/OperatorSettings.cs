namespace MeshTools.Install;

/// <summary>A cluster as Google Cloud knows it: what <c>GCP_METADATA</c> tells proxies.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="ProjectNumber">Its number.</param>
/// <param name="Cluster">The cluster, or its membership.</param>
/// <param name="Location">Its location.</param>
public sealed record GoogleClusterMetadata(string ProjectId, string ProjectNumber, string Cluster, string Location)
{
    /// <summary><c>PROJECT|NUMBER|CLUSTER|LOCATION</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{ProjectId}|{ProjectNumber}|{Cluster}|{Location}";
}

/// <summary>Everything that decides what the base IstioOperator of a cluster says.</summary>
public sealed record OperatorSettings
{
    /// <summary>The release.</summary>
    public required IstioRelease Release { get; init; }

    /// <summary>The revision; <c>default</c> for none.</summary>
    public required string Revision { get; init; }

    /// <summary>Who signs.</summary>
    public MeshAuthority Authority { get; init; }

    /// <summary>The pool of <see cref="MeshAuthority.CaService"/>, with its template.</summary>
    public string? CaPool { get; init; }

    /// <summary>Where the images are; <see langword="null"/> for where the release has them.</summary>
    public string? Hub { get; init; }

    /// <summary>The images' tag; <see langword="null"/> for the release's version.</summary>
    public string? Tag { get; init; }

    /// <summary>The fleet's host project; <see langword="null"/> for a mesh without a fleet, which then has nothing of Google Cloud in it.</summary>
    public string? FleetProject { get; init; }

    /// <summary>The trust domain, of a mesh without a fleet; <see langword="null"/> for <c>cluster.local</c>.</summary>
    public string? TrustDomain { get; init; }

    /// <summary>The trust domains whose workloads count as the mesh's own.</summary>
    public IReadOnlyList<string> TrustDomainAliases { get; init; } = [];

    /// <summary>The cluster ID.</summary>
    public required string ClusterId { get; init; }

    /// <summary>The mesh ID; <see langword="null"/> for none.</summary>
    public string? MeshId { get; init; }

    /// <summary>The network; <see langword="null"/> for none.</summary>
    public string? Network { get; init; }

    /// <summary>The identity provider of the cluster's tokens (<c>GKE_CLUSTER_URL</c>); <see langword="null"/> for none.</summary>
    public string? IdentityProvider { get; init; }

    /// <summary>The cluster as Google Cloud knows it.</summary>
    public GoogleClusterMetadata? Metadata { get; init; }

    /// <summary>Whether the cluster is one of Google Cloud's own; off it, Istio CA with Prometheus means that nothing is sent to Cloud Monitoring.</summary>
    public bool IsOnGoogleCloud { get; init; }

    /// <summary>The names of options, in order.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Overlays, in order.</summary>
    public IReadOnlyList<OperatorOverlay> Overlays { get; init; } = [];
}
