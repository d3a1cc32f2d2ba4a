using System.Net;
using System.Text.Json.Nodes;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>The gateway as objects of the Kubernetes Gateway API; istiod makes Deployment and Service of them.</summary>
internal static class GatewayApiManifest
{
    /// <summary>The class of istiod's gateways.</summary>
    internal const string IstioClass = "istio";

    /// <summary>The class of gateways that take HBONE from other networks.</summary>
    internal const string AmbientClass = "istio-east-west";

    /// <summary>The class by which a gateway is declared that no cluster here has a Service of.</summary>
    internal const string RemoteClass = "istio-remote";

    internal const string GatewayApiVersion = "gateway.networking.k8s.io/v1";

    // Without this option istiod infers the same from label and port (istio pilot/pkg/config/kube/gateway/conversion.go); said, it does not depend on that.
    private const string ListenerProtocol = "gateway.istio.io/listener-protocol";

    /// <summary>The gateway with the listeners of its ports (istio pilot/pkg/config/kube/gateway/testdata/eastwest.yaml).</summary>
    internal static KubernetesObject Gateway(GatewaySpecification gateway, string apiVersion)
    {
        var result = Create(gateway, apiVersion, IstioClass);
        result.Json["spec"]!["listeners"] = new JsonArray(
            Passthrough(gateway, "istiod-grpc", 15012), Passthrough(gateway, "istiod-webhook", 15017), CrossNetwork());
        return result;
    }

    /// <summary>The names of the routes to istiod.</summary>
    internal static IReadOnlyList<string> RouteNames(string gateway) => [$"{gateway}-istiod-grpc", $"{gateway}-istiod-webhook"];

    /// <summary>The routes from the gateway's listeners to istiod.</summary>
    internal static IReadOnlyList<KubernetesObject> Routes(GatewaySpecification gateway, string apiVersion)
    {
        var istiod = ControlPlaneRevision.Revisioned("istiod", gateway.Revision ?? ControlPlaneRevision.DefaultRevision);
        return [Route("istiod-grpc", 15012), Route("istiod-webhook", 443)];

        KubernetesObject Route(string listener, int port)
        {
            var route = KubernetesObject.Create(apiVersion, "TLSRoute", $"{gateway.Name}-{listener}", gateway.ControlPlaneNamespace);
            route.Json["spec"] = new JsonObject
            {
                ["parentRefs"] = new JsonArray(new JsonObject { ["name"] = gateway.Name, ["namespace"] = gateway.Namespace, ["sectionName"] = listener }),
                ["hostnames"] = new JsonArray($"{istiod}.{gateway.ControlPlaneNamespace}.svc"),
                ["rules"] = new JsonArray(new JsonObject { ["backendRefs"] = new JsonArray(new JsonObject { ["name"] = istiod, ["port"] = port }) }),
            };
            return route;
        }
    }

    /// <summary>The gateway that takes HBONE, as the script writes it with <c>--ambient</c>; with a revision, which the script forgets.</summary>
    internal static KubernetesObject Ambient(GatewaySpecification gateway, string apiVersion)
    {
        var result = Create(gateway, apiVersion, AmbientClass);
        result.Json["spec"]!["listeners"] = new JsonArray(new JsonObject
        {
            ["name"] = "mesh",
            ["port"] = EastWestGatewayReading.HbonePort,
            ["protocol"] = "HBONE",
            ["tls"] = new JsonObject
            {
                ["mode"] = "Terminate",
                ["options"] = new JsonObject { ["gateway.istio.io/tls-terminate-mode"] = "ISTIO_MUTUAL" },
            },
        });
        return result;
    }

    /// <summary>Says in another cluster where this gateway is reached, when that is not to be seen from its Service.</summary>
    internal static ManifestObject Declaration(GatewaySpecification gateway, string apiVersion)
    {
        var result = KubernetesObject.Create(apiVersion, "Gateway", DeclarationName(gateway.Name, gateway.Network!), gateway.ControlPlaneNamespace);
        result.Json["metadata"]!["labels"] = new JsonObject { [EastWestGateways.NetworkLabel] = gateway.Network };
        result.Json["spec"] = new JsonObject
        {
            ["gatewayClassName"] = RemoteClass,
            ["addresses"] = Addresses(gateway.AdvertisedAddresses),
            ["listeners"] = new JsonArray(CrossNetwork()),
        };
        return new ManifestObject(result, $"where network {gateway.Network} is entered: {string.Join(", ", gateway.AdvertisedAddresses)}");
    }

    internal static string DeclarationName(string gateway, string network) => $"{gateway}-{network}";

    private static KubernetesObject Create(GatewaySpecification gateway, string apiVersion, string className)
    {
        var result = KubernetesObject.Create(apiVersion, "Gateway", gateway.Name, gateway.Namespace);
        var labels = new JsonObject();
        if (gateway.Network is not null)
            labels[EastWestGateways.NetworkLabel] = gateway.Network;
        if (gateway.Revision is not null)
            labels[EastWestGatewayReading.RevisionLabel] = gateway.Revision;
        if (labels.Count > 0)
            result.Json["metadata"]!["labels"] = labels;
        if (gateway.ServiceType is not null)
            result.Json["metadata"]!["annotations"] = new JsonObject { ["networking.istio.io/service-type"] = gateway.ServiceType };
        var spec = new JsonObject { ["gatewayClassName"] = className };
        if (gateway.LoadBalancerIP is not null)
            spec["addresses"] = Addresses([gateway.LoadBalancerIP]);
        if (gateway.ServiceAnnotations.Count > 0)
        {
            spec["infrastructure"] = new JsonObject
            {
                ["annotations"] = new JsonObject(gateway.ServiceAnnotations.Select(pair => new KeyValuePair<string, JsonNode?>(pair.Key, pair.Value))),
            };
        }

        result.Json["spec"] = spec;
        return result;
    }

    private static JsonObject Passthrough(GatewaySpecification gateway, string name, int port)
    {
        var listener = new JsonObject { ["name"] = name, ["port"] = port, ["protocol"] = "TLS", ["tls"] = new JsonObject { ["mode"] = "Passthrough" } };
        if (!string.Equals(gateway.Namespace, gateway.ControlPlaneNamespace, StringComparison.Ordinal))
        {
            listener["allowedRoutes"] = new JsonObject
            {
                ["namespaces"] = new JsonObject
                {
                    ["from"] = "Selector",
                    ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["kubernetes.io/metadata.name"] = gateway.ControlPlaneNamespace } },
                },
            };
        }

        return listener;
    }

    private static JsonObject CrossNetwork() => new()
    {
        ["name"] = "cross-network",
        ["hostname"] = "*.local",
        ["port"] = EastWestGatewayReading.MtlsPort,
        ["protocol"] = "TLS",
        ["tls"] = new JsonObject { ["mode"] = "Passthrough", ["options"] = new JsonObject { [ListenerProtocol] = "auto-passthrough" } },
    };

    private static JsonArray Addresses(IReadOnlyList<string> addresses) => new(
    [
        .. addresses.Select(address => (JsonNode)new JsonObject { ["type"] = IPAddress.TryParse(address, out _) ? "IPAddress" : "Hostname", ["value"] = address }),
    ]);
}
