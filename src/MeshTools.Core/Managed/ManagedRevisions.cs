using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Managed;

/// <summary>Finds the ControlPlaneRevisions of a cluster.</summary>
internal static class ManagedRevisions
{
    /// <summary>All of a namespace, by name; none where the kind is not served.</summary>
    /// <exception cref="KubernetesException">The cluster does not answer, or the user may not read them.</exception>
    internal static async Task<IReadOnlyList<ManagedRevision>> ListAsync(MeshCluster cluster, string ns, CancellationToken cancellationToken)
    {
        var found = new List<ManagedRevision>();
        try
        {
            await foreach (var item in cluster.Connect().ListAsync(ManagedRevision.Type, ns, new ListOptions(), cancellationToken).ConfigureAwait(false))
                found.Add(new ManagedRevision(item));
        }
        catch (Exception e) when (e is KindNotServedException or KubernetesApiException { IsNotFound: true })
        {
            return [];
        }

        return [.. found.OrderBy(revision => revision.Name, StringComparer.Ordinal)];
    }

    /// <summary>As <see cref="ListAsync"/>; what the user may not read counts as none.</summary>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    internal static async Task<IReadOnlyList<ManagedRevision>> ListPermittedAsync(MeshCluster cluster, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        try
        {
            return await ListAsync(cluster, ns, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            // RBAC answers so too where the kind is not served; who does not use it is not to hear of it.
            log.Verbose($"{cluster.Name}: {e.Status.Message}; control planes that Google manages stay unknown.");
            return [];
        }
    }
}
