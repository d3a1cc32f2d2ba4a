using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// What istiod's injector makes of a pod (istio pkg/kube/inject and the chart's injection templates), as far as a client of the API looks at
/// it: the proxy's container, and the labels and annotations of template <c>sidecar</c> or <c>gateway</c>.
/// </summary>
internal static class SidecarInjector
{
    public const string Proxy = "istio-proxy";
    public const string StatusAnnotation = "sidecar.istio.io/status";
    public const string RevisionAnnotation = "istio.io/rev";
    public const string NetworkLabel = "topology.istio.io/network";
    public const string TlsModeLabel = "security.istio.io/tlsMode";

    private const string InjectKey = "sidecar.istio.io/inject";

    private static readonly string[] Volumes =
    [
        "workload-socket", "credential-socket", "workload-certs", "istio-envoy", "istio-data", "istio-podinfo", "istio-token", "istiod-ca-cert",
    ];

    /// <summary>True for a pod that has a proxy of the mesh: injected, or made by istiod for a Gateway of the Gateway API.</summary>
    public static bool IsInjected(JsonNode pod) => pod.Annotation(StatusAnnotation) is not null || pod.Label(GatewayApiObjects.ManagedLabel) is not null;

    /// <summary>The proxy's image, as a revision's injector has it.</summary>
    public static string Image(ObjectStore store, IstiodSettings settings) => Image(Values(store, settings), settings);

    private static string Image(JsonObject values, IstiodSettings settings) =>
        $"{values.Text("global", "hub") ?? "docker.io/istio"}/proxyv2:{values.Text("global", "tag") ?? settings.Version}";

    /// <summary>The injected pod; null for one that is left as it is.</summary>
    public static JsonObject? Inject(ObjectStore store, IstiodSettings settings, string @namespace, JsonObject pod)
    {
        var wish = pod.Label(InjectKey) ?? pod.Annotation(InjectKey);
        if (@namespace is "kube-system" or "kube-public" or "kube-node-lease" || wish is "false" || pod.Flag("spec", "hostNetwork") || IsInjected(pod))
        {
            return null;
        }

        var values = Values(store, settings);
        var injected = JsonTree.CloneObject(pod);
        var gateway = pod.Annotation("inject.istio.io/templates") is "gateway";
        var network = values.Text("global", "network") ?? string.Empty;
        Describe(injected, settings, network, gateway);
        var image = Image(values, settings);
        var spec = injected.Child("spec");
        AddProxy(spec, image, Environment(values, settings, network, Workload(pod), @namespace));
        if (!gateway)
        {
            Append(spec, "initContainers", new JsonObject { ["name"] = "istio-init", ["image"] = image, ["args"] = new JsonArray("istio-iptables") });
        }

        foreach (var volume in Volumes)
        {
            Append(spec, "volumes", Volume(volume));
        }

        return injected;
    }

    private static void Describe(JsonObject pod, IstiodSettings settings, string network, bool gateway)
    {
        var metadata = pod.Child("metadata");
        var labels = metadata.Child("labels");
        var annotations = metadata.Child("annotations");
        labels["service.istio.io/canonical-name"] ??=
            labels.Text("app.kubernetes.io/name") ?? labels.Text("app") ?? Workload(pod);
        labels["service.istio.io/canonical-revision"] ??= labels.Text("app.kubernetes.io/version") ?? labels.Text("version") ?? "latest";
        if (!gateway)
        {
            labels[TlsModeLabel] ??= "istio";
        }

        if (network.Length > 0)
        {
            labels[NetworkLabel] ??= network;
        }

        if (pod.Objects("spec", "containers").FirstOrDefault(container => container.Text("name") is not Proxy)?.Text("name") is { } first)
        {
            annotations["kubectl.kubernetes.io/default-container"] ??= first;
            annotations["kubectl.kubernetes.io/default-logs-container"] ??= first;
        }

        annotations[RevisionAnnotation] = settings.Revision;
        annotations["prometheus.io/path"] = "/stats/prometheus";
        annotations["prometheus.io/port"] = "15020";
        annotations["prometheus.io/scrape"] = "true";
        annotations[StatusAnnotation] = new JsonObject
        {
            ["initContainers"] = gateway ? null : new JsonArray("istio-init"),
            ["containers"] = new JsonArray(Proxy),
            ["volumes"] = new JsonArray([.. Volumes.Select(volume => JsonValue.Create(volume))]),
            ["imagePullSecrets"] = null,
            ["revision"] = settings.Revision,
        }.ToJsonString();
    }

    /// <summary>The name of what made the pod: of a Deployment's pod the Deployment's.</summary>
    private static string Workload(JsonObject pod)
    {
        if (Fields.Controller(pod) is { } owner && owner.Text("name") is { } name)
        {
            var hash = name.LastIndexOf('-');
            return owner.Text("kind") is "ReplicaSet" && hash > 0 ? name[..hash] : name;
        }

        return pod.Text("metadata", "name") ?? pod.Text("metadata", "generateName")?.TrimEnd('-') ?? string.Empty;
    }

    private static void AddProxy(JsonObject spec, string image, JsonArray environment)
    {
        if (spec["containers"] is not JsonArray containers)
        {
            containers = [];
            spec["containers"] = containers;
        }

        var proxy = containers.OfType<JsonObject>().FirstOrDefault(container => container.Text("name") is Proxy);
        if (proxy is null)
        {
            proxy = new JsonObject { ["name"] = Proxy, ["args"] = new JsonArray("proxy", "sidecar") };
            containers.Add((JsonNode)proxy);
        }

        // An image that the pod's author chose stays; "auto" is no image but the wish for this one.
        if (proxy.Text("image") is null or "" or "auto")
        {
            proxy["image"] = image;
        }

        proxy["ports"] ??= new JsonArray(new JsonObject { ["containerPort"] = 15090, ["name"] = "http-envoy-prom", ["protocol"] = "TCP" });
        if (proxy["env"] is JsonArray given)
        {
            foreach (var variable in environment.Where(variable => !given.Any(known => Same(known, variable))).ToList())
            {
                given.Add(variable!.DeepClone());
            }
        }
        else
        {
            proxy["env"] = environment;
        }
    }

    private static JsonArray Environment(JsonObject values, IstiodSettings settings, string network, string workload, string @namespace)
    {
        var environment = new JsonArray();
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                environment.Add((JsonNode)new JsonObject { ["name"] = name, ["value"] = value });
            }
        }

        Add("PILOT_CERT_PROVIDER", "istiod");
        Add("CA_ADDR", $"istiod{settings.Suffix}.{settings.Namespace}.svc:15012");
        Add("ISTIO_META_CLUSTER_ID", values.Text("global", "multiCluster", "clusterName") is { Length: > 0 } id ? id : settings.ClusterId);
        Add("ISTIO_META_NETWORK", network);
        Add("ISTIO_META_WORKLOAD_NAME", workload);
        Add("ISTIO_META_OWNER", $"kubernetes://apis/apps/v1/namespaces/{@namespace}/deployments/{workload}");
        Add("ISTIO_META_MESH_ID", values.Text("global", "meshID"));
        return environment;
    }

    private static JsonObject Volume(string name) => name switch
    {
        "istiod-ca-cert" => new JsonObject { ["name"] = name, ["configMap"] = new JsonObject { ["name"] = "istio-ca-root-cert" } },
        _ => new JsonObject { ["name"] = name, ["emptyDir"] = new JsonObject() },
    };

    private static void Append(JsonObject spec, string list, JsonObject item)
    {
        if (spec[list] is not JsonArray items)
        {
            items = [];
            spec[list] = items;
        }

        if (!items.Any(known => Same(known, item)))
        {
            items.Add((JsonNode)item);
        }
    }

    private static bool Same(JsonNode? one, JsonNode? other) => string.Equals(one.Text("name"), other.Text("name"), StringComparison.Ordinal);

    /// <summary>The chart's values as the injector has them; JSON, as istioctl and Helm write them there.</summary>
    private static JsonObject Values(ObjectStore store, IstiodSettings settings)
    {
        if (settings.ManagedValues is { } managed)
        {
            return managed;
        }

        var map = store.Find(new ResourceKey("", "configmaps", settings.Namespace, "istio-sidecar-injector" + settings.Suffix));
        try
        {
            return JsonNode.Parse(map?.Json.Text("data", "values") ?? "{}") as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
