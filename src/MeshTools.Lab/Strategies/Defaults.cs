using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The defaults that decoding sets, by kind (k8s.io/kubernetes/pkg/apis/*/v1/defaults.go).</summary>
internal static class Defaults
{
    internal static void Apply(ServedResource resource, JsonObject value)
    {
        if (resource.IsCustom)
        {
            CustomDefaults.Apply(resource.Schema, value);
            return;
        }

        var spec = value["spec"] as JsonObject;
        switch (resource.QualifiedKind)
        {
            case "Namespace":
                SetMissing(Child(Child(value, "metadata"), "labels"), "kubernetes.io/metadata.name", Text(value, "metadata", "name"));
                break;
            case "Secret":
                Secret(value);
                break;
            case "Service":
                Service(value);
                break;
            case "Pod":
                Pod(value);
                break;
            case "PodTemplate":
                PodSpec(value["template"]?["spec"] as JsonObject);
                break;
            case "Deployment.apps":
                Deployment(spec);
                break;
            case "ReplicaSet.apps" or "ReplicationController":
                Replicas(value, spec);
                break;
            case "StatefulSet.apps":
                StatefulSet(spec);
                break;
            case "DaemonSet.apps":
                DaemonSet(spec);
                break;
            case "Job.batch":
                Job(spec);
                break;
            case "CronJob.batch":
                CronJob(spec);
                break;
            case "Endpoints":
                foreach (var subset in Objects(value["subsets"]))
                {
                    Protocols(subset["ports"]);
                }

                break;
            case "EndpointSlice.discovery.k8s.io":
                EndpointSlice(value);
                break;
            case "RoleBinding.rbac.authorization.k8s.io" or "ClusterRoleBinding.rbac.authorization.k8s.io":
                Binding(value);
                break;
            case "MutatingWebhookConfiguration.admissionregistration.k8s.io" or "ValidatingWebhookConfiguration.admissionregistration.k8s.io":
                Webhooks(value, mutating: resource.Kind[0] == 'M');
                break;
            case "HorizontalPodAutoscaler.autoscaling":
                Autoscaler(spec);
                break;
            case "CustomResourceDefinition.apiextensions.k8s.io":
                Definition(spec);
                break;
            case "NetworkPolicy.networking.k8s.io":
                NetworkPolicy(spec);
                break;
            case "PersistentVolumeClaim":
                SetMissing(spec, "volumeMode", "Filesystem");
                break;
            case "PersistentVolume":
                SetMissing(spec, "volumeMode", "Filesystem");
                SetMissing(spec, "persistentVolumeReclaimPolicy", "Retain");
                break;
            case "StorageClass.storage.k8s.io":
                SetMissing(value, "reclaimPolicy", "Delete");
                SetMissing(value, "volumeBindingMode", "Immediate");
                break;
            case "PriorityClass.scheduling.k8s.io":
                SetMissing(value, "preemptionPolicy", "PreemptLowerPriority");
                break;
            default:
                break;
        }
    }

    internal static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is JsonObject child)
        {
            return child;
        }

        child = [];
        parent[name] = child;
        return child;
    }

    internal static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray)?.OfType<JsonObject>() ?? [];

    internal static void SetMissing(JsonObject? target, string name, JsonNode? value)
    {
        if (target is not null && target[name] is null)
        {
            target[name] = value;
        }
    }

    private static void SetMissingOrEmpty(JsonObject? target, string name, string value)
    {
        if (target is not null && string.IsNullOrEmpty(JsonTree.Text(target[name])))
        {
            target[name] = value;
        }
    }

    private static string? Text(JsonNode? node, params ReadOnlySpan<string> path) => JsonTree.FindText(node, path);

    private static void Secret(JsonObject value)
    {
        if (value["stringData"] is JsonObject { Count: > 0 } plain)
        {
            var data = Child(value, "data");
            foreach (var (name, text) in plain)
            {
                data[name] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(JsonTree.Text(text) ?? ""));
            }
        }

        value.Remove("stringData");
        SetMissingOrEmpty(value, "type", "Opaque");
    }

    private static void Service(JsonObject value)
    {
        var spec = Child(value, "spec");
        SetMissing(spec, "sessionAffinity", "None");
        SetMissing(spec, "type", "ClusterIP");
        var type = Text(spec, "type");
        foreach (var port in Objects(spec["ports"]))
        {
            SetMissingOrEmpty(port, "protocol", "TCP");
            if (port["targetPort"] is null || JsonTree.Integer(port["targetPort"]) == 0 || JsonTree.Text(port["targetPort"]) is "")
            {
                port["targetPort"] = JsonTree.Clone(port["port"]);
            }
        }

        if (type is "NodePort" or "LoadBalancer")
        {
            SetMissing(spec, "externalTrafficPolicy", "Cluster");
        }

        if (type is "LoadBalancer")
        {
            SetMissing(spec, "allocateLoadBalancerNodePorts", true);
        }

        if (type is not "ExternalName")
        {
            SetMissing(spec, "internalTrafficPolicy", "Cluster");
        }
    }

    private static void Pod(JsonObject value)
    {
        var spec = Child(value, "spec");
        PodSpec(spec);
        SetMissing(spec, "enableServiceLinks", true);
        foreach (var container in Objects(spec["containers"]))
        {
            if (container["resources"]?["limits"] is JsonObject limits)
            {
                var requests = Child((JsonObject)container["resources"]!, "requests");
                foreach (var (name, limit) in limits)
                {
                    SetMissing(requests, name, JsonTree.Clone(limit));
                }
            }
        }
    }

    private static void PodSpec(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        SetMissingOrEmpty(spec, "restartPolicy", "Always");
        SetMissingOrEmpty(spec, "dnsPolicy", "ClusterFirst");
        SetMissing(spec, "terminationGracePeriodSeconds", 30L);
        SetMissing(spec, "securityContext", new JsonObject());
        SetMissingOrEmpty(spec, "schedulerName", "default-scheduler");
        if (JsonTree.Text(spec["serviceAccountName"]) is { Length: > 0 } account)
        {
            SetMissing(spec, "serviceAccount", account);
        }
        else if (JsonTree.Text(spec["serviceAccount"]) is { Length: > 0 } deprecated)
        {
            spec["serviceAccountName"] = deprecated;
        }

        foreach (var container in Objects(spec["containers"]).Concat(Objects(spec["initContainers"])))
        {
            Container(container);
        }

        foreach (var volume in Objects(spec["volumes"]))
        {
            Volume(volume);
        }
    }

    private static void Container(JsonObject container)
    {
        SetMissing(container, "resources", new JsonObject());
        SetMissingOrEmpty(container, "terminationMessagePath", "/dev/termination-log");
        SetMissingOrEmpty(container, "terminationMessagePolicy", "File");
        SetMissingOrEmpty(container, "imagePullPolicy", PullsAlways(Text(container, "image") ?? "") ? "Always" : "IfNotPresent");
        Protocols(container["ports"]);
        foreach (var probe in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            Probe(container[probe] as JsonObject);
        }

        foreach (var hook in new[] { "postStart", "preStop" })
        {
            HttpGet(JsonTree.Find(container, "lifecycle", hook, "httpGet") as JsonObject);
        }

        foreach (var variable in Objects(container["env"]))
        {
            SetMissingOrEmpty(JsonTree.Find(variable, "valueFrom", "fieldRef") as JsonObject, "apiVersion", "v1");
        }
    }

    /// <summary>An image without a tag or with <c>latest</c> is pulled each time.</summary>
    private static bool PullsAlways(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return false;
        }

        var tag = image.LastIndexOf(':') is var colon && colon > image.LastIndexOf('/') ? image[(colon + 1)..] : "latest";
        return tag is "latest";
    }

    private static void Probe(JsonObject? probe)
    {
        if (probe is null)
        {
            return;
        }

        SetMissing(probe, "timeoutSeconds", 1L);
        SetMissing(probe, "periodSeconds", 10L);
        SetMissing(probe, "successThreshold", 1L);
        SetMissing(probe, "failureThreshold", 3L);
        HttpGet(probe["httpGet"] as JsonObject);
        SetMissing(probe["grpc"] as JsonObject, "service", "");
    }

    private static void HttpGet(JsonObject? get)
    {
        SetMissingOrEmpty(get, "path", "/");
        SetMissingOrEmpty(get, "scheme", "HTTP");
    }

    private static void Volume(JsonObject volume)
    {
        if (volume.All(field => field.Key is "name"))
        {
            volume["emptyDir"] = new JsonObject();
        }

        foreach (var source in new[] { "secret", "configMap", "projected", "downwardAPI" })
        {
            SetMissing(volume[source] as JsonObject, "defaultMode", 420L);
        }

        SetMissing(volume["hostPath"] as JsonObject, "type", "");
        foreach (var item in Objects(JsonTree.Find(volume, "downwardAPI", "items")))
        {
            SetMissingOrEmpty(item["fieldRef"] as JsonObject, "apiVersion", "v1");
        }

        foreach (var source in Objects(JsonTree.Find(volume, "projected", "sources")))
        {
            SetMissing(source["serviceAccountToken"] as JsonObject, "expirationSeconds", 3600L);
            foreach (var item in Objects(JsonTree.Find(source, "downwardAPI", "items")))
            {
                SetMissingOrEmpty(item["fieldRef"] as JsonObject, "apiVersion", "v1");
            }
        }
    }

    private static void Protocols(JsonNode? ports)
    {
        foreach (var port in Objects(ports))
        {
            SetMissingOrEmpty(port, "protocol", "TCP");
        }
    }

    private static void Deployment(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        PodSpec(spec["template"]?["spec"] as JsonObject);
        SetMissing(spec, "replicas", 1L);
        var strategy = Child(spec, "strategy");
        SetMissingOrEmpty(strategy, "type", "RollingUpdate");
        if (Text(strategy, "type") is "RollingUpdate")
        {
            var rolling = Child(strategy, "rollingUpdate");
            SetMissing(rolling, "maxUnavailable", "25%");
            SetMissing(rolling, "maxSurge", "25%");
        }

        SetMissing(spec, "revisionHistoryLimit", 10L);
        SetMissing(spec, "progressDeadlineSeconds", 600L);
    }

    private static void Replicas(JsonObject value, JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        PodSpec(spec["template"]?["spec"] as JsonObject);
        SetMissing(spec, "replicas", 1L);
        if (JsonTree.Find(spec, "template", "metadata", "labels") is JsonObject { Count: > 0 } labels)
        {
            if (JsonTree.Find(value, "metadata", "labels") is not JsonObject { Count: > 0 })
            {
                Child(value, "metadata")["labels"] = JsonTree.Clone(labels);
            }

            if (Text(value, "kind") is "ReplicationController" && spec["selector"] is not JsonObject { Count: > 0 })
            {
                spec["selector"] = JsonTree.Clone(labels);
            }
        }
    }

    private static void StatefulSet(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        PodSpec(spec["template"]?["spec"] as JsonObject);
        SetMissingOrEmpty(spec, "podManagementPolicy", "OrderedReady");
        var strategy = Child(spec, "updateStrategy");
        SetMissingOrEmpty(strategy, "type", "RollingUpdate");
        if (Text(strategy, "type") is "RollingUpdate")
        {
            SetMissing(Child(strategy, "rollingUpdate"), "partition", 0L);
        }

        SetMissing(spec, "replicas", 1L);
        SetMissing(spec, "revisionHistoryLimit", 10L);
        var retention = Child(spec, "persistentVolumeClaimRetentionPolicy");
        SetMissingOrEmpty(retention, "whenDeleted", "Retain");
        SetMissingOrEmpty(retention, "whenScaled", "Retain");
        foreach (var claim in Objects(spec["volumeClaimTemplates"]))
        {
            SetMissing(claim["spec"] as JsonObject, "volumeMode", "Filesystem");
        }
    }

    private static void DaemonSet(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        PodSpec(spec["template"]?["spec"] as JsonObject);
        var strategy = Child(spec, "updateStrategy");
        SetMissingOrEmpty(strategy, "type", "RollingUpdate");
        if (Text(strategy, "type") is "RollingUpdate")
        {
            var rolling = Child(strategy, "rollingUpdate");
            SetMissing(rolling, "maxUnavailable", 1L);
            SetMissing(rolling, "maxSurge", 0L);
        }

        SetMissing(spec, "revisionHistoryLimit", 10L);
    }

    private static void Job(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        PodSpec(spec["template"]?["spec"] as JsonObject);
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1L;
        }

        SetMissing(spec, "parallelism", 1L);
        SetMissing(spec, "backoffLimit", 6L);
        SetMissing(spec, "completionMode", "NonIndexed");
        SetMissing(spec, "suspend", false);
        SetMissing(spec, "podReplacementPolicy", "TerminatingOrFailed");
    }

    private static void CronJob(JsonObject? spec)
    {
        SetMissingOrEmpty(spec, "concurrencyPolicy", "Allow");
        SetMissing(spec, "suspend", false);
        SetMissing(spec, "successfulJobsHistoryLimit", 3L);
        SetMissing(spec, "failedJobsHistoryLimit", 1L);
        PodSpec(JsonTree.Find(spec, "jobTemplate", "spec", "template", "spec") as JsonObject);
    }

    private static void EndpointSlice(JsonObject value)
    {
        foreach (var port in Objects(value["ports"]))
        {
            SetMissing(port, "name", "");
            SetMissing(port, "protocol", "TCP");
        }
    }

    private static void Binding(JsonObject value)
    {
        SetMissingOrEmpty(value["roleRef"] as JsonObject, "apiGroup", "rbac.authorization.k8s.io");
        foreach (var subject in Objects(value["subjects"]))
        {
            if (Text(subject, "kind") is "User" or "Group")
            {
                SetMissingOrEmpty(subject, "apiGroup", "rbac.authorization.k8s.io");
            }
        }
    }

    private static void Webhooks(JsonObject value, bool mutating)
    {
        foreach (var webhook in Objects(value["webhooks"]))
        {
            SetMissing(webhook, "failurePolicy", "Fail");
            SetMissing(webhook, "matchPolicy", "Equivalent");
            SetMissing(webhook, "namespaceSelector", new JsonObject());
            SetMissing(webhook, "objectSelector", new JsonObject());
            SetMissing(webhook, "timeoutSeconds", 10L);
            if (mutating)
            {
                SetMissing(webhook, "reinvocationPolicy", "Never");
            }

            SetMissing(JsonTree.Find(webhook, "clientConfig", "service") as JsonObject, "port", 443L);
            foreach (var rule in Objects(webhook["rules"]))
            {
                SetMissing(rule, "scope", "*");
            }
        }
    }

    private static void Autoscaler(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        SetMissing(spec, "minReplicas", 1L);
        if (spec["metrics"] is not JsonArray { Count: > 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = "cpu",
                    ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80L },
                },
            });
        }
    }

    private static void Definition(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        if (spec["names"] is JsonObject names && Text(names, "kind") is { } kind)
        {
            SetMissingOrEmpty(names, "singular", kind.ToLowerInvariant());
            SetMissingOrEmpty(names, "listKind", kind + "List");
        }

        SetMissing(Child(spec, "conversion"), "strategy", "None");
    }

    private static void NetworkPolicy(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        if (spec["policyTypes"] is not JsonArray { Count: > 0 })
        {
            var types = new JsonArray("Ingress");
            if (spec["egress"] is JsonArray { Count: > 0 })
            {
                types.Add((JsonNode?)"Egress");
            }

            spec["policyTypes"] = types;
        }

        foreach (var rule in Objects(spec["ingress"]).Concat(Objects(spec["egress"])))
        {
            Protocols(rule["ports"]);
        }
    }
}

/// <summary>The defaults that a custom resource's schema declares.</summary>
internal static class CustomDefaults
{
    internal static void Apply(TypeSchema schema, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject obj when schema.Kind == ValueKind.Structure:
                foreach (var field in schema.OrderedFields)
                {
                    if (!obj.ContainsKey(field.Name) && field.Type.Declared?["default"] is { } fallback)
                    {
                        obj[field.Name] = JsonTree.Clone(fallback);
                    }

                    if (obj[field.Name] is { } child)
                    {
                        Apply(field.Type, child);
                    }
                }

                break;
            case JsonObject obj when schema.Kind == ValueKind.Map:
                foreach (var (_, child) in obj)
                {
                    Apply(schema.Element!, child);
                }

                break;
            case JsonArray list when schema.Kind == ValueKind.List:
                foreach (var item in list)
                {
                    Apply(schema.Element!, item);
                }

                break;
            default:
                break;
        }
    }
}
