using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What happens at the address of a gateway of the mesh.</summary>
internal static class GatewayServer
{
    /// <summary>How a connection that asks for a Service by SNI fares.</summary>
    public enum Passage
    {
        /// <summary>It is passed on.</summary>
        Open,

        /// <summary>Nobody has the address.</summary>
        Nowhere,

        /// <summary>The address is there and nothing listens.</summary>
        Refused,

        /// <summary>It is accepted and closed: no server of the gateway is for this name.</summary>
        Closed,
    }

    /// <summary>Tries an address, for a name; null for a connection that names no host of the mesh.</summary>
    public static (Passage Passage, LabCluster? Cluster) Enter(LabCluster from, LabFabric fabric, string address, int port, string? host)
    {
        if (fabric.External(address) is not { } found)
        {
            return (Passage.Nowhere, null);
        }

        var (cluster, service) = found;
        if (!ReferenceEquals(from, cluster) && cluster.Faults.TakeOfTraffic(FaultKind.GatewayBlocked) is not null)
        {
            return (Passage.Nowhere, null);
        }

        var name = new ServiceName(service.Key.Name, service.Key.Namespace!);
        var pods = Endpoint.Of(cluster, cluster.ClusterId, name, port).Where(endpoint => SidecarInjector.IsInjected(endpoint.Pod.Json)).ToList();
        var servers = pods.SelectMany(pod => Servers(cluster, pod.Pod, port)).ToList();
        if (servers.Count == 0)
        {
            // Without a Gateway for the port, the proxy does not open it.
            return (Passage.Refused, cluster);
        }

        return (host is not null && servers.Exists(server => IsFor(server, host)) ? Passage.Open : Passage.Closed, cluster);
    }

    /// <summary>What passes the port on: servers of Istio's Gateways, and listeners of the Gateway API's.</summary>
    private static IEnumerable<JsonObject> Servers(LabCluster cluster, StoredObject pod, int port) => Listeners(cluster, pod, port).Concat(
        cluster.Store.List("networking.istio.io", "gateways").Items
            .Where(gateway => gateway.Json.At("spec", "selector") is JsonObject { Count: > 0 } selector &&
                Fields.MatchesAll(selector, pod.Json.At("metadata", "labels")))
            .SelectMany(gateway => gateway.Json.Objects("spec", "servers"))
            .Where(server => server.Number(0, "port", "number") == port && server.Text("tls", "mode") is "AUTO_PASSTHROUGH"));

    private static IEnumerable<JsonObject> Listeners(LabCluster cluster, StoredObject pod, int port) =>
        pod.Json.Label(GatewayApiObjects.NameLabel) is not { } name ||
        cluster.Store.Find(new ResourceKey(GatewayApiDefinitions.Group, "gateways", pod.Key.Namespace, name)) is not { } gateway
            ? []
            : gateway.Json.Objects("spec", "listeners")
                .Where(listener => listener.Number(0, "port") == port && listener.Text("protocol") is "TLS" && listener.Text("tls", "mode") is "Passthrough" &&
                    (gateway.Json.Label(SidecarInjector.NetworkLabel) is not null || listener.Text("tls", "options", "gateway.istio.io/listener-protocol") is "auto-passthrough"))
                .Select(listener => new JsonObject { ["hosts"] = new JsonArray(listener.Text("hostname") ?? "*") });

    /// <summary>Hosts are names or suffixes with a star, after an optional NAMESPACE/.</summary>
    private static bool IsFor(JsonObject server, string host) => server.At("hosts") is JsonArray hosts && hosts.Select(item => item?.ToString().Split('/')[^1]).Any(
        pattern => pattern is not null && (pattern is "*" || string.Equals(pattern, host, StringComparison.OrdinalIgnoreCase) ||
            (pattern.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase))));
}
