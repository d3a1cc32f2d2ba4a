using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Revisions;

/// <summary>A tag that is to go. Planning only reads.</summary>
public sealed class RevisionTagRemoval
{
    private readonly RemovalPlan _removal;
    private readonly MeshRevisionTag _tag;

    private RevisionTagRemoval(MeshRevisionTag tag, RemovalPlan removal)
    {
        _tag = tag;
        _removal = removal;
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster => _tag.Cluster;

    /// <summary>Everything that would happen, in order.</summary>
    public IEnumerable<PlannedChange> Changes => _removal.Changes;

    /// <summary>Finds what belongs to a tag: its injector and its Service. The validator of the tag <c>default</c> stays, as with istioctl: what it validates is there still.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="controlPlaneNamespace">The control plane's namespace.</param>
    /// <param name="log">Takes a warning about namespaces that depend on the tag.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">There is no such tag (<c>RevisionTagNotFound</c>).</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<RevisionTagRemoval> CreateAsync(
        MeshCluster cluster, string tag, string controlPlaneNamespace, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentException.ThrowIfNullOrEmpty(tag);
        ArgumentNullException.ThrowIfNull(log);
        var reading = await RevisionReading.ReadAsync(cluster, controlPlaneNamespace, log, cancellationToken).ConfigureAwait(false);
        var revision = reading.Tags.FirstOrDefault(known => string.Equals(known.Tag, tag, StringComparison.Ordinal)).Revision
            ?? throw new MeshException(ErrorCatalog.RevisionTagNotFound, $"{cluster.Name}: there is no revision tag {tag}", cluster);
        var namespaces = reading.NamespacesOf(tag);
        if (namespaces.Count > 0)
            log.Warning($"{cluster.Name}: {string.Join(", ", namespaces)} {(namespaces.Count == 1 ? "is" : "are")} injected by tag {tag}; without it new pods there get no proxy.");
        var found = reading.Injectors.Concat(reading.TagServices).Where(obj => string.Equals(RevisionReading.TagOf(obj), tag, StringComparison.Ordinal));
        var what = namespaces.Count > 0 ? $"tag {tag} to {revision}; injects {string.Join(", ", namespaces)}" : $"tag {tag} to {revision}";
        return new RevisionTagRemoval(
            new MeshRevisionTag(cluster, tag, revision) { InjectedNamespaces = namespaces, Change = ChangeOutcome.Removed },
            new RemovalPlan(cluster, found.Select(obj => new ManifestObject(obj, what))));
    }

    /// <summary>Removes the tag.</summary>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The tag as it was.</returns>
    /// <exception cref="KubernetesException">A request fails; a rerun completes it.</exception>
    public async Task<MeshRevisionTag> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        await _removal.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
        return _tag;
    }
}
