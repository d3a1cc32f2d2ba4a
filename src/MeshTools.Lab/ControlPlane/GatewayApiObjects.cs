using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What istiod makes for a Gateway of the Gateway API (istio manifests/charts/istio-control/istio-discovery/files/kube-gateway.yaml).</summary>
internal static class GatewayApiObjects
{
    public const string NameLabel = "gateway.networking.k8s.io/gateway-name";
    public const string ManagedLabel = "gateway.istio.io/managed";

    /// <summary>The objects, in the order in which they are made.</summary>
    public static IEnumerable<(ResourceKey Key, JsonObject Json)> For(StoredObject gateway, GatewayApiClass kind, IstiodSettings settings, string image)
    {
        var name = kind.NameOf(gateway.Key.Name);
        var home = gateway.Key.Namespace!;
        yield return (new ResourceKey("", "serviceaccounts", home, name), Object(gateway, kind, "v1", "ServiceAccount", null));
        yield return (new ResourceKey("apps", "deployments", home, name), Object(gateway, kind, "apps/v1", "Deployment", Deployment(gateway, kind, settings, name, image)));
        yield return (new ResourceKey("", "services", home, name), Object(gateway, kind, "v1", "Service", Service(gateway)));
    }

    private static JsonObject Object(StoredObject gateway, GatewayApiClass kind, string apiVersion, string what, JsonObject? spec)
    {
        var owner = Fields.OwnerReference(gateway);
        owner.Remove("controller");
        owner.Remove("blockOwnerDeletion");
        var annotations = (JsonObject?)gateway.Json.At("metadata", "annotations")?.DeepClone() ?? [];
        annotations.Remove("kubectl.kubernetes.io/last-applied-configuration");
        var json = new JsonObject
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = what,
            ["metadata"] = new JsonObject { ["labels"] = Labels(gateway, kind), ["annotations"] = annotations, ["ownerReferences"] = new JsonArray(owner) },
        };
        if (spec is not null)
        {
            json["spec"] = spec;
        }

        return json;
    }

    private static JsonObject Labels(StoredObject gateway, GatewayApiClass kind)
    {
        var labels = (JsonObject?)gateway.Json.At("metadata", "labels")?.DeepClone() ?? [];
        labels[ManagedLabel] = kind.Managed;
        labels["gateway.networking.k8s.io/gateway-class-name"] = kind.Name;
        labels[NameLabel] = gateway.Key.Name;
        return labels;
    }

    private static JsonObject Deployment(StoredObject gateway, GatewayApiClass kind, IstiodSettings settings, string name, string image)
    {
        var labels = Labels(gateway, kind);
        labels["sidecar.istio.io/inject"] = "false";
        labels["service.istio.io/canonical-name"] = name;
        labels["service.istio.io/canonical-revision"] = "latest";
        return new JsonObject
        {
            ["replicas"] = 1,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { [NameLabel] = gateway.Key.Name } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = labels, ["annotations"] = new JsonObject { [SidecarInjector.RevisionAnnotation] = settings.Revision } },
                ["spec"] = new JsonObject
                {
                    ["serviceAccountName"] = name,
                    ["containers"] = new JsonArray(new JsonObject
                    {
                        ["name"] = SidecarInjector.Proxy,
                        ["image"] = image,
                        ["args"] = new JsonArray("proxy", "router"),
                        ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = 15090, ["name"] = "http-envoy-prom", ["protocol"] = "TCP" }),
                    }),
                },
            },
        };
    }

    private static JsonObject Service(StoredObject gateway)
    {
        var ports = new JsonArray(new JsonObject { ["name"] = "status-port", ["port"] = 15021, ["protocol"] = "TCP", ["appProtocol"] = "tcp" });
        foreach (var listener in gateway.Json.Objects("spec", "listeners").DistinctBy(listener => listener.Number(0, "port")))
        {
            ports.Add((JsonNode)new JsonObject
            {
                ["name"] = listener.Text("name"),
                ["port"] = listener.Number(0, "port"),
                ["protocol"] = "TCP",
                ["appProtocol"] = listener.Text("protocol")?.ToLowerInvariant(),
            });
        }

        return new JsonObject
        {
            ["type"] = gateway.Json.Annotation("networking.istio.io/service-type") ?? "LoadBalancer",
            ["ipFamilyPolicy"] = "PreferDualStack",
            ["ports"] = ports,
            ["selector"] = new JsonObject { [NameLabel] = gateway.Key.Name },
        };
    }
}
