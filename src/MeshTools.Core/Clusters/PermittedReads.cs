using System.Collections.Concurrent;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Clusters;

/// <summary>Reads that a user may lack the permission for: then the answer is "unknown" and a warning, not a failure.</summary>
internal sealed class PermittedReads(MeshCluster cluster, IOperationLog log)
{
    private readonly ConcurrentDictionary<ResourceType, bool> _refused = [];

    /// <summary>Whether a read of this type was refused, so that nothing found means nothing known.</summary>
    internal bool WasRefused(ResourceType type) => _refused.ContainsKey(type);

    internal async Task<KubernetesObject?> FindAsync(ResourceType type, string? ns, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await cluster.Connect().FindAsync(type, ns, name, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            Warn(type, e);
            return null;
        }
    }

    internal async Task<IReadOnlyList<KubernetesObject>> ListAsync(ResourceType type, string? ns, ListOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return (await cluster.Connect().ListPageAsync(type, ns, options, cancellationToken).ConfigureAwait(false)).Items;
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            Warn(type, e);
            return [];
        }
    }

    /// <summary>As <see cref="ListAsync"/>, every page of it.</summary>
    internal async Task<IReadOnlyList<KubernetesObject>> ListAllAsync(ResourceType type, string? ns, ListOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var all = new List<KubernetesObject>();
            await foreach (var item in cluster.Connect().ListAsync(type, ns, options, cancellationToken).ConfigureAwait(false))
                all.Add(item);
            return all;
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            Warn(type, e);
            return [];
        }
    }

    private void Warn(ResourceType type, KubernetesApiException e)
    {
        _refused[type] = true;
        log.Warning($"{cluster.Name}: {e.Status.Message}; what it would have told stays unknown.");
    }
}
