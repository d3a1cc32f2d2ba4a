using MeshTools.Clusters;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Verify;

/// <summary>A Service that istiod takes for a way into a network (istio pilot/pkg/serviceregistry/kube/controller/network.go).</summary>
/// <param name="Service">The Service.</param>
/// <param name="Network">The network that its label names.</param>
/// <param name="Port">The port for mTLS: label <c>networking.istio.io/gatewayPort</c>, else 15443.</param>
/// <param name="Addresses">Where other networks reach it.</param>
internal sealed record NetworkGateway(KubernetesObject Service, string Network, int Port, IReadOnlyList<string> Addresses)
{
    internal bool HasPort => (Service.Json.FindArray("spec", "ports") ?? []).Any(port => port.FindInt64("port") == Port);

    internal string Name => $"{Service.Namespace}/{Service.Name}";
}

/// <summary>What a cluster says of networks.</summary>
/// <param name="Declared">The label of the control plane's namespace; empty for none.</param>
/// <param name="Gateways">Its ways into networks.</param>
internal sealed record NetworkView(string Declared, IReadOnlyList<NetworkGateway> Gateways)
{
    internal static async Task<NetworkView> ReadAsync(MeshCluster cluster, ConnectivityOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        var reading = new PermittedReads(cluster, log);
        var home = reading.FindAsync(ResourceTypes.Namespace, null, options.ControlPlaneNamespace, cancellationToken);
        // istiod looks for them in all namespaces.
        var services = reading.ListAsync(ResourceTypes.Service, null, new ListOptions { LabelSelector = ServiceView.NetworkLabel }, cancellationToken);
        await Task.WhenAll(home, services).ConfigureAwait(false);
        var found = await services.ConfigureAwait(false);
        var nodes = found.Any(service => GatewayAddresses.NodeSelector(service) is not null)
            ? await reading.ListAsync(ResourceTypes.Node, null, new ListOptions(), cancellationToken).ConfigureAwait(false)
            : [];
        return new NetworkView(
            (await home.ConfigureAwait(false))?.Labels.GetValueOrDefault(ServiceView.NetworkLabel) ?? "",
            [.. found.Select(service => GatewayOf(service, nodes)).Where(gateway => gateway.Network.Length > 0)]);
    }

    /// <summary>The network of a pod: its own label, else that of its cluster's control plane.</summary>
    internal string Of(KubernetesObject? pod) => pod?.Labels.GetValueOrDefault(ServiceView.NetworkLabel) is { Length: > 0 } own ? own : Declared;

    private static NetworkGateway GatewayOf(KubernetesObject service, IReadOnlyList<KubernetesObject> nodes)
    {
        var port = int.TryParse(service.Labels.GetValueOrDefault("networking.istio.io/gatewayPort"), System.Globalization.CultureInfo.InvariantCulture, out var given)
            ? given
            : ExposedServer.CrossNetworkPort;
        return new NetworkGateway(service, service.Labels.GetValueOrDefault(ServiceView.NetworkLabel) ?? "", port, GatewayAddresses.Of(service, nodes));
    }
}
