using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Istio's custom resource definitions: names, scopes and versions as Istio 1.30 installs them. The schemas accept anything below
/// <c>spec</c> and <c>status</c>.
/// </summary>
internal static class IstioDefinitions
{
    // plural.group, kind, short name, versions with the stored one first.
    private static readonly (string Plural, string Group, string Kind, string Short, string[] Versions)[] Known =
    [
        ("authorizationpolicies", "security.istio.io", "AuthorizationPolicy", "ap", ["v1", "v1beta1"]),
        ("destinationrules", "networking.istio.io", "DestinationRule", "dr", ["v1", "v1alpha3", "v1beta1"]),
        ("envoyfilters", "networking.istio.io", "EnvoyFilter", "", ["v1alpha3"]),
        ("gateways", "networking.istio.io", "Gateway", "gw", ["v1", "v1alpha3", "v1beta1"]),
        ("peerauthentications", "security.istio.io", "PeerAuthentication", "pa", ["v1", "v1beta1"]),
        ("proxyconfigs", "networking.istio.io", "ProxyConfig", "", ["v1beta1"]),
        ("requestauthentications", "security.istio.io", "RequestAuthentication", "ra", ["v1", "v1beta1"]),
        ("serviceentries", "networking.istio.io", "ServiceEntry", "se", ["v1", "v1alpha3", "v1beta1"]),
        ("sidecars", "networking.istio.io", "Sidecar", "", ["v1", "v1alpha3", "v1beta1"]),
        ("telemetries", "telemetry.istio.io", "Telemetry", "telemetry", ["v1alpha1", "v1"]),
        ("trafficextensions", "extensions.istio.io", "TrafficExtension", "", ["v1alpha1"]),
        ("virtualservices", "networking.istio.io", "VirtualService", "vs", ["v1", "v1alpha3", "v1beta1"]),
        ("wasmplugins", "extensions.istio.io", "WasmPlugin", "", ["v1alpha1"]),
        ("workloadentries", "networking.istio.io", "WorkloadEntry", "we", ["v1", "v1alpha3", "v1beta1"]),
        ("workloadgroups", "networking.istio.io", "WorkloadGroup", "wg", ["v1", "v1alpha3", "v1beta1"]),
    ];

    public static IEnumerable<(ResourceKey Key, JsonObject Json)> All(string now)
    {
        foreach (var (plural, group, kind, shortName, versions) in Known)
        {
            var key = new ResourceKey("apiextensions.k8s.io", "customresourcedefinitions", null, $"{plural}.{group}");
            yield return (key, DefinitionObject.Build(new DefinitionObject.Names(group, plural, kind, "istio-io", shortName), "Namespaced", versions, Anything, s_labels, now));
        }
    }

    private static readonly (string, string)[] s_labels = [("app", "istio-pilot"), ("chart", "istio"), ("heritage", "Tiller"), ("release", "istio")];

    private static JsonObject Anything() => new()
    {
        ["spec"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
        ["status"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
    };
}
