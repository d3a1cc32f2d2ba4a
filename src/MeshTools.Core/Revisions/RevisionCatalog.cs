using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Revisions;

/// <summary>Finds revisions and tags.</summary>
public static class RevisionCatalog
{
    /// <summary>The revisions of a cluster's control plane: those whose istiod runs there, and those of which only webhooks are there.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="controlPlaneNamespace">The control plane's namespace.</param>
    /// <param name="log">Takes warnings about what may not be read.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The revisions, by name; none when there is no control plane.</returns>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    public static async Task<IReadOnlyList<MeshRevision>> GetRevisionsAsync(
        MeshCluster cluster, string controlPlaneNamespace, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(log);
        var reading = await RevisionReading.ReadAsync(cluster, controlPlaneNamespace, log, cancellationToken).ConfigureAwait(false);
        return [.. reading.Revisions.Select(reading.Describe)];
    }

    /// <summary>The tags of a cluster, with the namespaces that depend on them, as <c>istioctl tag list</c> shows them.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="controlPlaneNamespace">The control plane's namespace.</param>
    /// <param name="log">Takes warnings about what may not be read.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The tags, by name.</returns>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    public static async Task<IReadOnlyList<MeshRevisionTag>> GetTagsAsync(
        MeshCluster cluster, string controlPlaneNamespace, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(log);
        var reading = await RevisionReading.ReadAsync(cluster, controlPlaneNamespace, log, cancellationToken).ConfigureAwait(false);
        return [.. reading.Tags.Select(tag => new MeshRevisionTag(cluster, tag.Tag, tag.Revision) { InjectedNamespaces = reading.NamespacesOf(tag.Tag) })];
    }
}
