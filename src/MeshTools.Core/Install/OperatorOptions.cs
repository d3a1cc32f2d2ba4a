using System.Reflection;
using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Install;

/// <summary>An option of an installation, by name.</summary>
/// <param name="Name">The name, as asmcli's <c>--option</c> takes it.</param>
/// <param name="Summary">What it does.</param>
public sealed record OperatorOption(string Name, string Summary)
{
    /// <summary>Why it cannot be used any more; <see langword="null"/> when it can.</summary>
    public string? Obsolete { get; init; }

    /// <summary>The last minor version of Istio that has it, such as 20 for 1.20; <see langword="null"/> for no end.</summary>
    public int? LastMinor { get; init; }

    internal Func<OperatorSettings, JsonObject>? Spec { get; init; }

    /// <summary>Whether a release has it.</summary>
    /// <param name="release">The release.</param>
    /// <returns>Whether it does.</returns>
    public bool IsIn(IstioRelease release)
    {
        ArgumentNullException.ThrowIfNull(release);
        return Obsolete is null && (LastMinor is not { } last || (release.Major == 1 && release.Minor <= last));
    }
}

/// <summary>The options that asmcli knows by name (asm/istio/options of its package, release 1.28), as values.</summary>
public static class OperatorOptions
{
    private static readonly string[] s_systemNamespaces = ["istio-system", "kube-system"];
    private static readonly string[] s_onPremisesNamespaces = [.. s_systemNamespaces, "gke-system"];

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<OperatorOption> All { get; } =
    [
        .. new[]
        {
            Can("attached-cluster", "istiod signs its own certificate, as attached clusters need it", _ => Values("global", new JsonObject { ["pilotCertProvider"] = "istiod" })),
            // Istio 1.21 dropped what it sets (releasenotes/notes/drop-telemetry-envoyfilter.yaml), and its istioctl refuses the field.
            Can("audit-authorizationpolicy", "authorization decisions go to the audit log of Cloud Logging", _ => Values("telemetry", Json(
                ("v2", Json(("stackdriver", Json(("configOverride", Json(("enable_audit_log", true)))))))))) with { LastMinor = 20 },
            Can("ca-migration-citadel", "workloads also trust Mesh CA, on the way from Istio CA to it or back", _ => Migration(Json(
                ("caCertificates", new JsonArray(Json(("pem", MeshCaRoot()))))))),
            Can("ca-migration-meshca", "workloads also trust cluster.local, on the way from Mesh CA to Istio CA or back", _ => Migration(Json(
                ("trustDomainAliases", JsonAccess.ToJsonArray(["cluster.local"]))))),
            Can("citadel-ca", "istiod signs; the same as certificate authority IstioCA", settings => (JsonObject)OperatorDocument.IstioCa(settings.TrustDomain ?? "cluster.local")["spec"]!.DeepClone()),
            Can("cloud-tracing", "traces go to Cloud Trace", _ => Json(
                ("meshConfig", Json(("enableTracing", true))), ("values", Json(("global", Json(("proxy", Json(("tracer", "stackdriver"))))))))),
            Can("cni-baremetal-rhel", "the CNI plugin instead of an init container, for Red Hat nodes of Google Distributed Cloud", _ => Cni("/opt/cni/bin", s_onPremisesNamespaces, (
                "spec.template.spec.containers.[name:install-cni].securityContext.seLinuxOptions", Json(("type", "spc_t"))))),
            Can("cni-gcp", "the CNI plugin instead of an init container, on GKE", _ => Cni("/home/kubernetes/bin", s_systemNamespaces)),
            Can("cni-onprem", "the CNI plugin instead of an init container, off Google Cloud", _ => Cni("/opt/cni/bin", s_onPremisesNamespaces)),
            Can("cni-onprem-selinux", "as cni-onprem, on nodes with SELinux", _ => Cni("/opt/cni/bin", s_onPremisesNamespaces, Privileged())),
            Can("cni-selinux", "as cni-gcp, on nodes with SELinux", _ => Cni("/home/kubernetes/bin", s_systemNamespaces, Privileged())),
            Can("distroless-proxy", "proxies of images without a shell", _ => Json(("meshConfig", Json(("defaultConfig", Json(("image", Json(("imageType", "distroless"))))))))),
            Can("envoy-access-log", "proxies write every call to their standard output", _ => Json(("meshConfig", Json(("accessLogFile", "/dev/stdout"))))),
            // asmcli's file says enableCoreDumps, which istioctl does not know.
            Can("envoy-core-dump", "proxies may write core dumps", _ => Values("global", Json(("proxy", Json(("enableCoreDump", true)))))),
            Can("iap-operator", "the default ingress gateway by node ports, for Identity-Aware Proxy", _ => Ingress(Json(
                ("service", Json(
                    ("type", "NodePort"),
                    ("ports", new JsonArray(
                        Port("status-port", 15021, 15021, 31223, "TCP"), Port("http2", 80, 8080, 31224), Port("https", 443, 8443), Port("tcp-istiod", 15012, 15012), Port("tls", 15443, 15443)))))))),
            Can("internal-load-balancer", "the default ingress gateway behind an internal load balancer of Google Cloud", _ => Ingress(Json(
                ("serviceAnnotations", Json(("cloud.google.com/load-balancer-type", "internal"))),
                ("service", Json(("ports", new JsonArray(Port("status-port", 15020), Port("http2", 80, 8080), Port("https", 443, 8443)))))))),
            Can("legacy-default-egressgateway", "the default egress gateway in the control plane's namespace", _ => Components("egressGateways", new JsonArray(Json(("name", "istio-egressgateway"), ("enabled", true))))),
            Can("legacy-default-ingressgateway", "the default ingress gateway in the control plane's namespace", _ => Components("ingressGateways", new JsonArray(Json(("name", "istio-ingressgateway"), ("enabled", true))))),
            Can("managed_cas", "proxies take the certificates that GKE gives to workloads", _ => Json(
                ("meshConfig", Json(("defaultConfig", Json(("proxyMetadata", Json(("CA_PROVIDER", "GkeWorkloadCertificate"))))))),
                ("values", Json(("global", Json(("caName", "GkeWorkloadCertificate"))))))),
            Can("multicluster", "the cluster ID, which every installation has anyway", settings => Values("global", Json(("multiCluster", Json(("clusterName", settings.ClusterId)))))),
            Can("openshift", "what OpenShift needs", _ => Json(
                ("components", Json(("cni", Json(("enabled", true), ("namespace", "kube-system"))))),
                ("values", Json(
                    ("global", Json(("pilotCertProvider", "istiod"))),
                    ("cni", Json(("cniBinDir", "/var/lib/cni/bin"), ("cniConfDir", "/etc/cni/multus/net.d"), ("chained", false), ("cniConfFileName", "istio-cni.conf"), ("privileged", true))),
                    ("sidecarInjectorWebhook", Json(("injectedAnnotations", Json(("k8s.v1.cni.cncf.io/networks", "istio-cni"))))))))),
            Can("private-ca", "a pool of CA Service signs; the same as certificate authority CaService", settings =>
                (JsonObject)OperatorDocument.Authority(settings with { Authority = MeshAuthority.CaService })!["spec"]!.DeepClone()),
            Can("prometheus", "metrics for Prometheus, and none for Cloud Monitoring", _ => Values("telemetry", Telemetry(prometheus: true, stackdriver: false))),
            Can("prometheus-and-stackdriver", "metrics for Prometheus and for Cloud Monitoring", _ => Values("telemetry", Telemetry(prometheus: true, stackdriver: true))),
            Can("stackdriver", "metrics for Cloud Monitoring, and none for Prometheus", _ => Values("telemetry", Telemetry(prometheus: false, stackdriver: true))),
            Cannot("hub-meshca", "it has no effect any more: the fleet's workload identity is always used"),
            Cannot("managed-control-plane-webhooks", "it is no part of an IstioOperator, but a webhook of managed control planes, which Google Cloud makes itself"),
            Cannot("multicloud", "it names the profile asm-multicloud, which no current istioctl has; -Platform says where a cluster runs"),
            Cannot("multiproject", "it names the profile asm-gcp-multiproject, which no current istioctl has; -FleetProject and -TrustDomainAlias do its work"),
            Cannot("v1beta1-crds", "it is for Kubernetes 1.15, which no current release supports"),
        }.OrderBy(option => option.Name, StringComparer.Ordinal),
    ];

    /// <summary>Finds an option.</summary>
    /// <param name="name">The name; <c>.yaml</c> may follow, and case does not count.</param>
    /// <returns>The option.</returns>
    /// <exception cref="MeshException">There is none of that name, or none any more (<c>OptionUnknown</c>).</exception>
    public static OperatorOption Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var plain = name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) ? name[..^5] : name;
        var option = All.FirstOrDefault(option => string.Equals(option.Name, plain, StringComparison.OrdinalIgnoreCase))
            ?? throw new MeshException(ErrorCatalog.OptionUnknown, $"there is no option {name}; there are {string.Join(", ", All.Where(known => known.Obsolete is null).Select(known => known.Name))}", name);
        return option.Obsolete is null ? option : throw new MeshException(ErrorCatalog.OptionUnknown, $"option {option.Name} cannot be used: {option.Obsolete}", name);
    }

    internal static JsonObject Telemetry(bool prometheus, bool stackdriver) => Json(
        ("enabled", true), ("v2", Json(("enabled", true), ("prometheus", Json(("enabled", prometheus))), ("stackdriver", Json(("enabled", stackdriver))))));

    private static OperatorOption Can(string name, string summary, Func<OperatorSettings, JsonObject> spec) => new(name, summary) { Spec = spec };

    private static OperatorOption Cannot(string name, string reason) => new(name, reason) { Obsolete = reason };

    private static JsonObject Json(params (string Key, JsonNode? Value)[] fields)
    {
        var result = new JsonObject();
        foreach (var (key, value) in fields)
            result[key] = value;
        return result;
    }

    private static JsonObject Values(string key, JsonNode value) => Json(("values", Json((key, value))));

    private static JsonObject Components(string key, JsonNode value) => Json(("components", Json((key, value))));

    private static JsonObject Migration(JsonObject mesh)
    {
        mesh["defaultConfig"] = Json(("proxyMetadata", Json(("PROXY_CONFIG_XDS_AGENT", "true"))));
        return Json(("values", Json(("pilot", Json(("env", Json(("ISTIO_MULTIROOT_MESH", true))))))), ("meshConfig", mesh));
    }

    private static JsonObject Cni(string binaries, IEnumerable<string> excluded, (string Path, JsonObject Value)? patch = null)
    {
        var cni = Json(("enabled", true), ("namespace", "kube-system"));
        if (patch is var (path, value))
        {
            cni["k8s"] = Json(("overlays", new JsonArray(Json(
                ("kind", "DaemonSet"), ("name", "istio-cni-node"), ("patches", new JsonArray(Json(("path", path), ("value", value))))))));
        }

        return Json(("components", Json(("cni", cni))), ("values", Json(("cni", Json(("cniBinDir", binaries), ("excludeNamespaces", JsonAccess.ToJsonArray(excluded)))))));
    }

    private static (string Path, JsonObject Value) Privileged() => ("spec.template.spec.containers.[name:install-cni].securityContext", Json(("privileged", true)));

    private static JsonObject Ingress(JsonObject k8s) => Components("ingressGateways", new JsonArray(Json(("enabled", true), ("name", "istio-ingressgateway"), ("k8s", k8s))));

    private static JsonObject Port(string name, int port, int? target = null, int? node = null, string? protocol = null)
    {
        var result = Json(("name", name), ("port", port));
        if (target is not null)
            result["targetPort"] = target;
        if (node is not null)
            result["nodePort"] = node;
        if (protocol is not null)
            result["protocol"] = protocol;
        return result;
    }

    // A root certificate that is public and good until 2118.
    private static string MeshCaRoot()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("mesh-ca-root.pem")!);
        return reader.ReadToEnd();
    }
}
