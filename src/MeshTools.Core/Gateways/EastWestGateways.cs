using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>The east-west gateways of a cluster. Only reads.</summary>
public static class EastWestGateways
{
    /// <summary>By this label of a Service istiod takes it for a gateway of a network (istio pilot/pkg/serviceregistry/kube/controller/network.go).</summary>
    internal const string NetworkLabel = "topology.istio.io/network";

    /// <summary>By these labels Gateways of Istio select the proxies of an east-west gateway (istio samples/multicluster/expose-services.yaml).</summary>
    internal const string SelectorKey = "istio";

    internal const string SelectorValue = "eastwestgateway";

    /// <summary>
    /// Finds every Service that Istio takes for a gateway of a network, in all namespaces that may be read, and those that are meant as one: a Service with label
    /// <c>istio=eastwestgateway</c> that lacks the network is a frequent mistake. Each says what is wrong with it.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <param name="controlPlaneNamespace">The control plane's namespace, whose network label counts.</param>
    /// <returns>The gateways, by namespace and name.</returns>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<IReadOnlyList<EastWestGateway>> ReadAsync(
        MeshCluster cluster, IOperationLog log, CancellationToken cancellationToken, string controlPlaneNamespace = ControlPlaneRevision.DefaultNamespace)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(log);
        var services = ServicesAsync(cluster, controlPlaneNamespace, log, cancellationToken);
        var home = new PermittedReads(cluster, log).FindAsync(ResourceTypes.Namespace, null, controlPlaneNamespace, cancellationToken);
        await Task.WhenAll(services, home).ConfigureAwait(false);
        var network = (await home.ConfigureAwait(false))?.Labels.GetValueOrDefault(NetworkLabel);
        var found = await services.ConfigureAwait(false);
        var surroundings = new Dictionary<string, GatewaySurroundings>(StringComparer.Ordinal);
        foreach (var ns in found.Select(service => service.Namespace!).Distinct(StringComparer.Ordinal))
            surroundings[ns] = await GatewaySurroundings.ReadAsync(cluster, ns, found, network, log, cancellationToken).ConfigureAwait(false);
        return [.. found.Select(service => EastWestGatewayReading.Of(cluster, service, surroundings[service.Namespace!]))];
    }

    private static async Task<IReadOnlyList<KubernetesObject>> ServicesAsync(
        MeshCluster cluster, string controlPlaneNamespace, IOperationLog log, CancellationToken cancellationToken)
    {
        try
        {
            return await SearchAsync(cluster, null, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            log.Warning($"{cluster.Name}: {e.Status.Message}; only namespace {controlPlaneNamespace} is searched.");
            return await SearchAsync(cluster, controlPlaneNamespace, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<IReadOnlyList<KubernetesObject>> SearchAsync(MeshCluster cluster, string? ns, CancellationToken cancellationToken)
    {
        var labelled = ListAsync(cluster, ResourceTypes.Service, ns, NetworkLabel, cancellationToken);
        var meant = ListAsync(cluster, ResourceTypes.Service, ns, $"{SelectorKey}={SelectorValue}", cancellationToken);
        await Task.WhenAll(labelled, meant).ConfigureAwait(false);
        return
        [
            .. (await labelled.ConfigureAwait(false)).Concat(await meant.ConfigureAwait(false))
                .DistinctBy(service => (service.Namespace, service.Name))
                .OrderBy(service => service.Namespace, StringComparer.Ordinal).ThenBy(service => service.Name, StringComparer.Ordinal),
        ];
    }

    internal static async Task<IReadOnlyList<KubernetesObject>> ListAsync(
        MeshCluster cluster, ResourceType type, string? ns, string? labels, CancellationToken cancellationToken)
    {
        var objects = new List<KubernetesObject>();
        await foreach (var item in cluster.Connect().ListAsync(type, ns, new ListOptions { LabelSelector = labels }, cancellationToken).ConfigureAwait(false))
            objects.Add(item);
        return objects;
    }
}
