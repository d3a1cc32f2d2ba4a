using System.Text.Json.Nodes;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;

namespace MeshTools.Revisions;

/// <summary>
/// The objects of a tag as <c>istioctl tag set</c> of Istio 1.30 makes them (istioctl/pkg/tag/generate.go; charts istio-discovery/templates/revision-tags-mwc.yaml and
/// revision-tags-svc.yaml, default/templates): an injector that leads where the revision's own leads, a Service for proxies that look for istiod by the tag, and for the
/// tag <c>default</c> the validator of resources without a revision.
/// </summary>
internal static class TagManifest
{
    /// <summary>The validator of the tag <c>default</c>.</summary>
    internal const string DefaultValidator = "istiod-default-validator";

    private const string Admission = "admissionregistration.k8s.io/v1";

    /// <summary>The last part of the name of every webhook that injects.</summary>
    private const string InjectorSuffix = "sidecar-injector.istio.io";

    // Labels with which an installation claims its objects; with them, the next installation would change or prune the tag.
    private const string InstallerLabels = "operator.istio.io";

    private static readonly string[] s_validatedGroups = ["security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"];

    /// <summary>The injector of a tag.</summary>
    /// <param name="injector">The revision's own injector.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="ns">The control plane's namespace.</param>
    /// <param name="everyNamespace">For the tag <c>default</c>: whether namespaces without any label are injected, too.</param>
    internal static KubernetesObject Injector(KubernetesObject injector, string tag, string ns, bool everyNamespace)
    {
        var model = InjectingWebhook(injector);
        var webhooks = new JsonArray
        {
            Webhook(model, "rev.namespace.", [In(RevisionLabels.Revision, tag), Absent(RevisionLabels.Injection)], [NotFalse()]),
            Webhook(model, "rev.object.", [Absent(RevisionLabels.Revision), Absent(RevisionLabels.Injection)], [NotFalse(), In(RevisionLabels.Revision, tag)]),
        };
        if (tag is RevisionLabels.DefaultTag)
        {
            webhooks.Add((JsonNode)Webhook(model, "namespace.", [In(RevisionLabels.Injection, "enabled")], [NotFalse()]));
            webhooks.Add((JsonNode)Webhook(
                model, "object.", [Absent(RevisionLabels.Injection), Absent(RevisionLabels.Revision)], [In("sidecar.istio.io/inject", "true"), Absent(RevisionLabels.Revision)]));
            if (everyNamespace)
            {
                webhooks.Add((JsonNode)Webhook(
                    model,
                    "auto.",
                    [Absent(RevisionLabels.Injection), Absent(RevisionLabels.Revision), OtherThan("kubernetes.io/metadata.name", "kube-system", "kube-public", "kube-node-lease", "local-path-storage")],
                    [Absent("sidecar.istio.io/inject"), Absent(RevisionLabels.Revision)]));
            }
        }

        // The chart leaves the namespace out of the name only where it is the usual one.
        var name = ns is ControlPlaneRevision.DefaultNamespace ? $"istio-revision-tag-{tag}" : $"istio-revision-tag-{tag}-{ns}";
        var result = KubernetesObject.Create(Admission, "MutatingWebhookConfiguration", name);
        result.Json["metadata"]!["labels"] = Labels(injector, tag, ("app", "sidecar-injector"));
        result.Json["webhooks"] = webhooks;
        return result;
    }

    /// <summary>The Service of a tag.</summary>
    internal static KubernetesObject Service(KubernetesObject injector, string tag, string revision, string ns)
    {
        var service = KubernetesObject.Create("v1", "Service", $"istiod-revision-tag-{tag}", ns);
        service.Json["metadata"]!["labels"] = Labels(injector, tag, ("app", "istiod"), ("istio", "pilot"));
        service.Json["spec"] = new JsonObject
        {
            ["ports"] = new JsonArray(
                Port("grpc-xds", 15010), Port("https-dns", 15012), Port("https-webhook", 443, 15017), Port("http-monitoring", 15014)),
            // Pods of an installation without a revision are labelled default.
            ["selector"] = new JsonObject { ["app"] = "istiod", [RevisionLabels.Revision] = revision },
        };
        return service;
    }

    /// <summary>The validator of the tag <c>default</c>.</summary>
    /// <param name="injector">The revision's own injector.</param>
    /// <param name="live">The validator as it is; <see langword="null"/> when there is none.</param>
    internal static KubernetesObject Validator(KubernetesObject injector, KubernetesObject? live)
    {
        var model = InjectingWebhook(injector);
        var client = (JsonObject)(model?["clientConfig"]?.DeepClone() ?? new JsonObject());
        if (client.FindString("url") is { } url && Uri.TryCreate(url, UriKind.Absolute, out var address))
            client["url"] = new UriBuilder(address) { Path = "/validate", Query = "" }.Uri.AbsoluteUri;
        else if (client["service"] is JsonObject service)
            service["path"] = "/validate";
        var webhook = new JsonObject
        {
            ["name"] = "validation.istio.io",
            ["admissionReviewVersions"] = JsonAccess.ToJsonArray(["v1"]),
            ["clientConfig"] = client,
            ["failurePolicy"] = "Ignore",
            ["objectSelector"] = new JsonObject { ["matchExpressions"] = new JsonArray(Absent(RevisionLabels.Revision)) },
            ["rules"] = new JsonArray(new JsonObject
            {
                ["apiGroups"] = JsonAccess.ToJsonArray(s_validatedGroups),
                ["apiVersions"] = JsonAccess.ToJsonArray(["*"]),
                ["operations"] = JsonAccess.ToJsonArray(["CREATE", "UPDATE"]),
                ["resources"] = JsonAccess.ToJsonArray(["*"]),
            }),
            ["sideEffects"] = "None",
        };
        // istiod turns Ignore into Fail once it validates; that is then its field.
        if ((live?.Json.FindArray("webhooks") ?? []).Any(item => item.FindString("name") is "validation.istio.io" && item.FindString("failurePolicy") is "Fail"))
            webhook.Remove("failurePolicy");
        var result = KubernetesObject.Create(Admission, "ValidatingWebhookConfiguration", DefaultValidator);
        result.Json["metadata"]!["labels"] = Labels(injector, RevisionLabels.DefaultTag, ("app", "istiod"), ("istio", "istiod"));
        result.Json["webhooks"] = new JsonArray(webhook);
        return result;
    }

    /// <summary>Whether an injector of a revision <c>default</c> still answers to <c>istio-injection</c>, as an installation without a revision does until a tag takes over.</summary>
    internal static bool IsActive(KubernetesObject injector) =>
        (injector.Json.FindArray("webhooks") ?? []).Any(webhook => !JsonNode.DeepEquals(webhook.Find("namespaceSelector"), NeverMatch()));

    /// <summary>An injector that is kept, and matches nothing any more (istioctl/pkg/tag/util.go, <c>DeactivateIstioInjectionWebhook</c>).</summary>
    internal static KubernetesObject Deactivated(KubernetesObject injector)
    {
        var result = injector.Clone();
        foreach (var webhook in result.Json.FindArray("webhooks") ?? [])
        {
            webhook!["namespaceSelector"] = NeverMatch();
            webhook["objectSelector"] = NeverMatch();
        }

        return result;
    }

    /// <summary>An injector whose webhooks are called with the authority that another form of it has.</summary>
    internal static KubernetesObject WithAuthority(KubernetesObject injector, KubernetesObject? live)
    {
        var result = injector.Clone();
        if (live is null || InjectingWebhook(live).FindString("clientConfig", "caBundle") is not { Length: > 0 } authority)
            return result;
        foreach (var webhook in result.Json.FindArray("webhooks") ?? [])
            webhook!["clientConfig"]!["caBundle"] = authority;
        return result;
    }

    private static JsonObject NeverMatch() => new() { ["matchLabels"] = new JsonObject { ["istio.io/deactivated"] = "never-match" } };

    private static JsonNode? InjectingWebhook(KubernetesObject injector) =>
        (injector.Json.FindArray("webhooks") ?? []).FirstOrDefault(webhook => webhook.FindString("name")?.EndsWith(InjectorSuffix, StringComparison.Ordinal) is true);

    private static JsonObject Webhook(JsonNode? model, string prefix, JsonArray namespaces, JsonArray pods) => new()
    {
        ["name"] = prefix + InjectorSuffix,
        ["admissionReviewVersions"] = JsonAccess.ToJsonArray(["v1"]),
        ["clientConfig"] = model?["clientConfig"]?.DeepClone(),
        ["failurePolicy"] = "Fail",
        ["namespaceSelector"] = new JsonObject { ["matchExpressions"] = namespaces },
        ["objectSelector"] = new JsonObject { ["matchExpressions"] = pods },
        ["reinvocationPolicy"] = model.FindString("reinvocationPolicy") ?? "Never",
        ["rules"] = new JsonArray(new JsonObject
        {
            ["apiGroups"] = JsonAccess.ToJsonArray([""]),
            ["apiVersions"] = JsonAccess.ToJsonArray(["v1"]),
            ["operations"] = JsonAccess.ToJsonArray(["CREATE"]),
            ["resources"] = JsonAccess.ToJsonArray(["pods"]),
        }),
        ["sideEffects"] = "None",
    };

    private static JsonObject Labels(KubernetesObject injector, string tag, params (string Key, string Value)[] own)
    {
        var labels = new JsonObject();
        foreach (var (key, value) in injector.Labels.Where(label => label.Key is not "app" && !label.Key.Contains(InstallerLabels, StringComparison.Ordinal)))
            labels[key] = value;
        labels[RevisionLabels.Revision] = RevisionReading.RevisionOf(injector);
        labels[RevisionLabels.Tag] = tag;
        foreach (var (key, value) in own)
            labels[key] = value;
        return labels;
    }

    private static JsonObject Port(string name, int port, int? target = null)
    {
        var result = new JsonObject { ["name"] = name, ["port"] = port, ["protocol"] = "TCP" };
        if (target is not null)
            result["targetPort"] = target;
        return result;
    }

    private static JsonObject In(string key, params string[] values) => Expression(key, "In", values);

    private static JsonObject OtherThan(string key, params string[] values) => Expression(key, "NotIn", values);

    private static JsonObject NotFalse() => Expression("sidecar.istio.io/inject", "NotIn", "false");

    private static JsonObject Absent(string key) => Expression(key, "DoesNotExist");

    private static JsonObject Expression(string key, string @operator, params string[] values)
    {
        var result = new JsonObject { ["key"] = key, ["operator"] = @operator };
        if (values.Length > 0)
            result["values"] = JsonAccess.ToJsonArray(values);
        return result;
    }
}
