using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What a managed control plane leaves in a cluster.</summary>
internal static class ManagedObjects
{
    private const string Version = "1.21.5-asm.38";

    /// <summary>The control plane as an installation in the cluster would be described.</summary>
    public static LabClusterOptions Options(string revision, string clusterName, string clusterId, ManagedFleet fleet, string network) => new()
    {
        Name = clusterName,
        ClusterId = clusterId,
        Revision = revision,
        IstioVersion = Version,
        MeshId = "proj-" + fleet.ProjectNumber,
        Network = network,
        TrustDomain = fleet.ProjectId + ".svc.id.goog",
    };

    /// <summary>What its injector goes by; it is not in the cluster.</summary>
    public static JsonObject Values(LabClusterOptions options) => new()
    {
        ["global"] = new JsonObject
        {
            ["hub"] = "gke.gcr.io/asm",
            ["tag"] = options.IstioVersion,
            ["meshID"] = options.MeshId,
            ["network"] = options.Network,
            ["multiCluster"] = new JsonObject { ["clusterName"] = options.EffectiveClusterId },
        },
    };

    public static IEnumerable<(ResourceKey Key, JsonObject Json)> All(LabClusterOptions options, StoredObject revision, ManagedFleet fleet, bool hasDefaultTag, TimeProvider clock)
    {
        var name = revision.Key.Name;
        var source = new ControlPlaneObjects(options, null, clock);
        foreach (var item in source.All().Where(item => item.Key.Plural is "customresourcedefinitions"))
        {
            yield return item;
        }

        yield return (new ResourceKey("", "configmaps", ControlPlaneObjects.Namespace, "istio-" + name), Owned("v1", "ConfigMap", [("istio.io/rev", name)], ("data", new JsonObject
        {
            ["mesh"] = $"defaultConfig:\n  meshId: {options.MeshId}\ntrustDomain: {fleet.ProjectId}.svc.id.goog\n",
        })));
        var (key, injector) = source.All().First(item => string.Equals(item.Key.Name, "istio-sidecar-injector-" + name, StringComparison.Ordinal) && item.Key.Plural is "mutatingwebhookconfigurations");
        yield return (key with { Name = "istiod-" + name }, ByUrl(injector, name, revision));
        foreach (var tag in (revision.Json.Annotation("mesh.cloud.google.com/tags") ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries).Concat(hasDefaultTag ? [] : ["default"]))
        {
            var (tagKey, webhook) = source.Tag(tag).First();
            yield return (tagKey, ByUrl(webhook, name, revision));
        }

        yield return (new ResourceKey("apps", "deployments", "kube-system", "mdp-controller"), Workload("Deployment", "mdp-controller", ("replicas", 1)));
        yield return (new ResourceKey("apps", "daemonsets", "kube-system", "istio-cni-node"), Workload("DaemonSet", "istio-cni-node"));
        yield return (new ResourceKey("", "configmaps", "kube-system", "istio-cni-plugin-config"), Owned("v1", "ConfigMap", [], ("data", new JsonObject { ["istio-cni.conf"] = "{}" })));
    }

    // Google's control plane is called by an address of its own, with a certificate that everybody trusts.
    private static JsonObject ByUrl(JsonObject webhooks, string revision, StoredObject found)
    {
        webhooks.Child("metadata").Child("labels")[ManagedControlPlanes.OwnerLabel] = ManagedControlPlanes.Manager;
        foreach (var webhook in webhooks.Objects("webhooks"))
        {
            webhook["clientConfig"] = new JsonObject { ["url"] = $"https://{revision}.mesh.lab.invalid/inject/{found.Uid}" };
        }

        return webhooks;
    }

    private static JsonObject Workload(string kind, string name, params (string Name, JsonNode Value)[] spec)
    {
        var labels = new JsonObject { ["k8s-app"] = name };
        var json = Owned("apps/v1", kind, [], ("spec", new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = labels },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
                ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = name, ["image"] = $"gke.gcr.io/asm/{name}:{Version}" }) },
            },
        }));
        json.Child("metadata")["generation"] = 1;
        foreach (var (field, value) in spec)
        {
            json.Child("spec")[field] = value;
        }

        return json;
    }

    private static JsonObject Owned(string apiVersion, string kind, (string Key, string Value)[] labels, params (string Name, JsonNode Value)[] fields)
    {
        var owned = new JsonObject { [ManagedControlPlanes.OwnerLabel] = ManagedControlPlanes.Manager };
        foreach (var (key, value) in labels)
        {
            owned[key] = value;
        }

        var json = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = new JsonObject { ["labels"] = owned } };
        foreach (var (name, value) in fields)
        {
            json[name] = value;
        }

        return json;
    }
}
