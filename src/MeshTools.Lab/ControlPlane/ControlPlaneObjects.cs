using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The objects of an installed istiod, by the names and labels of the charts <c>base</c> and <c>istiod</c> (Istio 1.30).</summary>
internal sealed class ControlPlaneObjects(LabClusterOptions options, CertificateAuthority? meshRoot, TimeProvider clock)
{
    /// <summary>The namespace of the control plane.</summary>
    public const string Namespace = "istio-system";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>What an installation asks for beyond what a lab's own control planes have.</summary>
    public ControlPlaneWishes Wishes { get; init; } = new();

    private string Suffix => options.RevisionSuffix;

    private bool IsRevisioned => Suffix.Length > 0;

    private string IstiodName => "istiod" + Suffix;

    /// <summary>Writes all of them into a cluster.</summary>
    public void Install(ObjectStore store)
    {
        var labels = new JsonObject();
        if (options.Network is not null)
        {
            labels["topology.istio.io/network"] = options.Network;
        }

        ClusterBootstrap.CreateNamespace(store, Namespace, labels);
        foreach (var (key, json) in All())
        {
            store.Create(key, json, "helm");
        }
    }

    /// <summary>The objects of a tag that leads to this control plane.</summary>
    public IEnumerable<(ResourceKey Key, JsonObject Json)> Tag(string tag)
    {
        yield return Injector("istio-revision-tag-" + tag, tag);
        var (_, service) = Service();
        Tagged(service, tag);
        service.Child("spec")["selector"] = new JsonObject { ["app"] = "istiod", ["istio.io/rev"] = options.EffectiveRevision };
        yield return (new ResourceKey("", "services", Namespace, "istiod-revision-tag-" + tag), service);
        if (tag is "default")
        {
            var (key, validator) = Validator();
            Tagged(validator, tag);
            var webhook = validator.Objects("webhooks").First();
            webhook["name"] = "validation.istio.io";
            webhook["objectSelector"] = new JsonObject { ["matchExpressions"] = new JsonArray(Absent("istio.io/rev")) };
            yield return (key with { Name = "istiod-default-validator" }, validator);
        }
    }

    /// <summary>All of them, in an order in which they can be made.</summary>
    public IEnumerable<(ResourceKey Key, JsonObject Json)> All()
    {
        foreach (var definition in IstioDefinitions.All(Metadata.Timestamp(clock)))
        {
            yield return definition;
        }

        if (meshRoot is not null)
        {
            // This is how a shared root comes about: an operator gives each cluster an intermediate of it, before istiod starts.
            using var intermediate = meshRoot.IssueIntermediate("Intermediate CA", "Istio", options.EffectiveClusterId);
            yield return (
                new ResourceKey("", "secrets", Namespace, CaBundle.PluggedInSecret), CaBundle.PluggedIn(intermediate, meshRoot.CertificatePem));
        }

        yield return Account("istio-reader-service-account", Labels("istio-reader", "base"));
        yield return Account(IstiodName, Labels("istiod", "istiod"));

        // The rights must stand before the deployment: its pods start to work at once.
        var reader = $"istio-reader-clusterrole{Suffix}-{Namespace}";
        yield return Role(reader, "istio-reader", IstioRoles.Reader());
        yield return Binding(reader, "istio-reader", "istio-reader-service-account");
        var clusterRole = $"istiod-clusterrole{Suffix}-{Namespace}";
        yield return Role(clusterRole, "istiod", IstioRoles.Istiod());
        yield return Binding(clusterRole, "istiod", IstiodName);
        var gateways = $"istiod-gateway-controller{Suffix}-{Namespace}";
        yield return Role(gateways, "istiod", IstioRoles.GatewayController());
        yield return Binding(gateways, "istiod", IstiodName);
        yield return (
            new ResourceKey("rbac.authorization.k8s.io", "roles", Namespace, IstiodName),
            Object("rbac.authorization.k8s.io/v1", "Role", Labels("istiod", "istiod"), ("rules", IstioRoles.OwnNamespace())));
        yield return (
            new ResourceKey("rbac.authorization.k8s.io", "rolebindings", Namespace, IstiodName),
            Object(
                "rbac.authorization.k8s.io/v1",
                "RoleBinding",
                Labels("istiod", "istiod"),
                ("roleRef", RoleReference("Role", IstiodName)),
                ("subjects", new JsonArray(Subject(IstiodName)))));

        yield return ConfigMap("istio" + Suffix, new JsonObject { ["mesh"] = MeshYaml(), ["meshNetworks"] = "networks: {}" });
        yield return ConfigMap("istio-sidecar-injector" + Suffix, new JsonObject { ["config"] = InjectorConfig, ["values"] = Values() });
        yield return Injector("istio-sidecar-injector" + Suffix, null);
        if (!IsRevisioned)
        {
            yield return Injector("istio-revision-tag-default", "default");
        }

        yield return Validator();
        yield return Service();
        yield return Autoscaler();
        yield return Deployment();
    }

    private const string InjectorConfig =
        "defaultTemplates: [sidecar]\npolicy: enabled\nalwaysInjectSelector: []\nneverInjectSelector: []\ntemplates: {}\n";

    private JsonObject Labels(string app, string chart, string? istio = null, bool withRevision = false)
    {
        var labels = new JsonObject
        {
            ["app"] = app,
            ["app.kubernetes.io/instance"] = "istio",
            ["app.kubernetes.io/managed-by"] = "Helm",
            ["app.kubernetes.io/name"] = app is "sidecar-injector" ? "istiod" : app,
            ["app.kubernetes.io/part-of"] = "istio",
            ["app.kubernetes.io/version"] = options.IstioVersion,
            ["helm.sh/chart"] = $"{chart}-{options.IstioVersion}",
        };
        if (istio is not null)
        {
            labels["istio"] = istio;
        }

        if (withRevision)
        {
            labels["istio.io/rev"] = options.EffectiveRevision;
        }

        labels["release"] = "istio";
        return labels;
    }

    private static JsonObject Object(string apiVersion, string kind, JsonObject labels, params (string Name, JsonNode Value)[] fields)
    {
        var json = new JsonObject
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["labels"] = labels },
        };
        foreach (var (name, value) in fields)
        {
            json[name] = value;
        }

        return json;
    }

    private static (ResourceKey Key, JsonObject Json) Account(string name, JsonObject labels) =>
        (new ResourceKey("", "serviceaccounts", Namespace, name), Object("v1", "ServiceAccount", labels));

    private (ResourceKey Key, JsonObject Json) Role(string name, string app, JsonArray rules) => (
        new ResourceKey("rbac.authorization.k8s.io", "clusterroles", null, name),
        Object("rbac.authorization.k8s.io/v1", "ClusterRole", Labels(app, "istiod"), ("rules", rules)));

    private (ResourceKey Key, JsonObject Json) Binding(string name, string app, string account) => (
        new ResourceKey("rbac.authorization.k8s.io", "clusterrolebindings", null, name),
        Object(
            "rbac.authorization.k8s.io/v1",
            "ClusterRoleBinding",
            Labels(app, "istiod"),
            ("roleRef", RoleReference("ClusterRole", name)),
            ("subjects", new JsonArray(Subject(account)))));

    private static JsonObject RoleReference(string kind, string name) =>
        new() { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = kind, ["name"] = name };

    private static JsonObject Subject(string account) =>
        new() { ["kind"] = "ServiceAccount", ["name"] = account, ["namespace"] = Namespace };

    private (ResourceKey Key, JsonObject Json) ConfigMap(string name, JsonObject data)
    {
        var labels = Labels("istiod", "istiod", null, withRevision: true);
        labels.Remove("app");
        return (new ResourceKey("", "configmaps", Namespace, name), Object("v1", "ConfigMap", labels, ("data", data)));
    }

    private string MeshYaml()
    {
        var yaml = new System.Text.StringBuilder("defaultConfig:\n");
        yaml.Append("  discoveryAddress: ").Append(IstiodName).Append('.').Append(Namespace).Append(".svc:15012\n");
        if (options.MeshId is not null)
        {
            yaml.Append("  meshId: ").Append(JsonSerializer.Serialize(options.MeshId)).Append('\n');
        }

        yaml.Append("defaultProviders:\n  metrics:\n  - prometheus\nenablePrometheusMerge: true\nrootNamespace: ").Append(Namespace).Append('\n');
        yaml.Append("trustDomain: ").Append(JsonSerializer.Serialize(options.TrustDomain)).Append('\n');
        if (options.TrustDomainAliases.Count > 0)
        {
            yaml.Append("trustDomainAliases:\n");
            foreach (var alias in options.TrustDomainAliases)
            {
                yaml.Append("- ").Append(JsonSerializer.Serialize(alias)).Append('\n');
            }
        }

        return yaml.ToString();
    }

    private string Values()
    {
        var global = new JsonObject
        {
            ["caAddress"] = string.Empty,
            ["caName"] = string.Empty,
            ["configValidation"] = true,
            ["externalIstiod"] = false,
            ["hub"] = Wishes.Hub,
            ["istioNamespace"] = Namespace,
            ["meshID"] = options.MeshId ?? string.Empty,
            ["meshNetworks"] = new JsonObject(),
            ["multiCluster"] = new JsonObject { ["clusterName"] = options.EffectiveClusterId },
            ["network"] = options.Network ?? string.Empty,
            ["pilotCertProvider"] = "istiod",
            ["proxy"] = new JsonObject { ["autoInject"] = "enabled", ["clusterDomain"] = "cluster.local", ["image"] = "proxyv2" },
            ["remotePilotAddress"] = string.Empty,
            ["tag"] = options.IstioVersion,
        };
        return new JsonObject
        {
            ["gateways"] = new JsonObject(),
            ["global"] = global,
            ["revision"] = IsRevisioned ? options.Revision : string.Empty,
            ["sidecarInjectorWebhook"] = new JsonObject { ["enableNamespacesByDefault"] = false, ["rewriteAppHTTPProbe"] = true },
        }.ToJsonString(Indented);
    }

    // Without a bundle: istiod writes it when it runs.
    private JsonObject ServiceClient(string path) => new()
    {
        ["service"] = new JsonObject { ["name"] = IstiodName, ["namespace"] = Namespace, ["path"] = path, ["port"] = 443 },
    };

    private (ResourceKey Key, JsonObject Json) Injector(string name, string? tag)
    {
        var labels = Labels("sidecar-injector", "istiod", null, withRevision: true);
        if (tag is not null)
        {
            labels["istio.io/tag"] = tag;
        }

        var revision = tag ?? options.EffectiveRevision;
        var webhooks = new JsonArray
        {
            Webhook("rev.namespace.sidecar-injector.istio.io", [In("istio.io/rev", revision), Absent("istio-injection")], [NotFalse()]),
            Webhook(
                "rev.object.sidecar-injector.istio.io",
                [Absent("istio.io/rev"), Absent("istio-injection")],
                [NotFalse(), In("istio.io/rev", revision)]),
        };
        if (tag is "default" || (tag is null && !IsRevisioned))
        {
            webhooks.Add((JsonNode)Webhook("namespace.sidecar-injector.istio.io", [In("istio-injection", "enabled")], [NotFalse()]));
            webhooks.Add((JsonNode)Webhook(
                "object.sidecar-injector.istio.io",
                [Absent("istio-injection"), Absent("istio.io/rev")],
                [In("sidecar.istio.io/inject", "true"), Absent("istio.io/rev")]));
        }

        return (
            new ResourceKey("admissionregistration.k8s.io", "mutatingwebhookconfigurations", null, name),
            Object("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", labels, ("webhooks", webhooks)));
    }

    private JsonObject Webhook(string name, JsonArray namespaceExpressions, JsonArray objectExpressions) => new()
    {
        ["admissionReviewVersions"] = new JsonArray(JsonValue.Create("v1")),
        ["clientConfig"] = ServiceClient("/inject"),
        ["failurePolicy"] = "Fail",
        ["matchPolicy"] = "Equivalent",
        ["name"] = name,
        ["namespaceSelector"] = new JsonObject { ["matchExpressions"] = namespaceExpressions },
        ["objectSelector"] = new JsonObject { ["matchExpressions"] = objectExpressions },
        ["reinvocationPolicy"] = "Never",
        ["rules"] = new JsonArray(new JsonObject
        {
            ["apiGroups"] = new JsonArray(JsonValue.Create(string.Empty)),
            ["apiVersions"] = new JsonArray(JsonValue.Create("v1")),
            ["operations"] = new JsonArray(JsonValue.Create("CREATE")),
            ["resources"] = new JsonArray(JsonValue.Create("pods")),
            ["scope"] = "*",
        }),
        ["sideEffects"] = "None",
        ["timeoutSeconds"] = 10,
    };

    private static void Tagged(JsonObject json, string tag) => json.Child("metadata").Child("labels")["istio.io/tag"] = tag;

    private static JsonObject In(string key, string value) =>
        new() { ["key"] = key, ["operator"] = "In", ["values"] = new JsonArray(JsonValue.Create(value)) };

    private static JsonObject Absent(string key) => new() { ["key"] = key, ["operator"] = "DoesNotExist" };

    private static JsonObject NotFalse() =>
        new() { ["key"] = "sidecar.istio.io/inject", ["operator"] = "NotIn", ["values"] = new JsonArray(JsonValue.Create("false")) };

    private (ResourceKey Key, JsonObject Json) Validator() => (
        new ResourceKey("admissionregistration.k8s.io", "validatingwebhookconfigurations", null, $"istio-validator{Suffix}-{Namespace}"),
        Object(
            "admissionregistration.k8s.io/v1",
            "ValidatingWebhookConfiguration",
            Labels("istiod", "istiod", "istiod", withRevision: true),
            ("webhooks", new JsonArray(new JsonObject
            {
                ["admissionReviewVersions"] = new JsonArray(JsonValue.Create("v1")),
                ["clientConfig"] = ServiceClient("/validate"),
                ["failurePolicy"] = "Ignore",
                ["matchPolicy"] = "Equivalent",
                ["name"] = "rev.validation.istio.io",
                ["namespaceSelector"] = new JsonObject(),
                ["objectSelector"] = new JsonObject { ["matchExpressions"] = new JsonArray(In("istio.io/rev", options.EffectiveRevision)) },
                ["rules"] = new JsonArray(new JsonObject
                {
                    ["apiGroups"] = new JsonArray(
                        JsonValue.Create("security.istio.io"),
                        JsonValue.Create("networking.istio.io"),
                        JsonValue.Create("telemetry.istio.io"),
                        JsonValue.Create("extensions.istio.io")),
                    ["apiVersions"] = new JsonArray(JsonValue.Create("*")),
                    ["operations"] = new JsonArray(JsonValue.Create("CREATE"), JsonValue.Create("UPDATE")),
                    ["resources"] = new JsonArray(JsonValue.Create("*")),
                    ["scope"] = "*",
                }),
                ["sideEffects"] = "None",
                ["timeoutSeconds"] = 10,
            }))));

    private JsonObject Selector()
    {
        var selector = new JsonObject { ["app"] = "istiod" };
        if (IsRevisioned)
        {
            selector["istio.io/rev"] = options.Revision;
        }
        else
        {
            selector["istio"] = "pilot";
        }

        return selector;
    }

    private (ResourceKey Key, JsonObject Json) Service()
    {
        JsonObject Port(string name, int port, int target) => new()
        {
            ["name"] = name, ["port"] = port, ["protocol"] = "TCP", ["targetPort"] = target,
        };
        return (
            new ResourceKey("", "services", Namespace, IstiodName),
            Object(
                "v1",
                "Service",
                Labels("istiod", "istiod", "pilot", withRevision: true),
                ("spec", new JsonObject
                {
                    ["internalTrafficPolicy"] = "Cluster",
                    ["ipFamilies"] = new JsonArray(JsonValue.Create("IPv4")),
                    ["ipFamilyPolicy"] = "SingleStack",
                    ["ports"] = new JsonArray(
                        Port("grpc-xds", 15010, 15010), Port("https-dns", 15012, 15012), Port("https-webhook", 443, 15017), Port("http-monitoring", 15014, 15014)),
                    ["selector"] = Selector(),
                    ["sessionAffinity"] = "None",
                    ["type"] = "ClusterIP",
                }),
                ("status", new JsonObject { ["loadBalancer"] = new JsonObject() })));
    }

    private (ResourceKey Key, JsonObject Json) Autoscaler() => (
        new ResourceKey("autoscaling", "horizontalpodautoscalers", Namespace, IstiodName),
        Object(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            Labels("istiod", "istiod", null, withRevision: true),
            ("spec", new JsonObject
            {
                ["maxReplicas"] = 5,
                ["metrics"] = new JsonArray(new JsonObject
                {
                    ["resource"] = new JsonObject
                    {
                        ["name"] = "cpu",
                        ["target"] = new JsonObject { ["averageUtilization"] = 80, ["type"] = "Utilization" },
                    },
                    ["type"] = "Resource",
                }),
                ["minReplicas"] = 1,
                ["scaleTargetRef"] = new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["name"] = IstiodName },
            })));

    private (ResourceKey Key, JsonObject Json) Deployment()
    {
        var podLabels = Labels("istiod", "istiod", IsRevisioned ? "istiod" : "pilot", withRevision: true);
        podLabels.Remove("release");
        podLabels["istio.io/dataplane-mode"] = "none";
        podLabels["operator.istio.io/component"] = "Pilot";
        podLabels["sidecar.istio.io/inject"] = "false";
        var labels = Labels("istiod", "istiod", "pilot", withRevision: true);
        labels["operator.istio.io/component"] = "Pilot";
        var json = Object(
            "apps/v1",
            "Deployment",
            labels,
            ("spec", new JsonObject
            {
                ["progressDeadlineSeconds"] = 600,
                ["replicas"] = options.Replicas,
                ["revisionHistoryLimit"] = 10,
                ["selector"] = new JsonObject { ["matchLabels"] = Selector() },
                ["strategy"] = new JsonObject
                {
                    ["rollingUpdate"] = new JsonObject { ["maxSurge"] = "100%", ["maxUnavailable"] = "25%" },
                    ["type"] = "RollingUpdate",
                },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject
                    {
                        ["annotations"] = new JsonObject
                        {
                            ["prometheus.io/port"] = "15014",
                            ["prometheus.io/scrape"] = "true",
                            ["sidecar.istio.io/inject"] = "false",
                        },
                        ["labels"] = podLabels,
                    },
                    ["spec"] = PodSpec(),
                },
            }));
        json.Child("metadata")["generation"] = 1;
        return (new ResourceKey("apps", "deployments", Namespace, IstiodName), json);
    }

    private JsonObject PodSpec() => new()
    {
        ["containers"] = new JsonArray(new JsonObject
        {
            ["args"] = new JsonArray(
                JsonValue.Create("discovery"),
                JsonValue.Create("--monitoringAddr=:15014"),
                JsonValue.Create("--log_output_level=default:info"),
                JsonValue.Create("--domain"),
                JsonValue.Create("cluster.local"),
                JsonValue.Create("--keepaliveMaxServerConnectionAge"),
                JsonValue.Create("30m")),
            ["env"] = Environment(),
            ["image"] = $"{Wishes.Hub}/pilot:{options.IstioVersion}",
            ["imagePullPolicy"] = "IfNotPresent",
            ["name"] = "discovery",
            ["ports"] = new JsonArray(
                ContainerPort("http-debug", 8080),
                ContainerPort("grpc-xds", 15010),
                ContainerPort("tls-xds", 15012),
                ContainerPort("https-webhooks", 15017),
                ContainerPort("http-monitoring", 15014)),
            ["readinessProbe"] = new JsonObject
            {
                ["httpGet"] = new JsonObject { ["path"] = "/ready", ["port"] = 8080, ["scheme"] = "HTTP" },
                ["initialDelaySeconds"] = 1,
                ["periodSeconds"] = 3,
                ["timeoutSeconds"] = 5,
            },
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "500m", ["memory"] = "2048Mi" } },
        }),
        ["restartPolicy"] = "Always",
        ["schedulerName"] = "default-scheduler",
        ["serviceAccountName"] = IstiodName,
        ["tolerations"] = new JsonArray(new JsonObject { ["key"] = "cni.istio.io/not-ready", ["operator"] = "Exists" }),
    };

    private static JsonObject ContainerPort(string name, int port) =>
        new() { ["containerPort"] = port, ["name"] = name, ["protocol"] = "TCP" };

    private JsonArray Environment()
    {
        JsonObject Value(string name, string value) => new() { ["name"] = name, ["value"] = value };
        JsonObject Field(string name, string path) => new()
        {
            ["name"] = name,
            ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = path } },
        };
        var environment = new JsonArray
        {
            Value("REVISION", options.EffectiveRevision),
            Value("PILOT_CERT_PROVIDER", "istiod"),
            Field("POD_NAME", "metadata.name"),
            Field("POD_NAMESPACE", "metadata.namespace"),
            Field("SERVICE_ACCOUNT", "spec.serviceAccountName"),
            Value("KUBECONFIG", "/var/run/secrets/remote/config"),
            Value("CA_TRUSTED_NODE_ACCOUNTS", Namespace + "/ztunnel"),
            Value("PILOT_TRACE_SAMPLING", "1"),
            Value("PILOT_ENABLE_ANALYSIS", "false"),
            Value("CLUSTER_ID", options.EffectiveClusterId),
            Value("PLATFORM", string.Empty),
        };
        foreach (var (name, value) in Wishes.Variables)
        {
            environment.Add((JsonNode)Value(name, value));
        }

        if (options.RemoteTimeout != IstiodSettings.DefaultRemoteTimeout)
        {
            environment.Add((JsonNode)Value(
                IstiodSettings.RemoteTimeoutVariable,
                string.Create(CultureInfo.InvariantCulture, $"{options.RemoteTimeout.TotalSeconds:0.###}s")));
        }

        return environment;
    }
}
