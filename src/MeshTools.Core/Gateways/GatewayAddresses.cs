using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>
/// Where other networks reach a Service, by istiod's rules: load balancer and <c>externalIPs</c> together; of type NodePort, the external addresses of the nodes that
/// annotation <c>traffic.istio.io/nodeSelector</c> chooses (istio pilot/pkg/serviceregistry/kube/controller/network.go).
/// </summary>
internal static class GatewayAddresses
{
    internal const string NodeSelectorAnnotation = "traffic.istio.io/nodeSelector";

    /// <summary>The address that this module was told, for a gateway behind address translation.</summary>
    internal const string AdvertisedAnnotation = "meshtools.io/advertised-address";

    internal static IReadOnlyList<string> Of(KubernetesObject service, IReadOnlyList<KubernetesObject> nodes)
    {
        if (Advertised(service) is { Count: > 0 } advertised)
            return advertised;
        var balancer = (service.Json.FindArray("status", "loadBalancer", "ingress") ?? [])
            .Select(ingress => ingress.FindString("ip") is { Length: > 0 } ip ? ip : ingress.FindString("hostname"));
        var fromNodes = NodeSelector(service) is { } selector ? nodes.Where(node => Selects(selector, node.Labels)).SelectMany(ExternalAddresses) : [];
        return [.. balancer.Concat(service.Json.FindStrings("spec", "externalIPs")).Concat(fromNodes).OfType<string>().Where(address => address.Length > 0).Distinct(StringComparer.Ordinal)];
    }

    internal static IReadOnlyList<string> Advertised(KubernetesObject service) =>
        service.Annotations.GetValueOrDefault(AdvertisedAnnotation)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>The labels of the nodes whose addresses count; <see langword="null"/> for another type, without the annotation, or when it cannot be read.</summary>
    internal static IReadOnlyDictionary<string, string>? NodeSelector(KubernetesObject service)
    {
        if (service.FindString("spec", "type") is not "NodePort" || service.Annotations.GetValueOrDefault(NodeSelectorAnnotation) is not { } text)
            return null;
        try
        {
            return JsonAccess.ToStringMap(JsonNode.Parse(text));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool Selects(IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels) =>
        selector.All(pair => string.Equals(labels.GetValueOrDefault(pair.Key), pair.Value, StringComparison.Ordinal));

    private static IEnumerable<string> ExternalAddresses(KubernetesObject node) =>
        from address in node.Json.FindArray("status", "addresses") ?? []
        where address.FindString("type") is "ExternalIP"
        let value = address.FindString("address")
        where !string.IsNullOrEmpty(value)
        select value;
}
