using MeshTools.Clusters;
using MeshTools.Operations;

namespace MeshTools.Injection;

/// <summary>How the pods of a namespace are injected. Immutable.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Namespace">The namespace.</param>
public sealed record SidecarInjection(MeshCluster Cluster, string Namespace)
{
    /// <summary>Whether new pods get a proxy.</summary>
    public bool Enabled { get; init; }

    /// <summary>The label that decides: <c>istio-injection=enabled</c>, <c>istio.io/rev=REVISION</c>; <see langword="null"/> when there is none.</summary>
    public string? Label { get; init; }

    /// <summary>The revision whose proxy new pods get, tags resolved; <see langword="null"/> for none.</summary>
    public string? Revision { get; init; }

    /// <summary>The tag by which the label leads there; <see langword="null"/> when the label names the revision itself.</summary>
    public string? Tag { get; init; }

    /// <summary>What happened to the namespace.</summary>
    public ChangeOutcome Change { get; init; }

    /// <summary>The workloads whose running pods are not yet as new ones would be, as <c>Deployment/NAME</c>; a pod without a controller as <c>Pod/NAME</c>.</summary>
    public IReadOnlyList<string> RestartNeeded { get; init; } = [];

    /// <summary>The workloads that get no proxy because their pods say so, or use the host's network.</summary>
    public IReadOnlyList<string> OptedOut { get; init; } = [];

    /// <summary>Cluster and namespace.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Cluster.Name}: {Namespace}";
}
