using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>What a namespace holds besides a gateway's Service, as far as it says something about the gateway.</summary>
/// <param name="ClusterNetwork">Label <c>topology.istio.io/network</c> of the control plane's namespace; <see langword="null"/> when it is absent or unreadable.</param>
/// <param name="Deployments">The namespace's Deployments.</param>
/// <param name="Slices">Its EndpointSlices of Services; <see langword="null"/> when they may not be read.</param>
/// <param name="Nodes">The cluster's nodes; only read where a Service of type NodePort names some by annotation.</param>
internal sealed record GatewaySurroundings(
    string? ClusterNetwork, IReadOnlyList<KubernetesObject> Deployments, IReadOnlyList<KubernetesObject>? Slices, IReadOnlyList<KubernetesObject> Nodes)
{
    internal static async Task<GatewaySurroundings> ReadAsync(
        MeshCluster cluster, string ns, IReadOnlyList<KubernetesObject> services, string? clusterNetwork, IOperationLog log, CancellationToken cancellationToken)
    {
        var needsNodes = services.Any(service => GatewayAddresses.NodeSelector(service) is not null);
        var deployments = PermittedAsync(cluster, ResourceTypes.Deployment, ns, null, log, cancellationToken);
        var slices = PermittedAsync(cluster, ResourceTypes.EndpointSlice, ns, "kubernetes.io/service-name", log, cancellationToken);
        var nodes = needsNodes ? PermittedAsync(cluster, ResourceTypes.Node, null, null, log, cancellationToken) : Task.FromResult<IReadOnlyList<KubernetesObject>?>([]);
        await Task.WhenAll(deployments, slices, nodes).ConfigureAwait(false);
        return new GatewaySurroundings(
            clusterNetwork, await deployments.ConfigureAwait(false) ?? [], await slices.ConfigureAwait(false), await nodes.ConfigureAwait(false) ?? []);
    }

    private static async Task<IReadOnlyList<KubernetesObject>?> PermittedAsync(
        MeshCluster cluster, ResourceType type, string? ns, string? labels, IOperationLog log, CancellationToken cancellationToken)
    {
        try
        {
            return await EastWestGateways.ListAsync(cluster, type, ns, labels, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            log.Warning($"{cluster.Name}: {e.Status.Message}; what it would have told stays unknown.");
            return null;
        }
    }
}
