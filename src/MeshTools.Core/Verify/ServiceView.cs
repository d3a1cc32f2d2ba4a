using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Verify;

/// <summary>The called Service as one cluster has it.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Service">The Service; <see langword="null"/> when it is not there.</param>
/// <param name="Pods">The pods behind it, ready or not.</param>
internal sealed record ServiceView(MeshCluster Cluster, KubernetesObject? Service, IReadOnlyList<KubernetesObject> Pods)
{
    internal const string NetworkLabel = "topology.istio.io/network";

    /// <summary>Whether the Service has a workload here, so that calls should be answered by it.</summary>
    internal bool IsTarget => Pods.Count > 0;

    internal IEnumerable<KubernetesObject> ReadyPods => Pods.Where(ClientPod.IsReady);

    internal IEnumerable<string> Addresses => ReadyPods.Select(pod => pod.FindString("status", "podIP")).OfType<string>();

    /// <summary>Reads it.</summary>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    internal static async Task<ServiceView> ReadAsync(MeshCluster cluster, ConnectivityOptions options, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var service = await client.FindAsync(ResourceTypes.Service, options.Namespace, options.Service, cancellationToken).ConfigureAwait(false);
        var selector = JsonAccess.ToStringMap(service?.Find("spec", "selector"));
        if (selector.Count == 0)
            return new ServiceView(cluster, service, []);
        var labels = string.Join(',', selector.Select(pair => $"{pair.Key}={pair.Value}"));
        var pods = await client.ListPageAsync(ResourceTypes.Pod, options.Namespace, new ListOptions { LabelSelector = labels }, cancellationToken).ConfigureAwait(false);
        return new ServiceView(cluster, service, [.. pods.Items.Where(ClientPod.IsActive)]);
    }

    /// <summary>Whether the Service offers a port.</summary>
    internal bool Offers(int port) => (Service?.Json.FindArray("spec", "ports") ?? []).Any(item => item.FindInt64("port") == port);

    internal IEnumerable<long> Ports => (Service?.Json.FindArray("spec", "ports") ?? []).Select(item => item.FindInt64("port") ?? 0);
}
