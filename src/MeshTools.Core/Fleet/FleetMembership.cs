using MeshTools.Clusters;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>A cluster's membership in a fleet.</summary>
public sealed record FleetMembership
{
    /// <summary>The cluster, where it is known here; <see langword="null"/> for other members of a fleet.</summary>
    public MeshCluster? Cluster { get; init; }

    /// <summary>The membership's short name.</summary>
    public required string Name { get; init; }

    /// <summary>The fleet's host project.</summary>
    public required string FleetProject { get; init; }

    /// <summary><c>global</c> or a region.</summary>
    public required string Location { get; init; }

    /// <summary>The full name, <c>projects/P/locations/L/memberships/M</c>.</summary>
    public required string ResourceName { get; init; }

    /// <summary><c>READY</c>, or what else.</summary>
    public required string State { get; init; }

    /// <summary>The cluster of GKE, <c>projects/P/locations/L/clusters/C</c>; <see langword="null"/> for others.</summary>
    public string? GkeCluster { get; init; }

    /// <summary>
    /// The cluster of another product of Google that makes and keeps the membership, such as <c>//gkemulticloud.googleapis.com/.../attachedClusters/NAME</c>; <see langword="null"/> for GKE
    /// and for clusters that were registered by themselves.
    /// </summary>
    public string? PlatformCluster { get; init; }

    /// <summary>When the Connect agent was connected last; <see langword="null"/> when it never was, and for GKE.</summary>
    public DateTimeOffset? LastConnection { get; init; }

    /// <summary>The issuer of the cluster's service account tokens; <see langword="null"/> without fleet workload identity.</summary>
    public string? Issuer { get; init; }

    /// <summary>The workload identity pool.</summary>
    public string? WorkloadIdentityPool { get; init; }

    /// <summary>The provider of identities in that pool.</summary>
    public string? IdentityProvider { get; init; }

    /// <summary>The mesh ID: <c>proj-NUMBER</c> of the fleet; <see langword="null"/> when the number is not known.</summary>
    public string? MeshId { get; init; }

    /// <summary>The cluster ID that Cloud Service Mesh gives the cluster.</summary>
    public string? ClusterId { get; init; }

    /// <summary>What the fleet says about the mesh of this member: <c>ACTIVE</c> and so on; <see langword="null"/> when nothing.</summary>
    public string? MeshState { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What a command did to it; <see langword="null"/> where it only read.</summary>
    public ChangeOutcome? Change { get; init; }

    /// <summary>The name.</summary>
    /// <returns>The full name.</returns>
    public override string ToString() => ResourceName;
}
