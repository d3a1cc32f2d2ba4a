using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>A way into a network, as istiod knows it.</summary>
/// <param name="Network">The network behind it.</param>
/// <param name="Cluster">ID of the cluster that it is a Service of.</param>
/// <param name="Address">An IP address.</param>
/// <param name="Port">The port for mTLS that is passed through; 0 for none.</param>
/// <param name="HbonePort">The port for HBONE; 0 for none.</param>
internal sealed record NetworkGateway(string Network, string Cluster, string Address, int Port, int HbonePort);

/// <summary>
/// Finds gateways among Services by label, and among the Gateways of class <c>istio-remote</c> of the istiod's own cluster (istio
/// pilot/pkg/serviceregistry/kube/controller/network.go). A Service that has the label and neither port is none. Host names are resolved (istio
/// pilot/pkg/model/network.go); one that cannot be is left out.
/// </summary>
internal static class NetworkGateways
{
    private const int DefaultPort = 15443;
    private const int DefaultHbonePort = 15008;

    /// <summary>The gateways that one istiod knows: of its own cluster, and of the remote ones.</summary>
    public static IReadOnlyList<NetworkGateway> Known(ObjectStore store, IstiodSettings settings, RemoteClusters remotes) =>
    [
        .. store.List("", "services").Items.SelectMany(service => OfService(service.Json, settings.ClusterId)),
        .. store.List(GatewayApiDefinitions.Group, "gateways").Items.SelectMany(gateway => Declared(gateway.Json, settings.ClusterId)),
        .. remotes.All.SelectMany(remote => remote.Services.SelectMany(service => OfService(service, remote.Id))),
    ];

    /// <summary>A Service's addresses for the outside: those of its load balancer and <c>externalIPs</c>, together.</summary>
    public static IEnumerable<string> Addresses(JsonObject service) =>
        service.Objects("status", "loadBalancer", "ingress").Select(ingress => ingress.Text("ip") ?? ingress.Text("hostname")).OfType<string>()
            .Concat(service.At("spec", "externalIPs") is JsonArray external ? external.Select(item => item?.ToString()).OfType<string>() : []);

    /// <summary>The IP address behind an address: itself, or what the lab's name service says of its load balancers' names; null for other names.</summary>
    public static string? Resolve(string address)
    {
        if (IPAddress.TryParse(address, out _))
        {
            return address;
        }

        if (!address.EndsWith(LoadBalancerController.Domain, StringComparison.Ordinal))
        {
            return null;
        }

        // FNV-1a into the range that RFC 2544 keeps for tests: the same address for a name wherever it is asked for.
        var hash = 2166136261u;
        foreach (var letter in address)
        {
            hash = (hash ^ letter) * 16777619u;
        }

        return string.Create(CultureInfo.InvariantCulture, $"198.{18 + ((hash >> 16) & 1)}.{(hash >> 8) & 255}.{1 + (hash % 254)}");
    }

    private static IEnumerable<NetworkGateway> OfService(JsonObject service, string cluster)
    {
        if (service.Label(SidecarInjector.NetworkLabel) is not { Length: > 0 } network)
        {
            yield break;
        }

        var port = service.Label("networking.istio.io/gatewayPort") is { } given &&
            int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : DefaultPort;
        var hasPort = Has(service, "ports", port);
        var hasHbone = Has(service, "ports", DefaultHbonePort);
        if (!hasPort && !hasHbone)
        {
            yield break;
        }

        foreach (var address in Addresses(service).Select(Resolve).OfType<string>())
        {
            yield return new NetworkGateway(network, cluster, address, hasPort ? port : 0, hasHbone ? DefaultHbonePort : 0);
        }
    }

    private static IEnumerable<NetworkGateway> Declared(JsonObject gateway, string cluster)
    {
        if (gateway.Text("spec", "gatewayClassName") is not "istio-remote" || gateway.Label(SidecarInjector.NetworkLabel) is not { Length: > 0 } network)
        {
            yield break;
        }

        var hasPort = Has(gateway, "listeners", DefaultPort);
        var hasHbone = Has(gateway, "listeners", DefaultHbonePort);
        if (!hasPort && !hasHbone)
        {
            yield break;
        }

        foreach (var address in gateway.Objects("spec", "addresses").Select(address => address.Text("value")).OfType<string>().Select(Resolve).OfType<string>())
        {
            yield return new NetworkGateway(network, cluster, address, hasPort ? DefaultPort : 0, hasHbone ? DefaultHbonePort : 0);
        }
    }

    private static bool Has(JsonObject json, string list, int port) => json.Objects("spec", list).Any(item => item.Number(0, "port") == port);
}
