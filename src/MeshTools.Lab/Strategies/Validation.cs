using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What objects must be like (the part of k8s.io/kubernetes/pkg/apis/*/validation that clients run into).</summary>
internal static class Validation
{
    internal static void Create(ServedResource resource, JsonObject value)
    {
        var faults = new FieldFaults();
        Meta(resource, value, faults);
        Content(resource, value, faults);
        faults.ThrowIfAny(resource, JsonTree.FindText(value, "metadata", "name") ?? "");
    }

    internal static void Update(ServedResource resource, JsonObject before, JsonObject value)
    {
        var faults = new FieldFaults();
        Meta(resource, value, faults);
        Content(resource, value, faults);
        Immutable(resource, before, value, faults);
        faults.ThrowIfAny(resource, JsonTree.FindText(value, "metadata", "name") ?? "");
    }

    private static void Meta(ServedResource resource, JsonObject value, FieldFaults faults)
    {
        var metadata = Metadata.Of(value);
        var name = JsonTree.Text(metadata["name"]) ?? "";
        if (JsonTree.Text(metadata["generateName"]) is { Length: > 0 } prefix)
        {
            // What a generated name starts with may end in a dash, as a letter always follows.
            var probe = prefix.TrimEnd('-') is { Length: > 0 } stem ? stem : prefix;
            if (NameFault(resource, probe) is { } prefixFault)
            {
                faults.Invalid("metadata.generateName", prefix, prefixFault);
            }
        }

        if (NameFault(resource, name) is { } fault)
        {
            faults.Invalid("metadata.name", name, fault);
        }

        Labels(metadata["labels"] as JsonObject, "metadata.labels", faults);
        foreach (var (key, _) in metadata["annotations"] as JsonObject ?? [])
        {
            if (Names.QualifiedNameFault(key.ToLowerInvariant()) is { } keyFault)
            {
                faults.Invalid("metadata.annotations", key, keyFault);
            }
        }

        foreach (var finalizer in (metadata["finalizers"] as JsonArray)?.Select(JsonTree.Text).OfType<string>() ?? [])
        {
            if (Names.QualifiedNameFault(finalizer) is { } finalizerFault)
            {
                faults.Invalid("metadata.finalizers", finalizer, finalizerFault);
            }
        }

        var index = 0;
        foreach (var owner in Defaults.Objects(metadata["ownerReferences"]))
        {
            foreach (var field in new[] { "apiVersion", "kind", "name", "uid" })
            {
                if (string.IsNullOrEmpty(JsonTree.Text(owner[field])))
                {
                    faults.Invalid(string.Create(CultureInfo.InvariantCulture, $"metadata.ownerReferences[{index}].{field}"), "", "must not be empty");
                }
            }

            index++;
        }
    }

    private static string? NameFault(ServedResource resource, string name) => resource.QualifiedKind switch
    {
        "Namespace" => Names.LabelFault(name),
        "Service" => Names.Rfc1035Fault(name),
        _ when resource.Group is "rbac.authorization.k8s.io" => Names.PathSegmentFault(name),
        _ => Names.SubdomainFault(name),
    };

    private static void Labels(JsonObject? labels, string field, FieldFaults faults)
    {
        foreach (var (key, label) in labels ?? [])
        {
            if (Names.QualifiedNameFault(key) is { } keyFault)
            {
                faults.Invalid(field, key, keyFault);
            }

            if (Names.LabelValueFault(JsonTree.Text(label) ?? "") is { } valueFault)
            {
                faults.Invalid(field, label, valueFault);
            }
        }
    }

    private static void Content(ServedResource resource, JsonObject value, FieldFaults faults)
    {
        var spec = value["spec"] as JsonObject;
        switch (resource.QualifiedKind)
        {
            case "ConfigMap":
                DataKeys(value, "data", faults);
                DataKeys(value, "binaryData", faults);
                break;
            case "Secret":
                Secret(value, faults);
                break;
            case "Service":
                Service(spec ?? [], faults);
                break;
            case "Pod":
                PodSpec(spec ?? [], "spec", faults);
                break;
            case "Deployment.apps" or "ReplicaSet.apps" or "StatefulSet.apps" or "DaemonSet.apps":
                Workload(spec ?? [], faults);
                break;
            case "Job.batch":
                PodSpec(spec?["template"]?["spec"] as JsonObject ?? [], "spec.template.spec", faults);
                break;
            case "Role.rbac.authorization.k8s.io" or "ClusterRole.rbac.authorization.k8s.io":
                Rules(value, resource.Namespaced, faults);
                break;
            case "RoleBinding.rbac.authorization.k8s.io" or "ClusterRoleBinding.rbac.authorization.k8s.io":
                Binding(value, resource.Namespaced, faults);
                break;
            case "CustomResourceDefinition.apiextensions.k8s.io":
                Definition(value, spec ?? [], faults);
                break;
            default:
                if (resource.IsCustom)
                {
                    CustomValidation.Check(resource.Schema, value, faults);
                }

                break;
        }
    }

    private static void DataKeys(JsonObject value, string field, FieldFaults faults)
    {
        foreach (var (key, _) in value[field] as JsonObject ?? [])
        {
            if (Names.DataKeyFault(key) is { } fault)
            {
                faults.Invalid($"{field}[{key}]", key, fault);
            }
        }
    }

    private static void Secret(JsonObject value, FieldFaults faults)
    {
        DataKeys(value, "data", faults);
        var data = value["data"] as JsonObject;
        switch (JsonTree.Text(value["type"]))
        {
            case "kubernetes.io/service-account-token":
                if (string.IsNullOrEmpty(JsonTree.FindText(value, "metadata", "annotations", "kubernetes.io/service-account.name")))
                {
                    faults.Required("metadata.annotations[kubernetes.io/service-account.name]");
                }

                break;
            case "kubernetes.io/tls":
                foreach (var key in new[] { "tls.crt", "tls.key" })
                {
                    if (data?.ContainsKey(key) != true)
                    {
                        faults.Required($"data[{key}]");
                    }
                }

                break;
            case "kubernetes.io/dockerconfigjson":
                if (data?.ContainsKey(".dockerconfigjson") != true)
                {
                    faults.Required("data[.dockerconfigjson]");
                }

                break;
            case "kubernetes.io/basic-auth":
                if (data?.ContainsKey("username") != true && data?.ContainsKey("password") != true)
                {
                    faults.Required("data[username]");
                    faults.Required("data[password]");
                }

                break;
            case "kubernetes.io/ssh-auth":
                if (data?.ContainsKey("ssh-privatekey") != true)
                {
                    faults.Required("data[ssh-privatekey]");
                }

                break;
            default:
                break;
        }
    }

    private static void Service(JsonObject spec, FieldFaults faults)
    {
        var type = JsonTree.Text(spec["type"]) ?? "";
        var ports = Defaults.Objects(spec["ports"]).ToArray();
        if (type is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
        {
            faults.NotSupported("spec.type", type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
        }

        if (ports.Length == 0 && type is not "ExternalName" && JsonTree.Text(spec["clusterIP"]) is not "None")
        {
            faults.Required("spec.ports");
        }

        if (type is "ExternalName" && string.IsNullOrEmpty(JsonTree.Text(spec["externalName"])))
        {
            faults.Invalid("spec.externalName", "", "must be a non-empty string");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<(long, string)>();
        for (var i = 0; i < ports.Length; i++)
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"spec.ports[{i}]");
            var name = JsonTree.Text(ports[i]["name"]) ?? "";
            if (name.Length == 0)
            {
                if (ports.Length > 1)
                {
                    faults.Required(field + ".name");
                }
            }
            else if (Names.LabelFault(name) is { } fault)
            {
                faults.Invalid(field + ".name", name, fault);
            }
            else if (!names.Add(name))
            {
                faults.Duplicate(field + ".name", name);
            }

            var number = JsonTree.Integer(ports[i]["port"]) ?? 0;
            if (number is < 1 or > 65535)
            {
                faults.Invalid(field + ".port", JsonValue.Create(number), "must be between 1 and 65535, inclusive");
            }

            var protocol = JsonTree.Text(ports[i]["protocol"]) ?? "";
            if (protocol is not ("TCP" or "UDP" or "SCTP"))
            {
                faults.NotSupported(field + ".protocol", protocol, ["SCTP", "TCP", "UDP"]);
            }

            if (JsonTree.Integer(ports[i]["targetPort"]) is { } target and (< 1 or > 65535))
            {
                faults.Invalid(field + ".targetPort", JsonValue.Create(target), "must be between 1 and 65535, inclusive");
            }

            if (!numbers.Add((number, protocol)))
            {
                faults.Duplicate(field, new JsonObject { ["protocol"] = protocol, ["port"] = number });
            }
        }
    }

    private static void PodSpec(JsonObject spec, string field, FieldFaults faults)
    {
        var containers = Defaults.Objects(spec["containers"]).ToArray();
        if (containers.Length == 0)
        {
            faults.Required(field + ".containers");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < containers.Length; i++)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{field}.containers[{i}]");
            var name = JsonTree.Text(containers[i]["name"]) ?? "";
            if (name.Length == 0)
            {
                faults.Required(place + ".name");
            }
            else if (Names.LabelFault(name) is { } fault)
            {
                faults.Invalid(place + ".name", name, fault);
            }
            else if (!names.Add(name))
            {
                faults.Duplicate(place + ".name", name);
            }

            if (string.IsNullOrEmpty(JsonTree.Text(containers[i]["image"])))
            {
                faults.Required(place + ".image");
            }

            var ports = Defaults.Objects(containers[i]["ports"]).ToArray();
            for (var p = 0; p < ports.Length; p++)
            {
                if (JsonTree.Integer(ports[p]["containerPort"]) is not (>= 1 and <= 65535))
                {
                    faults.Invalid(
                        string.Create(CultureInfo.InvariantCulture, $"{place}.ports[{p}].containerPort"),
                        JsonTree.Clone(ports[p]["containerPort"]),
                        "must be between 1 and 65535, inclusive");
                }
            }
        }
    }

    private static void Workload(JsonObject spec, FieldFaults faults)
    {
        if (JsonTree.Integer(spec["replicas"]) is { } replicas and < 0)
        {
            faults.Invalid("spec.replicas", JsonValue.Create(replicas), "must be greater than or equal to 0");
        }

        var labels = JsonTree.Find(spec, "template", "metadata", "labels") as JsonObject;
        if (spec["selector"] is not JsonObject selector)
        {
            faults.Required("spec.selector");
            faults.Invalid("spec.template.metadata.labels", JsonTree.Clone(labels), "`selector` does not match template `labels`");
        }
        else if (selector.Count == 0 || (selector["matchLabels"] is not JsonObject { Count: > 0 } && selector["matchExpressions"] is not JsonArray { Count: > 0 }))
        {
            faults.Invalid("spec.selector", JsonTree.Clone(selector), "empty selector is invalid for deployment");
        }
        else if (!LabelSelector.FromObject(selector).Matches(labels))
        {
            faults.Invalid("spec.template.metadata.labels", JsonTree.Clone(labels) ?? new JsonObject(), "`selector` does not match template `labels`");
        }

        Labels(labels, "spec.template.labels", faults);
        PodSpec(spec["template"]?["spec"] as JsonObject ?? [], "spec.template.spec", faults);
        if (JsonTree.FindText(spec, "template", "spec", "restartPolicy") is { } policy and not "Always")
        {
            faults.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]);
        }
    }

    private static void Rules(JsonObject value, bool namespaced, FieldFaults faults)
    {
        var index = 0;
        foreach (var rule in Defaults.Objects(value["rules"]))
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"rules[{index++}]");
            if (rule["verbs"] is not JsonArray { Count: > 0 })
            {
                faults.Required(field + ".verbs", "verbs must contain at least one value");
            }

            if (rule["nonResourceURLs"] is JsonArray { Count: > 0 })
            {
                if (namespaced)
                {
                    faults.Invalid(field + ".nonResourceURLs", JsonTree.Clone(rule["nonResourceURLs"]), "namespaced rules cannot apply to non-resource URLs");
                }

                continue;
            }

            if (rule["apiGroups"] is not JsonArray { Count: > 0 })
            {
                faults.Required(field + ".apiGroups", "resource rules must supply at least one api group");
            }

            if (rule["resources"] is not JsonArray { Count: > 0 })
            {
                faults.Required(field + ".resources", "resource rules must supply at least one resource");
            }
        }
    }

    private static void Binding(JsonObject value, bool namespaced, FieldFaults faults)
    {
        var kind = JsonTree.FindText(value, "roleRef", "kind") ?? "";
        string[] kinds = namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
        if (!kinds.Contains(kind, StringComparer.Ordinal))
        {
            faults.NotSupported("roleRef.kind", kind, kinds);
        }

        if (string.IsNullOrEmpty(JsonTree.FindText(value, "roleRef", "name")))
        {
            faults.Required("roleRef.name");
        }

        var index = 0;
        foreach (var subject in Defaults.Objects(value["subjects"]))
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"subjects[{index++}]");
            if (string.IsNullOrEmpty(JsonTree.Text(subject["name"])))
            {
                faults.Required(field + ".name");
            }

            switch (JsonTree.Text(subject["kind"]))
            {
                case "ServiceAccount":
                    if (!namespaced && string.IsNullOrEmpty(JsonTree.Text(subject["namespace"])))
                    {
                        faults.Required(field + ".namespace");
                    }

                    break;
                case "User" or "Group":
                    break;
                case var other:
                    faults.NotSupported(field + ".kind", other ?? "", ["ServiceAccount", "User", "Group"]);
                    break;
            }
        }
    }

    private static void Definition(JsonObject value, JsonObject spec, FieldFaults faults)
    {
        var name = JsonTree.FindText(value, "metadata", "name");
        var plural = JsonTree.FindText(spec, "names", "plural") ?? "";
        var group = JsonTree.Text(spec["group"]) ?? "";
        if (group.Length == 0)
        {
            faults.Required("spec.group");
        }

        if (!string.Equals(name, plural + "." + group, StringComparison.Ordinal))
        {
            faults.Invalid("metadata.name", name ?? "", $"must be spec.names.plural+\".\"+spec.group");
        }

        if (JsonTree.Text(spec["scope"]) is not ("Namespaced" or "Cluster"))
        {
            faults.NotSupported("spec.scope", JsonTree.Text(spec["scope"]) ?? "", ["Cluster", "Namespaced"]);
        }

        foreach (var field in new[] { "plural", "kind" })
        {
            if (string.IsNullOrEmpty(JsonTree.FindText(spec, "names", field)))
            {
                faults.Required("spec.names." + field);
            }
        }

        var versions = Defaults.Objects(spec["versions"]).ToArray();
        var stored = versions.Count(version => version["storage"]?.GetValue<bool>() == true);
        if (stored != 1)
        {
            faults.Invalid("spec.versions", JsonTree.Clone(spec["versions"]), "must have exactly one version marked as storage version");
        }

        for (var i = 0; i < versions.Length; i++)
        {
            if (versions[i]["schema"]?["openAPIV3Schema"] is not JsonObject)
            {
                faults.Required(string.Create(CultureInfo.InvariantCulture, $"spec.versions[{i}].schema.openAPIV3Schema"), "schemas are required");
            }
        }
    }

    private static void Immutable(ServedResource resource, JsonObject before, JsonObject value, FieldFaults faults)
    {
        switch (resource.QualifiedKind)
        {
            case "Deployment.apps" or "ReplicaSet.apps" or "DaemonSet.apps":
                Same(before, value, faults, "spec", "selector");
                break;
            case "StatefulSet.apps":
                StatefulSet(before, value, faults);
                break;
            case "Job.batch":
                Same(before, value, faults, "spec", "selector");
                Same(before, value, faults, "spec", "completions");
                Same(before, value, faults, "spec", "template");
                break;
            case "Secret":
                Same(before, value, faults, "type");
                Frozen(before, value, faults, "data");
                break;
            case "ConfigMap":
                Frozen(before, value, faults, "data", "binaryData");
                break;
            case "RoleBinding.rbac.authorization.k8s.io" or "ClusterRoleBinding.rbac.authorization.k8s.io":
                if (!JsonTree.AreEqual(before["roleRef"], value["roleRef"]))
                {
                    var given = value["roleRef"];
                    faults.Invalid(
                        "roleRef",
                        new JsonObject { ["APIGroup"] = JsonTree.Clone(given?["apiGroup"]), ["Kind"] = JsonTree.Clone(given?["kind"]), ["Name"] = JsonTree.Clone(given?["name"]) },
                        "cannot change roleRef");
                }

                break;
            case "Service":
                if (JsonTree.FindText(before, "spec", "type") is not "ExternalName" && JsonTree.FindText(value, "spec", "type") is not "ExternalName"
                    && !string.Equals(JsonTree.FindText(before, "spec", "clusterIP"), JsonTree.FindText(value, "spec", "clusterIP"), StringComparison.Ordinal))
                {
                    faults.Invalid("spec.clusterIPs[0]", new JsonArray(JsonTree.Clone(value["spec"]?["clusterIP"])), "may not change once set");
                }

                break;
            case "CustomResourceDefinition.apiextensions.k8s.io":
                Same(before, value, faults, "spec", "scope");
                break;
            case "Pod":
                Pod(before, value, faults);
                break;
            default:
                break;
        }
    }

    private static void StatefulSet(JsonObject before, JsonObject value, FieldFaults faults)
    {
        string[] mutable = ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];
        var a = JsonTree.Clone(before["spec"]) as JsonObject ?? [];
        var b = JsonTree.Clone(value["spec"]) as JsonObject ?? [];
        foreach (var field in mutable)
        {
            a.Remove(field);
            b.Remove(field);
        }

        if (!JsonTree.AreEqual(a, b))
        {
            faults.Forbidden(
                "spec",
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
                + "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    private static void Pod(JsonObject before, JsonObject value, FieldFaults faults)
    {
        static JsonObject Fixed(JsonObject pod)
        {
            var spec = JsonTree.Clone(pod["spec"]) as JsonObject ?? [];
            spec.Remove("activeDeadlineSeconds");
            spec.Remove("tolerations");
            spec.Remove("terminationGracePeriodSeconds");
            spec.Remove("nodeName");
            foreach (var container in Defaults.Objects(spec["containers"]).Concat(Defaults.Objects(spec["initContainers"])))
            {
                container.Remove("image");
                container.Remove("resources");
            }

            return spec;
        }

        if (!JsonTree.AreEqual(Fixed(before), Fixed(value)))
        {
            faults.Forbidden(
                "spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                + "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)");
        }
    }

    private static void Same(JsonObject before, JsonObject value, FieldFaults faults, params string[] path)
    {
        var now = JsonTree.Find(value, path);
        if (!JsonTree.AreEqual(JsonTree.Find(before, path), now))
        {
            faults.Invalid(string.Join('.', path), JsonTree.Clone(now), "field is immutable");
        }
    }

    private static void Frozen(JsonObject before, JsonObject value, FieldFaults faults, params string[] fields)
    {
        if (before["immutable"] is not JsonValue flag || !flag.TryGetValue<bool>(out var frozen) || !frozen)
        {
            return;
        }

        if (value["immutable"] is not JsonValue still || !still.TryGetValue<bool>(out var stays) || !stays)
        {
            faults.Forbidden("immutable", "field is immutable when `immutable` is set");
        }

        foreach (var field in fields.Where(field => !JsonTree.AreEqual(before[field], value[field])))
        {
            faults.Forbidden(field, "field is immutable when `immutable` is set");
        }
    }
}
