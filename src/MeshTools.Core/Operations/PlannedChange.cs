using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Operations;

/// <summary>What a change does to an object.</summary>
public enum ChangeKind
{
    /// <summary>It is not there and would be made.</summary>
    Create,

    /// <summary>It is there and would be changed.</summary>
    Update,

    /// <summary>It is there as it should be.</summary>
    Unchanged,

    /// <summary>It is there and would be removed.</summary>
    Delete,
}

/// <summary>One object of one cluster, compared with what is live, before anything is written.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Object">The object.</param>
/// <param name="Kind">What would happen to it.</param>
/// <param name="Description">What it is for; holds no secret.</param>
public sealed record PlannedChange(MeshCluster Cluster, ObjectReference Object, ChangeKind Kind, string Description)
{
    /// <summary>For an update, the fields that would change, as JSON paths (<c>spec.replicas</c>, <c>metadata.labels['istio.io/rev']</c>), in order; else empty, or not known.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Whether carrying this out writes to the cluster.</summary>
    public bool Writes => Kind != ChangeKind.Unchanged;
}
