using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>Reads what the Gateways of a cluster let in without ending its TLS. Only reads.</summary>
public static class ExposureReader
{
    internal const string IstioGroup = "networking.istio.io";

    internal const string GatewayApiGroup = "gateway.networking.k8s.io";

    // The option by which a listener says what Istio's own Gateway calls AUTO_PASSTHROUGH (istio pilot/pkg/config/kube/gateway/conversion.go).
    private const string ListenerProtocol = "gateway.istio.io/listener-protocol";

    private static readonly string[] s_istioVersions = ["v1", "v1beta1", "v1alpha3"];

    private static readonly string[] s_gatewayApiVersions = ["v1", "v1beta1"];

    /// <summary>Reads it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>What the cluster exposes.</returns>
    /// <exception cref="KubernetesException">The cluster cannot be read, or the user may not list its Gateways.</exception>
    public static async Task<ClusterExposure> ReadAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var istio = await FindTypeAsync(cluster, "Gateway", cancellationToken).ConfigureAwait(false);
        var servers = new List<ExposedServer>();
        if (istio is not null)
        {
            foreach (var gateway in await ListAsync(cluster, istio, null, cancellationToken).ConfigureAwait(false))
                servers.AddRange(OfIstio(gateway));
        }

        servers.AddRange(await ListenersAsync(cluster, cancellationToken).ConfigureAwait(false));
        return new ClusterExposure(cluster, istio is not null, servers);
    }

    /// <summary>One of Istio's networking kinds in the best version that the cluster serves; <see langword="null"/> when it serves none.</summary>
    internal static async Task<ResourceType?> FindTypeAsync(MeshCluster cluster, string kind, CancellationToken cancellationToken)
    {
        var discovery = cluster.Connect().Discovery;
        var type = Preferred(await discovery.GetResourcesAsync(cancellationToken).ConfigureAwait(false), IstioGroup, kind, s_istioVersions);
        if (type is not null)
            return type;
        // The definitions may have come since the cluster was asked first.
        discovery.Invalidate();
        return Preferred(await discovery.GetResourcesAsync(cancellationToken).ConfigureAwait(false), IstioGroup, kind, s_istioVersions);
    }

    /// <summary>What the Gateways of the Gateway API pass on; nothing where they are not served.</summary>
    internal static async Task<IReadOnlyList<ExposedServer>> ListenersAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        var types = await cluster.Connect().Discovery.GetResourcesAsync(cancellationToken).ConfigureAwait(false);
        return Preferred(types, GatewayApiGroup, "Gateway", s_gatewayApiVersions) is { } type
            ? [.. (await ListAsync(cluster, type, null, cancellationToken).ConfigureAwait(false)).SelectMany(OfGatewayApi)]
            : [];
    }

    /// <summary>What a Gateway of Istio passes on.</summary>
    internal static IEnumerable<ExposedServer> OfIstio(KubernetesObject gateway)
    {
        var selector = JsonAccess.ToStringMap(gateway.Find("spec", "selector"));
        foreach (var server in gateway.Json.FindArray("spec", "servers") ?? [])
        {
            if (server.FindString("tls", "mode") is ExposedServer.AutoPassthrough or "PASSTHROUGH" && server.FindInt64("port", "number") is { } port)
            {
                yield return new ExposedServer(gateway.Reference, (int)port, server.FindString("tls", "mode")!)
                {
                    Selector = selector,
                    Hosts = server.FindStrings("hosts"),
                };
            }
        }
    }

    private static IEnumerable<ExposedServer> OfGatewayApi(KubernetesObject gateway)
    {
        if (gateway.FindString("spec", "gatewayClassName") is not "istio")
            yield break;
        var selector = new Dictionary<string, string>(StringComparer.Ordinal) { ["gateway.networking.k8s.io/gateway-name"] = gateway.Name };
        foreach (var listener in gateway.Json.FindArray("spec", "listeners") ?? [])
        {
            if (listener.FindString("protocol") is "TLS" && listener.FindString("tls", "mode") is "Passthrough" && listener.FindInt64("port") is { } port)
            {
                var auto = listener.FindString("tls", "options", ListenerProtocol) is "auto-passthrough"
                    || (port == ExposedServer.CrossNetworkPort && gateway.Labels.ContainsKey(EastWestGateways.NetworkLabel));
                yield return new ExposedServer(gateway.Reference, (int)port, auto ? ExposedServer.AutoPassthrough : "PASSTHROUGH")
                {
                    Selector = selector,
                    Hosts = [listener.FindString("hostname") ?? "*"],
                };
            }
        }
    }

    private static ResourceType? Preferred(IReadOnlyList<ResourceType> served, string group, string kind, string[] versions) => versions
        .Select(version => served.FirstOrDefault(type =>
            string.Equals(type.Group, group, StringComparison.Ordinal) && string.Equals(type.Kind, kind, StringComparison.Ordinal)
            && string.Equals(type.Version, version, StringComparison.Ordinal)))
        .FirstOrDefault(type => type is not null);

    internal static Task<IReadOnlyList<KubernetesObject>> ListAsync(MeshCluster cluster, ResourceType type, string? ns, CancellationToken cancellationToken) =>
        EastWestGateways.ListAsync(cluster, type, ns, null, cancellationToken);
}
