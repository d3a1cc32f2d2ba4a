using MeshTools.Clusters;
using MeshTools.Operations;

namespace MeshTools.Revisions;

/// <summary>A tag: a stable name for whichever revision it leads to. The tag <c>default</c> is what <c>istio-injection=enabled</c> means.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Tag">The tag.</param>
/// <param name="Revision">The revision that it leads to.</param>
public sealed record MeshRevisionTag(MeshCluster Cluster, string Tag, string Revision)
{
    /// <summary>The namespaces that are injected by the tag.</summary>
    public IReadOnlyList<string> InjectedNamespaces { get; init; } = [];

    /// <summary>The revision that it led to before; <see langword="null"/> when there was none, or it is the same.</summary>
    public string? PreviousRevision { get; init; }

    /// <summary>What a command made of it; <see langword="null"/> from one that only reads.</summary>
    public ChangeOutcome? Change { get; init; }

    /// <summary>Tag, revision and cluster.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Tag} -> {Revision} in {Cluster}";
}
