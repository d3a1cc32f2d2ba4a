using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What the server does to an object around a write, by kind (k8s.io/kubernetes/pkg/registry/*/strategy.go).</summary>
internal static class Strategy
{
    private static readonly FieldSet StatusField = FieldSet.Of("f:status");
    private static readonly FieldSet StatusIgnores = FieldSet.Of("f:spec").Union(FieldSet.Of("f:metadata", "f:labels"));
    private static readonly FieldSet CustomStatusIgnores = FieldSet.Of("f:spec").Union(FieldSet.Of("f:metadata"));

    private static readonly HashSet<string> WithGeneration = new(StringComparer.Ordinal)
    {
        "deployments.apps", "replicasets.apps", "statefulsets.apps", "daemonsets.apps", "replicationcontrollers", "jobs.batch", "cronjobs.batch", "pods",
        "poddisruptionbudgets.policy", "ingresses.networking.k8s.io", "ingressclasses.networking.k8s.io", "networkpolicies.networking.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io", "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "mutatingadmissionpolicies.admissionregistration.k8s.io", "validatingadmissionpolicies.admissionregistration.k8s.io",
        "mutatingadmissionpolicybindings.admissionregistration.k8s.io", "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        "customresourcedefinitions.apiextensions.k8s.io", "endpointslices.discovery.k8s.io", "priorityclasses.scheduling.k8s.io",
    };

    /// <summary>The fields that a write through an endpoint does not reach, and so does not own.</summary>
    internal static FieldSet Ignored(ServedResource resource, string subresource) => subresource switch
    {
        "status" when resource.IsCustom => CustomStatusIgnores,
        "status" => StatusIgnores,
        _ when resource.HasStatus => StatusField,
        _ => FieldSet.Empty,
    };

    /// <summary>Known fields only, canonical, with defaults.</summary>
    internal static JsonObject Decode(ServedResource resource, JsonObject value, ICollection<string>? unknown = null)
    {
        var decoded = ObjectDecoder.Decode(resource, value, unknown);
        Defaults.Apply(resource, decoded);
        var ordered = new JsonObject { ["kind"] = resource.Kind, ["apiVersion"] = resource.ApiVersion };
        foreach (var (name, field) in decoded.ToArray())
        {
            if (name is not ("kind" or "apiVersion"))
            {
                decoded.Remove(name);
                ordered[name] = field;
            }
        }

        return ordered;
    }

    /// <summary>Empties what a create cannot set, and fills in what it starts with.</summary>
    internal static void PrepareForCreate(ServedResource resource, JsonObject value, bool keepStatus)
    {
        if (resource.HasStatus && !keepStatus)
        {
            value.Remove("status");
            if (!resource.IsCustom && ObjectDecoder.Empty(resource)["status"] is { } empty)
            {
                value["status"] = JsonTree.Clone(empty);
            }
        }

        if (HasGeneration(resource))
        {
            Metadata.Of(value)["generation"] = 1L;
        }
        else
        {
            Metadata.Of(value).Remove("generation");
        }

        var status = value["status"] as JsonObject;
        switch (resource.QualifiedKind)
        {
            case "Namespace":
                Defaults.Child(value, "spec")["finalizers"] = new JsonArray("kubernetes");
                Defaults.SetMissing(Defaults.Child(value, "status"), "phase", "Active");
                break;
            case "Pod":
                Defaults.SetMissing(status, "phase", "Pending");
                Defaults.SetMissing(status, "qosClass", QualityOf(value));
                Defaults.SetMissing(value["spec"] as JsonObject, "serviceAccountName", "default");
                Defaults.SetMissing(value["spec"] as JsonObject, "serviceAccount", JsonTree.FindText(value, "spec", "serviceAccountName"));
                Defaults.SetMissing(value["spec"] as JsonObject, "priority", 0L);
                Defaults.SetMissing(value["spec"] as JsonObject, "preemptionPolicy", "PreemptLowerPriority");
                break;
            case "PersistentVolumeClaim" or "PersistentVolume":
                Defaults.SetMissing(status, "phase", "Pending");
                break;
            case "Job.batch":
                Job(value);
                break;
            case "CustomResourceDefinition.apiextensions.k8s.io":
                Defaults.SetMissing(status, "storedVersions", StoredVersions(value));
                break;
            default:
                break;
        }
    }

    /// <summary>Keeps what an update cannot change, and counts a change of what is wanted.</summary>
    internal static JsonObject PrepareForUpdate(ServedResource resource, JsonObject before, JsonObject value, string subresource, bool inCluster)
    {
        if (subresource is "status")
        {
            value = WithStatusOnly(resource, before, value);
        }
        else if (resource.HasStatus && !inCluster)
        {
            Copy(before, value, "status");
        }

        var metadata = Metadata.Of(value);
        var old = Metadata.Of(before);
        foreach (var field in new[] { "name", "namespace", "uid", "creationTimestamp", "generation", "deletionTimestamp", "selfLink" })
        {
            Copy(old, metadata, field);
        }

        if (!inCluster)
        {
            // Only a kubelet ends a grace period early.
            Copy(old, metadata, "deletionGracePeriodSeconds");
        }

        if (subresource is not ("status" or "finalize") && resource is { QualifiedKind: "Namespace" })
        {
            Defaults.Child(value, "spec");
            if (!inCluster)
            {
                Copy(before, value, "spec");
            }
        }

        if (resource is { QualifiedKind: "Service" } && subresource.Length == 0)
        {
            KeepAllocated(before, value);
        }

        if (HasGeneration(resource) && WantedChanged(resource, before, value))
        {
            metadata["generation"] = (JsonTree.Integer(old["generation"]) ?? 0) + 1;
        }

        return value;
    }

    internal static bool HasGeneration(ServedResource resource) => resource.IsCustom || WithGeneration.Contains(resource.QualifiedPlural);

    /// <summary>True when nothing but the times in <c>managedFields</c> differs.</summary>
    internal static bool IsSame(JsonObject before, JsonObject after)
    {
        static JsonArray WithoutTimes(JsonObject value)
        {
            var entries = JsonTree.Clone(JsonTree.Find(value, "metadata", "managedFields")) as JsonArray ?? [];
            foreach (var entry in entries.OfType<JsonObject>())
            {
                entry.Remove("time");
            }

            // The order follows the times, and so does not count either.
            return new JsonArray([.. entries.Select(JsonTree.Clone).OrderBy(entry => entry!.ToJsonString(), StringComparer.Ordinal)]);
        }

        static JsonObject Bare(JsonObject value)
        {
            var copy = FieldOwnership.WithoutManagedFields(value);
            Metadata.Of(copy).Remove("resourceVersion");
            return copy;
        }

        return JsonTree.AreEqual(Bare(before), Bare(after)) && JsonTree.AreEqual(WithoutTimes(before), WithoutTimes(after));
    }

    private static bool WantedChanged(ServedResource resource, JsonObject before, JsonObject value)
    {
        static bool Counts(ServedResource resource, string field) =>
            field is not ("metadata" or "kind" or "apiVersion") && (field is not "status" || (resource.IsCustom && !resource.HasStatus));

        return value.Any(field => Counts(resource, field.Key) && !JsonTree.AreEqual(field.Value, before[field.Key]))
            || before.Any(field => Counts(resource, field.Key) && !value.ContainsKey(field.Key));
    }

    private static JsonObject WithStatusOnly(ServedResource resource, JsonObject before, JsonObject value)
    {
        var result = JsonTree.CloneObject(before);
        Copy(value, result, "status");
        var metadata = Metadata.Of(result);
        var given = Metadata.Of(value);
        Copy(given, metadata, "managedFields");
        Copy(given, metadata, "resourceVersion");
        if (!resource.IsCustom)
        {
            Copy(given, metadata, "annotations");
            Copy(given, metadata, "finalizers");
        }

        return result;
    }

    private static void Copy(JsonObject from, JsonObject to, string field)
    {
        if (from.TryGetPropertyValue(field, out var value))
        {
            to[field] = JsonTree.Clone(value);
        }
        else
        {
            to.Remove(field);
        }
    }

    private static void KeepAllocated(JsonObject before, JsonObject value)
    {
        if (before["spec"] is not JsonObject old || value["spec"] is not JsonObject spec || JsonTree.Text(spec["type"]) is "ExternalName")
        {
            return;
        }

        foreach (var field in new[] { "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy" })
        {
            if (spec[field] is null or JsonArray { Count: 0 } || JsonTree.Text(spec[field]) is "")
            {
                Copy(old, spec, field);
            }
        }

        if (JsonTree.Text(spec["type"]) is not ("NodePort" or "LoadBalancer"))
        {
            DropExternal(old, spec);
            return;
        }

        foreach (var port in Defaults.Objects(spec["ports"]).Where(port => JsonTree.Integer(port["nodePort"]) is null or 0))
        {
            var same = Defaults.Objects(old["ports"]).FirstOrDefault(candidate =>
                JsonTree.Integer(candidate["port"]) == JsonTree.Integer(port["port"]) && JsonTree.AreEqual(candidate["protocol"], port["protocol"]));
            if (same?["nodePort"] is { } known)
            {
                port["nodePort"] = JsonTree.Clone(known);
            }
        }
    }

    /// <summary>A service that turns inward loses what only an outward one has, unless the write sets it anew.</summary>
    private static void DropExternal(JsonObject old, JsonObject spec)
    {
        foreach (var field in new[] { "externalTrafficPolicy", "allocateLoadBalancerNodePorts", "healthCheckNodePort" })
        {
            if (JsonTree.AreEqual(spec[field], old[field]))
            {
                spec.Remove(field);
            }
        }

        var before = Defaults.Objects(old["ports"]).Select(port => JsonTree.Integer(port["nodePort"])).ToHashSet();
        foreach (var port in Defaults.Objects(spec["ports"]).Where(port => before.Contains(JsonTree.Integer(port["nodePort"]))))
        {
            port.Remove("nodePort");
        }
    }

    private static string QualityOf(JsonObject pod)
    {
        var containers = Defaults.Objects(pod["spec"]?["containers"]).ToArray();
        if (containers.All(c => c["resources"]?["limits"] is not JsonObject { Count: > 0 } && c["resources"]?["requests"] is not JsonObject { Count: > 0 }))
        {
            return "BestEffort";
        }

        return containers.All(c => c["resources"]?["limits"] is JsonObject limits && limits.ContainsKey("cpu") && limits.ContainsKey("memory")
            && JsonTree.AreEqual(limits, c["resources"]?["requests"])) ? "Guaranteed" : "Burstable";
    }

    private static void Job(JsonObject value)
    {
        if (value["spec"] is not JsonObject spec || spec["selector"] is JsonObject)
        {
            return;
        }

        var uid = JsonTree.FindText(value, "metadata", "uid") ?? "";
        spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = uid } };
        var labels = Defaults.Child(Defaults.Child(Defaults.Child(spec, "template"), "metadata"), "labels");
        labels["batch.kubernetes.io/controller-uid"] = uid;
        labels["batch.kubernetes.io/job-name"] = JsonTree.FindText(value, "metadata", "name");
    }

    private static JsonArray StoredVersions(JsonObject definition) => new(
        [.. Defaults.Objects(definition["spec"]?["versions"]).Where(v => v["storage"]?.GetValue<bool>() == true).Select(v => JsonTree.Clone(v["name"]))]);
}
