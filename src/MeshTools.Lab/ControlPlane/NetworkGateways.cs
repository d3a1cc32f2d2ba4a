using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>A way into a network, as istiod knows it.</summary>
/// <param name="Network">The network behind it.</param>
/// <param name="Cluster">ID of the cluster that it is a Service of.</param>
/// <param name="Address">An IP address or a host name.</param>
/// <param name="Port">The port for mTLS that is passed through.</param>
internal sealed record NetworkGateway(string Network, string Cluster, string Address, int Port);

/// <summary>
/// Finds gateways among Services by label (istio pilot/pkg/serviceregistry/kube/controller/network.go). A Service that has the label and not
/// the port is none.
/// </summary>
internal static class NetworkGateways
{
    private const int DefaultPort = 15443;

    /// <summary>The gateways that one istiod knows: of its own cluster, and of the remote ones.</summary>
    public static IReadOnlyList<NetworkGateway> Known(ObjectStore store, IstiodSettings settings, RemoteClusters remotes) =>
    [
        .. store.List("", "services").Items.SelectMany(service => Of(service.Json, settings.ClusterId)),
        .. remotes.All.SelectMany(remote => remote.Services.SelectMany(service => Of(service, remote.Id))),
    ];

    /// <summary>A Service's addresses for the outside: those of its load balancer and <c>externalIPs</c>, together.</summary>
    public static IEnumerable<string> Addresses(JsonObject service) =>
        service.Objects("status", "loadBalancer", "ingress").Select(ingress => ingress.Text("ip") ?? ingress.Text("hostname")).OfType<string>()
            .Concat(service.At("spec", "externalIPs") is JsonArray external ? external.Select(item => item?.ToString()).OfType<string>() : []);

    private static IEnumerable<NetworkGateway> Of(JsonObject service, string cluster)
    {
        if (service.Label(SidecarInjector.NetworkLabel) is not { Length: > 0 } network)
        {
            yield break;
        }

        var port = service.Label("networking.istio.io/gatewayPort") is { } given &&
            int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : DefaultPort;
        if (!service.Objects("spec", "ports").Any(item => item.Number(0, "port") == port))
        {
            yield break;
        }

        foreach (var address in Addresses(service))
        {
            yield return new NetworkGateway(network, cluster, address, port);
        }
    }
}
