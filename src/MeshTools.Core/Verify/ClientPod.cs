using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Verify;

/// <summary>The pod that calls.</summary>
/// <param name="Cluster">Its cluster.</param>
/// <param name="Pod">The pod.</param>
/// <param name="Container">The container that has curl.</param>
internal sealed record ClientPod(MeshCluster Cluster, KubernetesObject Pod, string Container)
{
    internal const string Proxy = "istio-proxy";

    internal string Name => Pod.Name;

    internal string Namespace => Pod.Namespace ?? "";

    /// <summary>Whether a proxy runs beside it.</summary>
    internal bool Injected => IsInjected(Pod);

    /// <summary>Finds the client of a cluster: a pod that is ready, and rather one with a proxy than one without.</summary>
    /// <returns>The client, or why there is none.</returns>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    internal static async Task<(ClientPod? Client, string? Problem)> FindAsync(MeshCluster cluster, ConnectivityOptions options, CancellationToken cancellationToken)
    {
        var ns = options.EffectiveClientNamespace;
        var list = await cluster.Connect().ListPageAsync(ResourceTypes.Pod, ns, new ListOptions { LabelSelector = options.ClientSelector }, cancellationToken).ConfigureAwait(false);
        KubernetesObject[] pods = [.. list.Items.Where(IsActive).OrderByDescending(IsReady).ThenByDescending(IsInjected).ThenBy(pod => pod.Name, StringComparer.Ordinal)];
        if (pods.Length == 0)
            return (null, $"no pod in namespace {ns} has {options.ClientSelector}");
        if (!IsReady(pods[0]))
            return (null, $"pod {ns}/{pods[0].Name} is not ready: {WhyNotReady(pods[0])}");
        var containers = ContainersOf(pods[0]);
        if (options.ClientContainer is { } wanted && !containers.Contains(wanted, StringComparer.Ordinal))
            return (null, $"pod {ns}/{pods[0].Name} has no container {wanted}; it has {string.Join(", ", containers)}");
        var container = options.ClientContainer
            ?? pods[0].Annotations.GetValueOrDefault("kubectl.kubernetes.io/default-container")
            ?? containers.FirstOrDefault(name => name is not Proxy) ?? Proxy;
        return (new ClientPod(cluster, pods[0], container), null);
    }

    /// <summary>Whether a pod has a sidecar, as an ordinary container or as an init container that stays.</summary>
    internal static bool IsInjected(KubernetesObject pod) => ContainersOf(pod).Contains(Proxy, StringComparer.Ordinal)
        || Names(pod, "initContainers").Contains(Proxy, StringComparer.Ordinal);

    internal static bool IsActive(KubernetesObject pod) => pod.DeletionTimestamp is null && pod.FindString("status", "phase") is not ("Succeeded" or "Failed");

    internal static bool IsReady(KubernetesObject pod) => pod.FindCondition("Ready").FindString("status") is "True";

    /// <summary>What stands in the way of a pod, in a few words.</summary>
    internal static string WhyNotReady(KubernetesObject pod)
    {
        var statuses = (pod.Json.FindArray("status", "initContainerStatuses") ?? []).Concat(pod.Json.FindArray("status", "containerStatuses") ?? []);
        foreach (var status in statuses)
        {
            if (status.FindString("state", "waiting", "reason") is { } reason and not ("ContainerCreating" or "PodInitializing"))
                return $"container {status.FindString("name")}: {reason}{(status.FindString("state", "waiting", "message") is { Length: > 0 } text ? $" ({text})" : "")}";
        }

        return pod.FindCondition("PodScheduled") is { } scheduled && scheduled.FindString("status") is "False"
            ? scheduled.FindString("message") ?? "it is not scheduled"
            : pod.FindCondition("Ready").FindString("message") ?? $"it is {pod.FindString("status", "phase") ?? "Pending"}";
    }

    private static string[] ContainersOf(KubernetesObject pod) => Names(pod, "containers");

    private static string[] Names(KubernetesObject pod, string kind) =>
        [.. (pod.Json.FindArray("spec", kind) ?? []).Select(container => (container as JsonObject).FindString("name")).OfType<string>()];
}
