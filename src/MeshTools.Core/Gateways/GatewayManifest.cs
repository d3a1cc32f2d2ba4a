using System.Text.Json.Nodes;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>
/// The gateway as Kubernetes objects: what istioctl renders from the gateway's IstioOperator document (istio manifests/charts/gateways/istio-ingress), so that either can
/// take over from the other. docs/decisions/0006 lists the differences and why they are there.
/// </summary>
internal static class GatewayManifest
{
    private static readonly (string Key, string Value)[] s_defaultRequests = [("cpu", "100m"), ("memory", "128Mi")];

    private static readonly (string Key, string Value)[] s_defaultLimits = [("cpu", "2"), ("memory", "1Gi")];

    /// <summary>The objects, in the order in which they are applied: the Service early, since a load balancer takes its time.</summary>
    internal static IReadOnlyList<ManifestObject> Render(GatewaySpecification gateway)
    {
        var objects = new List<ManifestObject>
        {
            new(ServiceAccount(gateway), "account of the east-west gateway"),
            new(Role(gateway), "lets the gateway read TLS secrets"),
            new(RoleBinding(gateway), "lets the gateway read TLS secrets"),
            new(Service(gateway), gateway.Network is null ? "east-west gateway" : $"east-west gateway of network {gateway.Network}"),
            new(Deployment(gateway), "proxies of the east-west gateway"),
            new(Autoscaler(gateway), "scales the proxies"),
        };
        // As in the chart: a budget for a single replica would block every drain of its node.
        if (gateway.Replicas > 1)
            objects.Add(new(DisruptionBudget(gateway), "keeps a proxy running while nodes are drained"));
        return objects;
    }

    private static KubernetesObject ServiceAccount(GatewaySpecification gateway) =>
        Labelled(KubernetesObject.Create("v1", "ServiceAccount", gateway.ServiceAccount, gateway.Namespace), Labels(gateway));

    private static KubernetesObject Role(GatewaySpecification gateway)
    {
        var role = Labelled(KubernetesObject.Create("rbac.authorization.k8s.io/v1", "Role", gateway.SecretsRole, gateway.Namespace), CommonLabels(gateway));
        role.Json["rules"] = new JsonArray(new JsonObject
        {
            ["apiGroups"] = new JsonArray(""),
            ["resources"] = new JsonArray("secrets"),
            ["verbs"] = new JsonArray("get", "watch", "list"),
        });
        return role;
    }

    private static KubernetesObject RoleBinding(GatewaySpecification gateway)
    {
        var binding = Labelled(KubernetesObject.Create("rbac.authorization.k8s.io/v1", "RoleBinding", gateway.SecretsRole, gateway.Namespace), CommonLabels(gateway));
        binding.Json["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Role", ["name"] = gateway.SecretsRole };
        binding.Json["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = gateway.ServiceAccount });
        return binding;
    }

    private static KubernetesObject Service(GatewaySpecification gateway)
    {
        var labels = Labels(gateway);
        // istiod adds up all addresses of a network. Behind a declared address those of the Service itself must not be among them: others cannot reach them.
        if (gateway.AdvertisedAddresses.Count > 0)
            labels.Remove(EastWestGateways.NetworkLabel);
        var service = Labelled(KubernetesObject.Create("v1", "Service", gateway.Name, gateway.Namespace), labels);
        if (gateway.Annotations.Count > 0)
            service.Json["metadata"]!["annotations"] = Map(gateway.Annotations);
        var spec = new JsonObject
        {
            ["type"] = gateway.ServiceType ?? "LoadBalancer",
            ["selector"] = Map(gateway.Selector),
            ["ports"] = ServicePorts(),
        };
        if (gateway.LoadBalancerIP is not null)
            spec["loadBalancerIP"] = gateway.LoadBalancerIP;
        service.Json["spec"] = spec;
        return service;
    }

    internal static JsonArray ServicePorts() =>
        new([.. GatewaySpecification.Ports.Select(port => (JsonNode)new JsonObject { ["name"] = port.Name, ["port"] = port.Port, ["targetPort"] = port.TargetPort })]);

    private static KubernetesObject Deployment(GatewaySpecification gateway)
    {
        var deployment = Labelled(KubernetesObject.Create("apps/v1", "Deployment", gateway.Name, gateway.Namespace), Labels(gateway));
        deployment.Json["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = Map(gateway.Selector) },
            ["strategy"] = new JsonObject { ["rollingUpdate"] = new JsonObject { ["maxSurge"] = "100%", ["maxUnavailable"] = "25%" } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["annotations"] = new JsonObject
                    {
                        ["inject.istio.io/templates"] = "gateway",
                        ["prometheus.io/path"] = "/stats/prometheus",
                        ["prometheus.io/port"] = "15020",
                        ["prometheus.io/scrape"] = "true",
                        ["sidecar.istio.io/inject"] = "true",
                    },
                    ["labels"] = PodLabels(gateway),
                },
                ["spec"] = PodSpec(gateway),
            },
        };
        return deployment;
    }

    /// <summary>The labels by which injectors choose, among others.</summary>
    internal static JsonObject PodLabels(GatewaySpecification gateway)
    {
        var labels = Labels(gateway);
        // The namespace may choose the injector; without a revision it is the default one, which the pod must not name.
        if (gateway.Revision is null)
            labels.Remove(EastWestGatewayReading.RevisionLabel);
        // As istioctl leaves it on pods: changing it would start all of them anew when either tool takes over.
        labels["install.operator.istio.io/owning-resource"] = "unknown";
        if (string.Equals(gateway.Namespace, ControlPlaneRevision.DefaultNamespace, StringComparison.Ordinal))
        {
            labels["chart"] = "gateways";
            labels["heritage"] = "Tiller";
        }
        else
        {
            labels.Remove("release");
        }

        labels["service.istio.io/canonical-name"] = gateway.Name;
        labels["service.istio.io/canonical-revision"] = gateway.Revision ?? "latest";
        labels["sidecar.istio.io/inject"] = "true";
        return labels;
    }

    private static JsonObject PodSpec(GatewaySpecification gateway) => new()
    {
        ["serviceAccountName"] = gateway.ServiceAccount,
        // Means nothing; but with it the template is to the letter what istioctl applies, and no pod is replaced when the other tool takes over.
        ["affinity"] = new JsonObject { ["nodeAffinity"] = new JsonObject() },
        ["securityContext"] = new JsonObject { ["runAsGroup"] = 1337, ["runAsNonRoot"] = true, ["runAsUser"] = 1337 },
        ["containers"] = new JsonArray(Proxy(gateway)),
        ["volumes"] = new JsonArray(CertificateVolume("ingressgateway-certs"), CertificateVolume("ingressgateway-ca-certs")),
    };

    private static JsonObject Proxy(GatewaySpecification gateway)
    {
        var environment = new JsonArray();
        if (gateway.Network is not null)
            environment.Add((JsonNode)new JsonObject { ["name"] = EastWestGatewayReading.NetworkView, ["value"] = gateway.Network });
        environment.Add((JsonNode)new JsonObject { ["name"] = "ISTIO_META_UNPRIVILEGED_POD", ["value"] = "true" });
        return new JsonObject
        {
            ["name"] = "istio-proxy",
            // The injector replaces it.
            ["image"] = gateway.Image ?? "auto",
            ["env"] = environment,
            ["ports"] = new JsonArray(
            [
                .. GatewaySpecification.Ports.Select(port => new JsonObject { ["containerPort"] = port.TargetPort, ["protocol"] = "TCP" }),
                new JsonObject { ["containerPort"] = 15090, ["name"] = "http-envoy-prom", ["protocol"] = "TCP" },
            ]),
            ["resources"] = new JsonObject
            {
                ["limits"] = Quantities(s_defaultLimits, gateway.Resources?.Limits),
                ["requests"] = Quantities(s_defaultRequests, gateway.Resources?.Requests),
            },
            ["securityContext"] = new JsonObject
            {
                ["allowPrivilegeEscalation"] = false,
                ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
                ["privileged"] = false,
                ["readOnlyRootFilesystem"] = true,
            },
            ["volumeMounts"] = new JsonArray(CertificateMount("ingressgateway-certs"), CertificateMount("ingressgateway-ca-certs")),
        };
    }

    private static JsonObject CertificateVolume(string name) => new()
    {
        ["name"] = name,
        ["secret"] = new JsonObject { ["optional"] = true, ["secretName"] = $"istio-{name}" },
    };

    private static JsonObject CertificateMount(string name) => new() { ["mountPath"] = $"/etc/istio/{name}", ["name"] = name, ["readOnly"] = true };

    private static KubernetesObject Autoscaler(GatewaySpecification gateway)
    {
        var scaler = Labelled(KubernetesObject.Create("autoscaling/v2", "HorizontalPodAutoscaler", gateway.Name, gateway.Namespace), Labels(gateway));
        scaler.Json["spec"] = new JsonObject
        {
            ["minReplicas"] = gateway.Replicas ?? 1,
            ["maxReplicas"] = gateway.MaxReplicas,
            ["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["averageUtilization"] = 80, ["type"] = "Utilization" } },
            }),
            ["scaleTargetRef"] = new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["name"] = gateway.Name },
        };
        return scaler;
    }

    private static KubernetesObject DisruptionBudget(GatewaySpecification gateway)
    {
        var budget = Labelled(KubernetesObject.Create("policy/v1", "PodDisruptionBudget", gateway.Name, gateway.Namespace), Labels(gateway));
        budget.Json["spec"] = new JsonObject { ["minAvailable"] = 1, ["selector"] = new JsonObject { ["matchLabels"] = Map(gateway.Selector) } };
        return budget;
    }

    private static JsonObject Labels(GatewaySpecification gateway)
    {
        var labels = CommonLabels(gateway);
        foreach (var (key, value) in gateway.Selector)
            labels[key] = value;
        return labels;
    }

    // The labels of the chart and of istioctl. That one says who manages an object is part of the same: a value of our own would be a conflict whenever the other tool writes.
    private static JsonObject CommonLabels(GatewaySpecification gateway) => new()
    {
        ["app.kubernetes.io/instance"] = "istio",
        ["app.kubernetes.io/managed-by"] = "Helm",
        ["app.kubernetes.io/name"] = "istio-ingressgateway",
        ["app.kubernetes.io/part-of"] = "istio",
        ["app.kubernetes.io/version"] = "1.0.0",
        ["helm.sh/chart"] = "istio-ingress-1.0.0",
        [EastWestGatewayReading.RevisionLabel] = gateway.Revision ?? ControlPlaneRevision.DefaultRevision,
        ["operator.istio.io/component"] = "IngressGateways",
        ["release"] = "istio",
    };

    private static KubernetesObject Labelled(KubernetesObject obj, JsonObject labels)
    {
        obj.Json["metadata"]!["labels"] = labels;
        return obj;
    }

    private static JsonObject Map(IEnumerable<KeyValuePair<string, string>> pairs) =>
        new(pairs.Select(pair => new KeyValuePair<string, JsonNode?>(pair.Key, pair.Value)));

    private static JsonObject Quantities((string Key, string Value)[] defaults, IReadOnlyDictionary<string, string>? given)
    {
        var result = new JsonObject();
        foreach (var (key, value) in defaults)
            result[key] = value;
        foreach (var (key, value) in given ?? new Dictionary<string, string>(StringComparer.Ordinal))
            result[key] = CanonicalQuantity.Of(value);
        return result;
    }
}
