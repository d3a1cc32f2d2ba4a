namespace MeshTools.Clusters;

/// <summary>What a user says about a cluster; it takes the place of what is found there. Absent values are found or derived.</summary>
public sealed record ClusterOverrides
{
    /// <summary>The project that hosts the fleet.</summary>
    public string? FleetProject { get; init; }

    /// <summary>The mesh ID, for example <c>proj-111111111111</c>.</summary>
    public string? MeshId { get; init; }

    /// <summary>The cluster ID: the key under which other clusters know this one.</summary>
    public string? ClusterId { get; init; }

    /// <summary>The network (label <c>topology.istio.io/network</c>).</summary>
    public string? Network { get; init; }

    /// <summary>The SPIFFE trust domain.</summary>
    public string? TrustDomain { get; init; }

    /// <summary>The control plane's revision.</summary>
    public string? Revision { get; init; }

    /// <summary>The Google Cloud project of the cluster.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The region or zone.</summary>
    public string? Location { get; init; }

    /// <summary>The platform.</summary>
    public ClusterPlatform? Platform { get; init; }

    /// <summary>Puts these values over a cluster's.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <returns>An updated copy.</returns>
    public MeshCluster ApplyTo(MeshCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return cluster with
        {
            Said = Over(cluster.Said),
            FleetProject = FleetProject ?? cluster.FleetProject,
            MeshId = MeshId ?? cluster.MeshId,
            ClusterId = ClusterId ?? cluster.ClusterId,
            Network = Network ?? cluster.Network,
            TrustDomain = TrustDomain ?? cluster.TrustDomain,
            Revision = Revision ?? cluster.Revision,
            ProjectId = ProjectId ?? cluster.ProjectId,
            Location = Location ?? cluster.Location,
            Platform = Platform ?? cluster.Platform,
        };
    }

    private ClusterOverrides Over(ClusterOverrides? earlier) => earlier is null ? this : new ClusterOverrides
    {
        FleetProject = FleetProject ?? earlier.FleetProject,
        MeshId = MeshId ?? earlier.MeshId,
        ClusterId = ClusterId ?? earlier.ClusterId,
        Network = Network ?? earlier.Network,
        TrustDomain = TrustDomain ?? earlier.TrustDomain,
        Revision = Revision ?? earlier.Revision,
        ProjectId = ProjectId ?? earlier.ProjectId,
        Location = Location ?? earlier.Location,
        Platform = Platform ?? earlier.Platform,
    };
}
