using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>The proxies that a Gateway's selector finds: by Deployment, so that those that are still to start count, and by pod.</summary>
internal static class ExposedProxies
{
    /// <summary>The labels of the pods behind a selector.</summary>
    internal static async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> FindAsync(
        MeshCluster cluster, IReadOnlyDictionary<string, string> selector, IOperationLog log, CancellationToken cancellationToken)
    {
        var reads = new PermittedReads(cluster, log);
        var options = new ListOptions { LabelSelector = ClusterExposure.Text(selector) };
        var deployments = await reads.ListAllAsync(ResourceTypes.Deployment, null, options, cancellationToken).ConfigureAwait(false);
        IReadOnlyDictionary<string, string>[] templates =
            [.. deployments.Select(deployment => (IReadOnlyDictionary<string, string>)JsonAccess.ToStringMap(deployment.Find("spec", "template", "metadata", "labels"))).Where(labels => IsIn(selector, labels))];
        if (templates.Length > 0)
            return templates;
        var pods = await reads.ListAllAsync(ResourceTypes.Pod, null, options, cancellationToken).ConfigureAwait(false);
        return [.. pods.Select(pod => pod.Labels)];
    }

    /// <summary>Says what keeps the proxies from being of use.</summary>
    internal static async Task WarnAsync(
        MeshCluster cluster, ServiceExposureOptions options, IReadOnlyList<IReadOnlyDictionary<string, string>> proxies, IOperationLog log, CancellationToken cancellationToken)
    {
        var labels = ClusterExposure.Text(options.Selector);
        if (proxies.Count == 0)
        {
            log.Warning($"{cluster.Name}: no gateway has pods with {labels}; nothing is let in until there is one. New-EastWestGateway makes one.");
            return;
        }

        if (!options.ControlPlane)
            return;
        var services = await new PermittedReads(cluster, log).ListAllAsync(
            ResourceTypes.Service, null, new ListOptions { LabelSelector = labels }, cancellationToken).ConfigureAwait(false);
        int[] missing = [.. new[] { ExposureManifest.DiscoveryPort, ExposureManifest.WebhookPort }.Where(port => !services.Any(service => Offers(service, port)))];
        if (services.Count > 0 && missing.Length > 0)
            log.Warning($"{cluster.Name}: no Service of the gateway has port {string.Join(" and ", missing)}, so the control plane cannot be reached through it.");
    }

    private static bool Offers(KubernetesObject service, int port) => (service.Json.FindArray("spec", "ports") ?? []).Any(item => item.FindInt64("port") == port);

    private static bool IsIn(IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels) =>
        selector.All(pair => string.Equals(labels.GetValueOrDefault(pair.Key), pair.Value, StringComparison.Ordinal));
}
