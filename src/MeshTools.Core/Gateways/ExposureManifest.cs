using System.Text.Json.Nodes;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>The objects of Istio's samples expose-services.yaml, expose-istiod.yaml and expose-istiod-rev.yaml.tmpl (samples/multicluster), in any version that a cluster serves.</summary>
internal static class ExposureManifest
{
    /// <summary>The Gateway of the services.</summary>
    internal const string ServicesName = "cross-network-gateway";

    /// <summary>The Gateway of the control plane.</summary>
    internal const string ControlPlaneName = "istiod-gateway";

    /// <summary>The port of the control plane's configuration and certificates.</summary>
    internal const int DiscoveryPort = 15012;

    /// <summary>The port of its webhooks.</summary>
    internal const int WebhookPort = 15017;

    // istiod's Service has its webhooks on 443 (Istio's chart istio-discovery, service.yaml).
    private const int WebhookServicePort = 443;

    internal static KubernetesObject Services(ResourceType gateway, string ns, IReadOnlyDictionary<string, string> selector, IReadOnlyList<string> hosts)
    {
        var result = KubernetesObject.Create(gateway.ApiVersion, gateway.Kind, ServicesName, ns);
        result.Json["spec"] = new JsonObject
        {
            ["selector"] = Map(selector),
            ["servers"] = new JsonArray(Server(ExposedServer.CrossNetworkPort, "tls", ExposedServer.AutoPassthrough, hosts)),
        };
        return result;
    }

    internal static KubernetesObject ControlPlane(ResourceType gateway, string ns, IReadOnlyDictionary<string, string> selector)
    {
        var result = KubernetesObject.Create(gateway.ApiVersion, gateway.Kind, ControlPlaneName, ns);
        result.Json["spec"] = new JsonObject
        {
            ["selector"] = Map(selector),
            ["servers"] = new JsonArray(
                Server(DiscoveryPort, "tls-istiod", "PASSTHROUGH", ["*"]), Server(WebhookPort, "tls-istiodwebhook", "PASSTHROUGH", ["*"])),
        };
        return result;
    }

    /// <summary>The route from the gateway to one revision's istiod. Without a revision it takes every name; with one, only the names of that revision's Service.</summary>
    internal static KubernetesObject Route(ResourceType service, string ns, string revision)
    {
        var name = ControlPlaneRevision.Revisioned("istiod", revision);
        var host = $"{name}.{ns}.svc.cluster.local";
        string[] names = revision is ControlPlaneRevision.DefaultRevision ? ["*"] : [$"{name}.{ns}.svc", host];
        var result = KubernetesObject.Create(service.ApiVersion, service.Kind, RouteName(revision), ns);
        result.Json["spec"] = new JsonObject
        {
            ["hosts"] = JsonAccess.ToJsonArray(names),
            ["gateways"] = JsonAccess.ToJsonArray([ControlPlaneName]),
            ["tls"] = new JsonArray(Match(DiscoveryPort, names, host, DiscoveryPort), Match(WebhookPort, names, host, WebhookServicePort)),
        };
        return result;
    }

    internal static string RouteName(string revision) => ControlPlaneRevision.Revisioned("istiod-vs", revision);

    private static JsonObject Server(int port, string name, string mode, IReadOnlyList<string> hosts) => new()
    {
        ["port"] = new JsonObject { ["number"] = port, ["name"] = name, ["protocol"] = "TLS" },
        ["tls"] = new JsonObject { ["mode"] = mode },
        ["hosts"] = JsonAccess.ToJsonArray(hosts),
    };

    private static JsonObject Match(int port, IReadOnlyList<string> names, string host, int target) => new()
    {
        ["match"] = new JsonArray(new JsonObject { ["port"] = port, ["sniHosts"] = JsonAccess.ToJsonArray(names) }),
        ["route"] = new JsonArray(new JsonObject
        {
            ["destination"] = new JsonObject { ["host"] = host, ["port"] = new JsonObject { ["number"] = target } },
        }),
    };

    private static JsonObject Map(IReadOnlyDictionary<string, string> pairs)
    {
        var map = new JsonObject();
        foreach (var (key, value) in pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            map[key] = value;
        return map;
    }
}
