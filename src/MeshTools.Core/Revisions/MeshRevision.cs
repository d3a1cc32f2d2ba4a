using MeshTools.Clusters;

namespace MeshTools.Revisions;

/// <summary>One revision of a control plane in one cluster.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Revision">Its name; <c>default</c> for an installation without one.</param>
public sealed record MeshRevision(MeshCluster Cluster, string Revision)
{
    /// <summary>The version, as istiod's image names it; <see langword="null"/> when no istiod of it runs in the cluster.</summary>
    public string? Version { get; init; }

    /// <summary>The replicas of istiod that are wanted.</summary>
    public int Replicas { get; init; }

    /// <summary>The replicas of istiod that are ready.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>Whether istiod of this revision runs elsewhere, as a managed control plane does: only its webhooks are in the cluster.</summary>
    public bool IsExternal { get; init; }

    /// <summary>Of a control plane that Google manages, the channel of its releases: <c>regular</c>, <c>rapid</c> or <c>stable</c>; else <see langword="null"/>.</summary>
    public string? Channel { get; init; }

    /// <summary>Of a control plane that Google manages, the state: <c>ACTIVE</c>, <c>PROVISIONING</c> or <c>STALLED</c>; else <see langword="null"/>.</summary>
    public string? State { get; init; }

    /// <summary>Whether it can do its work: every wanted replica is ready, or it runs elsewhere and nothing speaks against it.</summary>
    public bool Ready => IsExternal ? State is null || Managed.ManagedState.IsGood(State) : Replicas > 0 && ReadyReplicas >= Replicas;

    /// <summary>The tags that lead to it.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether it injects namespaces with <c>istio-injection=enabled</c>.</summary>
    public bool IsDefault { get; init; }

    /// <summary>The namespaces whose new pods it injects, by their labels.</summary>
    public IReadOnlyList<string> InjectedNamespaces { get; init; } = [];

    /// <summary>The istiod pods.</summary>
    public IReadOnlyList<string> Pods { get; init; } = [];

    /// <summary>The cluster ID that istiod has; <see langword="null"/> when it runs elsewhere.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Revision and cluster.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Revision} in {Cluster}";
}
