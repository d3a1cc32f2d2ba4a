using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>What is in a cluster of what an exposure is made of. Only reads.</summary>
internal sealed class ExposureState
{
    /// <summary>The name under which this module owns fields.</summary>
    private const string Manager = "meshtools";

    private ExposureState(MeshCluster cluster) => Cluster = cluster;

    internal MeshCluster Cluster { get; }

    /// <summary>Istio's Gateway, in the version to use.</summary>
    internal required ResourceType GatewayType { get; init; }

    /// <summary>Istio's VirtualService, in the version to use.</summary>
    internal required ResourceType RouteType { get; init; }

    /// <summary>Every Gateway of Istio that may be seen.</summary>
    internal required IReadOnlyList<KubernetesObject> Gateways { get; init; }

    /// <summary>What the listeners of the Gateway API let in.</summary>
    internal required IReadOnlyList<ExposedServer> Listeners { get; init; }

    /// <summary>The VirtualServices of the namespace.</summary>
    internal required IReadOnlyList<KubernetesObject> Routes { get; init; }

    /// <summary>Reads it.</summary>
    /// <returns>The state; <see langword="null"/> when the cluster does not know Istio's kinds.</returns>
    internal static async Task<ExposureState?> ReadAsync(MeshCluster cluster, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        var gateway = await ExposureReader.FindTypeAsync(cluster, "Gateway", cancellationToken).ConfigureAwait(false);
        var route = await ExposureReader.FindTypeAsync(cluster, "VirtualService", cancellationToken).ConfigureAwait(false);
        if (gateway is null || route is null)
            return null;
        var gateways = EverywhereAsync(cluster, gateway, ns, log, cancellationToken);
        var listeners = ExposureReader.ListenersAsync(cluster, cancellationToken);
        var routes = ExposureReader.ListAsync(cluster, route, ns, cancellationToken);
        await Task.WhenAll(gateways, listeners, routes).ConfigureAwait(false);
        return new ExposureState(cluster)
        {
            GatewayType = gateway,
            RouteType = route,
            Gateways = await gateways.ConfigureAwait(false),
            Listeners = await listeners.ConfigureAwait(false),
            Routes = await routes.ConfigureAwait(false),
        };
    }

    internal KubernetesObject? Gateway(string ns, string name) =>
        Gateways.FirstOrDefault(gateway => string.Equals(gateway.Name, name, StringComparison.Ordinal) && string.Equals(gateway.Namespace, ns, StringComparison.Ordinal));

    internal KubernetesObject? Route(string name) => Routes.FirstOrDefault(route => string.Equals(route.Name, name, StringComparison.Ordinal));

    /// <summary>Whether this module applied an object.</summary>
    internal static bool IsOwn(KubernetesObject live) => (live.Json.FindArray("metadata", "managedFields") ?? [])
        .Any(entry => entry.FindString("manager") is Manager && entry.FindString("operation") is "Apply");

    /// <summary>Whether two specifications say the same: neither the order of names nor the case of a protocol matters to Istio.</summary>
    internal static bool Same(KubernetesObject one, KubernetesObject other) =>
        JsonNode.DeepEquals(Plain(one.Json["spec"], ""), Plain(other.Json["spec"], ""));

    internal static MeshException DefinitionsMissing(MeshCluster cluster) => new(
        ErrorCatalog.IstioDefinitionsMissing, $"{cluster.Name}: the cluster does not serve Gateways and VirtualServices of {ExposureReader.IstioGroup}", cluster);

    private static JsonNode? Plain(JsonNode? node, string name) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Plain(pair.Value, pair.Key)))),
        JsonArray list when list.All(item => JsonAccess.AsString(item) is not null) =>
            JsonAccess.ToJsonArray(list.Select(item => JsonAccess.AsString(item)!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
        JsonArray list => new JsonArray([.. list.Select(item => Plain(item, ""))]),
        JsonValue value when name is "protocol" && JsonAccess.AsString(value) is { } text => JsonValue.Create(text.ToUpperInvariant()),
        _ => node?.DeepClone(),
    };

    // Whoever may not look everywhere still gets what can be said of the namespace.
    private static async Task<IReadOnlyList<KubernetesObject>> EverywhereAsync(
        MeshCluster cluster, ResourceType type, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        try
        {
            return await ExposureReader.ListAsync(cluster, type, null, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            log.Warning($"{cluster.Name}: {e.Status.Message}; Gateways of other namespaces that do the same would not be seen.");
            return await ExposureReader.ListAsync(cluster, type, ns, cancellationToken).ConfigureAwait(false);
        }
    }
}
