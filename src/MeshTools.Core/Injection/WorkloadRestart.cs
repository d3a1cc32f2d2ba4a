using MeshTools.Clusters;

namespace MeshTools.Injection;

/// <summary>What came of one workload's restart.</summary>
public enum RestartOutcome
{
    /// <summary>It was told to restart; nobody waited.</summary>
    Restarted,

    /// <summary>It was restarted, and its new pods run.</summary>
    Ready,

    /// <summary>Its pods are as new ones would be; it was left alone.</summary>
    Unchanged,

    /// <summary>It could not be restarted, or does not come up.</summary>
    Failed,

    /// <summary>It was left alone: an earlier one did not come up, or it cannot be restarted this way.</summary>
    Skipped,
}

/// <summary>The rolling restart of one workload. Immutable.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Kind">Deployment, StatefulSet or DaemonSet.</param>
/// <param name="Name">Its name.</param>
public sealed record WorkloadRestart(MeshCluster Cluster, string Namespace, string Kind, string Name)
{
    /// <summary>What came of it.</summary>
    public RestartOutcome Outcome { get; init; }

    /// <summary>The revisions of its proxies before; empty when it had none.</summary>
    public IReadOnlyList<string> RevisionBefore { get; init; } = [];

    /// <summary>The revision that its new pods get; <see langword="null"/> when they get no proxy.</summary>
    public string? Revision { get; init; }

    /// <summary>How long it took until its new pods ran; <see langword="null"/> when nobody waited.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Why it failed or was left alone; <see langword="null"/> when neither.</summary>
    public string? Reason { get; init; }

    /// <summary>Cluster, kind, namespace and name.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Cluster.Name}: {Kind} {Namespace}/{Name}";
}
