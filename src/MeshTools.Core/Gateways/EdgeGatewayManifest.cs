using System.Globalization;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>
/// The seven objects of the sample gateways (anthos-service-mesh-packages samples/gateways), with two differences: the budget of the egress gateway has that gateway's name and
/// labels, where the sample has the ingress gateway's, and no number of replicas is set, since the autoscaler owns it and each run would take it back.
/// </summary>
internal static class EdgeGatewayManifest
{
    /// <summary>The annotation by which a pod asks for the proxy of a gateway.</summary>
    internal const string TemplateAnnotation = "inject.istio.io/templates";

    private static readonly GatewayPort s_status = new("status-port", 15021, 15021);

    /// <summary>The ports of the samples: an egress gateway is only reached from within, and asked for its health by its pods' own probes.</summary>
    internal static IReadOnlyList<GatewayPort> Ports(EdgeGatewayDirection direction) => direction is EdgeGatewayDirection.Egress
        ? [new("http2", 80, 80), new("https", 443, 443)]
        : [s_status, new("http2", 80, 80), new("https", 443, 443)];

    /// <summary>The objects, in the order in which they are applied.</summary>
    internal static IReadOnlyList<ManifestObject> Render(EdgeGatewayOptions options, IReadOnlyDictionary<string, string> annotations)
    {
        var what = options.Direction is EdgeGatewayDirection.Egress ? "egress gateway" : "ingress gateway";
        return
        [
            new(Object(options, "v1", "ServiceAccount"), $"account of the {what}"),
            new(Role(options), "lets the gateway read TLS secrets"),
            new(RoleBinding(options), "lets the gateway read TLS secrets"),
            new(Service(options, annotations), what),
            new(Deployment(options), $"proxies of the {what}"),
            new(Autoscaler(options), string.Create(CultureInfo.InvariantCulture, $"keeps {options.EffectiveReplicas} to {MaxReplicas(options)} proxies")),
            new(DisruptionBudget(options), "keeps proxies running while nodes are drained"),
        ];
    }

    private static int MaxReplicas(EdgeGatewayOptions options) => Math.Max(options.EffectiveReplicas, 5);

    private static KubernetesObject Object(EdgeGatewayOptions options, string apiVersion, string kind) =>
        KubernetesObject.Create(apiVersion, kind, options.EffectiveName, options.Namespace);

    private static KubernetesObject Role(EdgeGatewayOptions options)
    {
        var role = Object(options, "rbac.authorization.k8s.io/v1", "Role");
        role.Json["rules"] = new JsonArray(new JsonObject
        {
            ["apiGroups"] = JsonAccess.ToJsonArray([""]),
            ["resources"] = JsonAccess.ToJsonArray(["secrets"]),
            ["verbs"] = JsonAccess.ToJsonArray(["get", "watch", "list"]),
        });
        return role;
    }

    private static KubernetesObject RoleBinding(EdgeGatewayOptions options)
    {
        var binding = Object(options, "rbac.authorization.k8s.io/v1", "RoleBinding");
        binding.Json["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Role", ["name"] = options.EffectiveName };
        binding.Json["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = options.EffectiveName });
        return binding;
    }

    private static KubernetesObject Service(EdgeGatewayOptions options, IReadOnlyDictionary<string, string> annotations)
    {
        var service = Object(options, "v1", "Service");
        var metadata = service.Json["metadata"]!;
        metadata["labels"] = Map(options.Selector);
        if (annotations.Count > 0)
            metadata["annotations"] = Map(annotations);
        var spec = new JsonObject
        {
            ["type"] = options.EffectiveServiceType,
            ["selector"] = Map(options.Selector),
            ["ports"] = new JsonArray([.. Ports(options.Direction).Select(port => new JsonObject { ["name"] = port.Name, ["port"] = port.Port, ["targetPort"] = port.TargetPort })]),
        };
        if (options.LoadBalancerIP is not null)
            spec["loadBalancerIP"] = options.LoadBalancerIP;
        service.Json["spec"] = spec;
        return service;
    }

    private static KubernetesObject Deployment(EdgeGatewayOptions options)
    {
        var deployment = Object(options, "apps/v1", "Deployment");
        deployment.Json["metadata"]!["labels"] = Map(options.Selector);
        deployment.Json["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = Map(options.Selector) },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [TemplateAnnotation] = "gateway" }, ["labels"] = Map(options.Selector) },
                ["spec"] = new JsonObject
                {
                    ["serviceAccountName"] = options.EffectiveName,
                    ["containers"] = new JsonArray(new JsonObject
                    {
                        ["name"] = "istio-proxy",
                        // The injector puts its own image in place of it.
                        ["image"] = "auto",
                        ["resources"] = new JsonObject
                        {
                            ["limits"] = new JsonObject { ["cpu"] = "2000m", ["memory"] = "1024Mi" },
                            ["requests"] = new JsonObject { ["cpu"] = "100m", ["memory"] = "128Mi" },
                        },
                    }),
                },
            },
        };
        return deployment;
    }

    private static KubernetesObject Autoscaler(EdgeGatewayOptions options)
    {
        var scaler = Object(options, "autoscaling/v2", "HorizontalPodAutoscaler");
        scaler.Json["spec"] = new JsonObject
        {
            ["minReplicas"] = options.EffectiveReplicas,
            ["maxReplicas"] = MaxReplicas(options),
            ["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 } },
            }),
            ["scaleTargetRef"] = new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["name"] = options.EffectiveName },
        };
        return scaler;
    }

    private static KubernetesObject DisruptionBudget(EdgeGatewayOptions options)
    {
        var budget = Object(options, "policy/v1", "PodDisruptionBudget");
        budget.Json["spec"] = new JsonObject { ["maxUnavailable"] = 1, ["selector"] = new JsonObject { ["matchLabels"] = Map(options.Selector) } };
        return budget;
    }

    private static JsonObject Map(IEnumerable<KeyValuePair<string, string>> pairs) =>
        new(pairs.Select(pair => new KeyValuePair<string, JsonNode?>(pair.Key, pair.Value)));
}
