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
            yield return (key, Definition(plural, group, kind, shortName, versions, now));
        }
    }

    private static JsonObject Definition(string plural, string group, string kind, string shortName, string[] versions, string now)
    {
        var served = new JsonArray();
        foreach (var version in versions.Order(StringComparer.Ordinal))
        {
            served.Add((JsonNode)Version(version, version.Equals(versions[0], StringComparison.Ordinal)));
        }

        var status = new JsonObject { ["acceptedNames"] = Names(plural, kind, shortName) };
        Fields.SetCondition(status, now, "NamesAccepted", "True", "NoConflicts", "no conflicts found");
        Fields.SetCondition(status, now, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted");
        status["storedVersions"] = new JsonArray(JsonValue.Create(versions[0]));
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject
            {
                ["generation"] = 1,
                ["labels"] = new JsonObject { ["app"] = "istio-pilot", ["chart"] = "istio", ["heritage"] = "Tiller", ["release"] = "istio" },
            },
            ["spec"] = new JsonObject
            {
                ["conversion"] = new JsonObject { ["strategy"] = "None" },
                ["group"] = group,
                ["names"] = Names(plural, kind, shortName),
                ["scope"] = "Namespaced",
                ["versions"] = served,
            },
            ["status"] = status,
        };
    }

    private static JsonObject Names(string plural, string kind, string shortName)
    {
        var names = new JsonObject
        {
            ["categories"] = new JsonArray(JsonValue.Create("istio-io")),
            ["kind"] = kind,
            ["listKind"] = kind + "List",
            ["plural"] = plural,
            ["singular"] = kind.ToLowerInvariant(),
        };
        if (shortName.Length > 0)
        {
            names["shortNames"] = new JsonArray(JsonValue.Create(shortName));
        }

        return names;
    }

    private static JsonObject Version(string name, bool stored)
    {
        JsonObject Anything() => new() { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        return new JsonObject
        {
            ["name"] = name,
            ["schema"] = new JsonObject
            {
                ["openAPIV3Schema"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject { ["spec"] = Anything(), ["status"] = Anything() },
                },
            },
            ["served"] = true,
            ["storage"] = stored,
            ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
        };
    }
}
