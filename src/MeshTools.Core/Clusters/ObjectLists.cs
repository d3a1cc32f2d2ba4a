using MeshTools.Kubernetes;

namespace MeshTools.Clusters;

/// <summary>Whole lists, however many pages a server gives them in.</summary>
internal static class ObjectLists
{
    /// <exception cref="KubernetesException">The cluster does not answer, or does not let the user read.</exception>
    internal static async Task<IReadOnlyList<KubernetesObject>> ListAllAsync(
        this KubernetesClient client, ResourceType type, string? ns, ListOptions options, CancellationToken cancellationToken)
    {
        var items = new List<KubernetesObject>();
        await foreach (var item in client.ListAsync(type, ns, options, cancellationToken).ConfigureAwait(false))
            items.Add(item);
        return items;
    }
}
