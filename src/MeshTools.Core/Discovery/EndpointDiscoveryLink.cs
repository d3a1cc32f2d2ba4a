using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>What one istiod replica says of a link's target.</summary>
/// <param name="Replica">The pod.</param>
/// <param name="Status"><c>synced</c>, <c>syncing</c>, <c>timeout</c>, <c>closed</c>, <c>absent</c> when the replica does not know the cluster, <c>unknown</c> when it does not answer.</param>
public sealed record ReplicaSyncStatus(string Replica, string Status)
{
    /// <summary>The pod and its status.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Replica}: {Status}";
}

/// <summary>How istiod of one cluster reads another: one ordered pair.</summary>
public sealed record EndpointDiscoveryLink
{
    /// <summary>istiod reads the cluster completely.</summary>
    public const string Synced = "synced";

    /// <summary>A replica does not know the cluster.</summary>
    public const string Absent = "absent";

    /// <summary>A replica did not answer.</summary>
    public const string Unknown = "unknown";

    internal EndpointDiscoveryLink(MeshCluster reader, MeshCluster? target, string clusterId)
    {
        Reader = reader;
        Target = target;
        ClusterId = clusterId;
    }

    /// <summary>The cluster whose istiod reads.</summary>
    public MeshCluster Reader { get; init; }

    /// <summary>The cluster that is read; <see langword="null"/> when a remote secret leads to a cluster that was not given.</summary>
    public MeshCluster? Target { get; init; }

    /// <summary>The cluster ID of the cluster that is read.</summary>
    public string ClusterId { get; init; }

    /// <summary>The remote secret in the reading cluster; <see langword="null"/> when there is none.</summary>
    public string? SecretName { get; init; }

    /// <summary>The API server that the secret leads to.</summary>
    public string? Server { get; init; }

    /// <summary>What happened to the link; <see langword="null"/> when it was only looked at.</summary>
    public ChangeOutcome? Change { get; init; }

    /// <summary>The worst status of all replicas; <see langword="null"/> when nobody asked.</summary>
    public string? SyncStatus { get; init; }

    /// <summary>The status at every istiod replica.</summary>
    public IReadOnlyList<ReplicaSyncStatus> Replicas { get; init; } = [];

    /// <summary>What is wrong; <see langword="null"/> when nothing is.</summary>
    public string? Reason { get; init; }

    /// <summary>Reader and target.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Reader.Name} -> {Target?.Name ?? ClusterId}";

    internal EndpointDiscoveryLink WithViews(IReadOnlyList<ReplicaView> views)
    {
        ReplicaSyncStatus[] replicas = [.. views.Select(view => new ReplicaSyncStatus(view.Replica, StatusAt(view)))];
        // The first in this order that any replica shows is the link's.
        string[] worstFirst = [Unknown, Absent, "closed", "timeout", "syncing"];
        var worst = worstFirst.FirstOrDefault(status => Array.Exists(replicas, r => string.Equals(r.Status, status, StringComparison.Ordinal)))
            ?? replicas.Select(r => r.Status).FirstOrDefault(status => status is not Synced)
            ?? (replicas.Length > 0 ? Synced : null);
        return this with { Replicas = replicas, SyncStatus = worst };
    }

    private string StatusAt(ReplicaView view) => view.Failure is not null
        ? Unknown
        : view.Clusters.FirstOrDefault(cluster => cluster.SecretName.Length > 0 && string.Equals(cluster.ClusterId, ClusterId, StringComparison.Ordinal))?.SyncStatus ?? Absent;
}
