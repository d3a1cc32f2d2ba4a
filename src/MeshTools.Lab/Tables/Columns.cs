using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The columns of each kind's Table (k8s.io/kubernetes/pkg/printers/internalversion/printers.go).</summary>
internal static class Columns
{
    private const string NameDescription = "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
    private const string AgeDescription = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

    private static readonly Column Name = new("Name", (value, _) => Copy(value, "metadata", "name")) { Format = "name", Description = NameDescription };
    private static readonly Column Age = new("Age", (value, now) => Durations.Since(JsonTree.Find(value, "metadata", "creationTimestamp"), now)) { Description = AgeDescription };

    private static readonly Column Containers = Wide("Containers", (value, _) => Join(Template(value), "name")) with { Description = "Names of each container in the template." };
    private static readonly Column Images = Wide("Images", (value, _) => Join(Template(value), "image")) with { Description = "Images referenced by each container in the template." };
    private static readonly Column Selector = Wide("Selector", (value, _) => SelectorText(value["spec"]?["selector"] as JsonObject));

    private static readonly Dictionary<string, Column[]> ByKind = new(StringComparer.Ordinal)
    {
        ["configmaps"] =
        [
            Name,
            Text("Data", (value, _) => JsonValue.Create(Count(value["data"]) + Count(value["binaryData"]))) with
            {
                Description = "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
            },
            Age,
        ],
        ["secrets"] = [Name, Text("Type", (value, _) => Copy(value, "type")), Text("Data", (value, _) => JsonValue.Create(Count(value["data"]))), Age],
        ["namespaces"] = [Name, Text("Status", (value, _) => Copy(value, "status", "phase")), Age],
        ["serviceaccounts"] = [Name, Text("Secrets", (value, _) => JsonValue.Create(Count(value["secrets"]))), Age],
        ["services"] =
        [
            Name,
            Text("Type", (value, _) => Copy(value, "spec", "type")),
            Text("Cluster-IP", (value, _) => Copy(value, "spec", "clusterIP") ?? "<none>"),
            Text("External-IP", (value, _) => ExternalAddress(value)),
            Text("Port(s)", (value, _) => Ports(value)),
            Age,
            Wide("Selector", (value, _) => Labels(value["spec"]?["selector"] as JsonObject)),
        ],
        ["pods"] =
        [
            Name,
            Text("Ready", (value, _) => $"{PodStatuses(value).Count(status => Flag(status, "ready"))}/{Defaults.Objects(value["spec"]?["containers"]).Count()}"),
            Text("Status", (value, _) => PodPhase(value)),
            Text("Restarts", (value, _) => PodStatuses(value).Sum(status => JsonTree.Integer(status["restartCount"]) ?? 0).ToString(CultureInfo.InvariantCulture)),
            Age,
            Wide("IP", (value, _) => Copy(value, "status", "podIP") ?? "<none>"),
            Wide("Node", (value, _) => Copy(value, "spec", "nodeName") ?? "<none>"),
            Wide("Nominated Node", (value, _) => Copy(value, "status", "nominatedNodeName") ?? "<none>"),
            Wide("Readiness Gates", (_, _) => "<none>"),
        ],
        ["nodes"] =
        [
            Name,
            Text("Status", (value, _) => NodeStatus(value)),
            Text("Roles", (value, _) => Roles(value)),
            Age,
            Text("Version", (value, _) => Copy(value, "status", "nodeInfo", "kubeletVersion")),
            Wide("Internal-IP", (value, _) => Address(value, "InternalIP")),
            Wide("External-IP", (value, _) => Address(value, "ExternalIP")),
            Wide("OS-Image", (value, _) => Copy(value, "status", "nodeInfo", "osImage") ?? "<unknown>"),
            Wide("Kernel-Version", (value, _) => Copy(value, "status", "nodeInfo", "kernelVersion") ?? "<unknown>"),
            Wide("Container-Runtime", (value, _) => Copy(value, "status", "nodeInfo", "containerRuntimeVersion") ?? "<unknown>"),
        ],
        ["endpoints"] = [Name, Text("Endpoints", (value, _) => Endpoints(value)), Age],
        ["events"] =
        [
            Text("Last Seen", (value, now) => Durations.Since(value["lastTimestamp"] ?? value["deprecatedLastTimestamp"] ?? value["eventTime"] ?? value["metadata"]?["creationTimestamp"], now)),
            Text("Type", (value, _) => Copy(value, "type")),
            Text("Reason", (value, _) => Copy(value, "reason")),
            Text("Object", (value, _) => EventObject(value)),
            Wide("Subobject", (value, _) => Copy(value, "involvedObject", "fieldPath") ?? ""),
            Wide("Source", (value, _) => Copy(value, "source", "component") ?? ""),
            Text("Message", (value, _) => (JsonTree.Text(value["message"]) ?? JsonTree.Text(value["note"]) ?? "").Trim()),
            Wide("First Seen", (value, now) => Durations.Since(value["firstTimestamp"] ?? value["metadata"]?["creationTimestamp"], now)),
            Wide("Count", (value, _) => Copy(value, "count")),
            Wide("Name", (value, _) => Copy(value, "metadata", "name")),
        ],
        ["deployments.apps"] =
        [
            Name,
            Text("Ready", (value, _) => $"{Number(value, "status", "readyReplicas")}/{Number(value, "spec", "replicas")}") with { Description = "Number of the pod with ready state" },
            Text("Up-to-date", (value, _) => Number(value, "status", "updatedReplicas")) with { Description = "Total number of non-terminating pods targeted by this deployment that have the desired template spec." },
            Text("Available", (value, _) => Number(value, "status", "availableReplicas")) with { Description = "Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment." },
            Age,
            Containers,
            Images,
            Selector with { Description = "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels." },
        ],
        ["replicasets.apps"] =
        [
            Name,
            Whole("Desired", (value, _) => Number(value, "spec", "replicas")),
            Whole("Current", (value, _) => Number(value, "status", "replicas")),
            Whole("Ready", (value, _) => Number(value, "status", "readyReplicas")),
            Age,
            Containers,
            Images,
            Selector,
        ],
        ["statefulsets.apps"] =
        [
            Name,
            Text("Ready", (value, _) => $"{Number(value, "status", "readyReplicas")}/{Number(value, "spec", "replicas")}"),
            Age,
            Containers,
            Images,
        ],
        ["daemonsets.apps"] =
        [
            Name,
            Whole("Desired", (value, _) => Number(value, "status", "desiredNumberScheduled")),
            Whole("Current", (value, _) => Number(value, "status", "currentNumberScheduled")),
            Whole("Ready", (value, _) => Number(value, "status", "numberReady")),
            Whole("Up-to-date", (value, _) => Number(value, "status", "updatedNumberScheduled")),
            Whole("Available", (value, _) => Number(value, "status", "numberAvailable")),
            Text("Node Selector", (value, _) => Labels(JsonTree.Find(value, "spec", "template", "spec", "nodeSelector") as JsonObject)),
            Age,
            Containers,
            Images,
            Selector,
        ],
        ["jobs.batch"] =
        [
            Name,
            Text("Status", (value, _) => Condition(value, "Complete") ? "Complete" : Condition(value, "Failed") ? "Failed" : "Running"),
            Text("Completions", (value, _) => $"{Number(value, "status", "succeeded")}/{Number(value, "spec", "completions")}"),
            Text("Duration", (_, _) => ""),
            Age,
        ],
        ["clusterroles.rbac.authorization.k8s.io"] = [Name, CreatedAt],
        ["roles.rbac.authorization.k8s.io"] = [Name, CreatedAt],
        ["clusterrolebindings.rbac.authorization.k8s.io"] = BindingColumns(),
        ["rolebindings.rbac.authorization.k8s.io"] = BindingColumns(),
        ["customresourcedefinitions.apiextensions.k8s.io"] = [Name, CreatedAt],
        ["mutatingwebhookconfigurations.admissionregistration.k8s.io"] = [Name, Whole("Webhooks", (value, _) => JsonValue.Create(Count(value["webhooks"]))), Age],
        ["validatingwebhookconfigurations.admissionregistration.k8s.io"] = [Name, Whole("Webhooks", (value, _) => JsonValue.Create(Count(value["webhooks"]))), Age],
        ["horizontalpodautoscalers.autoscaling"] =
        [
            Name,
            Text("Reference", (value, _) => $"{JsonTree.FindText(value, "spec", "scaleTargetRef", "kind")}/{JsonTree.FindText(value, "spec", "scaleTargetRef", "name")}"),
            Text("Targets", (_, _) => "<unknown>"),
            Text("MinPods", (value, _) => Number(value, "spec", "minReplicas").ToString()),
            Text("MaxPods", (value, _) => Number(value, "spec", "maxReplicas")),
            Text("Replicas", (value, _) => Number(value, "status", "currentReplicas")),
            Age,
        ],
        ["poddisruptionbudgets.policy"] =
        [
            Name,
            Text("Min Available", (value, _) => Copy(value, "spec", "minAvailable")?.ToString() ?? "N/A"),
            Text("Max Unavailable", (value, _) => Copy(value, "spec", "maxUnavailable")?.ToString() ?? "N/A"),
            Whole("Allowed Disruptions", (value, _) => Number(value, "status", "disruptionsAllowed")),
            Age,
        ],
        ["endpointslices.discovery.k8s.io"] =
        [
            Name,
            Text("AddressType", (value, _) => Copy(value, "addressType")),
            Text("Ports", (value, _) => OrNone(string.Join(',', Defaults.Objects(value["ports"]).Select(port => port["port"]?.ToJsonString())))),
            Text("Endpoints", (value, _) => OrNone(string.Join(',', Defaults.Objects(value["endpoints"]).SelectMany(e => e["addresses"] as JsonArray ?? []).Select(JsonTree.Text)))),
            Age,
        ],
        ["leases.coordination.k8s.io"] = [Name, Text("Holder", (value, _) => Copy(value, "spec", "holderIdentity") ?? ""), Age],
        ["networkpolicies.networking.k8s.io"] = [Name, Text("Pod-Selector", (value, _) => SelectorText(value["spec"]?["podSelector"] as JsonObject)), Age],
        ["ingresses.networking.k8s.io"] =
        [
            Name,
            Text("Class", (value, _) => Copy(value, "spec", "ingressClassName") ?? "<none>"),
            Text("Hosts", (value, _) => string.Join(',', Defaults.Objects(value["spec"]?["rules"]).Select(rule => JsonTree.Text(rule["host"]) ?? "*")) is { Length: > 0 } hosts ? hosts : "*"),
            Text("Address", (value, _) => LoadBalancerAddresses(value) ?? ""),
            Text("Ports", (value, _) => Count(value["spec"]?["tls"]) > 0 ? "80, 443" : "80"),
            Age,
        ],
        ["persistentvolumeclaims"] =
        [
            Name,
            Text("Status", (value, _) => Copy(value, "status", "phase")),
            Text("Volume", (value, _) => Copy(value, "spec", "volumeName") ?? ""),
            Text("Capacity", (value, _) => Copy(value, "status", "capacity", "storage") ?? ""),
            Text("Access Modes", (_, _) => ""),
            Text("StorageClass", (value, _) => Copy(value, "spec", "storageClassName") ?? ""),
            Age,
        ],
        ["replicationcontrollers"] =
        [
            Name,
            Whole("Desired", (value, _) => Number(value, "spec", "replicas")),
            Whole("Current", (value, _) => Number(value, "status", "replicas")),
            Whole("Ready", (value, _) => Number(value, "status", "readyReplicas")),
            Age,
        ],
    };

    private static readonly Column[] Plain = [Name, Age];

    private static Column CreatedAt => new("Created At", (value, _) => Copy(value, "metadata", "creationTimestamp")) { Type = "date", Description = AgeDescription };

    internal static IReadOnlyList<Column> Of(ServedResource resource)
    {
        if (resource.Custom is { } custom)
        {
            return custom.Columns.Count == 0
                ? [Name, Age]
                : [Name, .. custom.Columns.Select(Custom)];
        }

        return ByKind.GetValueOrDefault(resource.Group is "events.k8s.io" ? "events" : resource.QualifiedPlural) ?? Plain;
    }

    private static Column Custom(PrinterColumn column) => new(column.Name, (value, now) =>
    {
        var cell = JsonPath.Find(value, column.JsonPath);
        return column.Type is "date" ? cell is null ? null : Durations.Since(cell, now) : JsonTree.Clone(cell);
    })
    {
        Type = column.Type is "date" ? "date" : column.Type,
        Format = column.Format,
        Description = column.Description,
        Priority = column.Priority,
    };

    private static Column[] BindingColumns() =>
    [
        Name,
        Text("Role", (value, _) => $"{JsonTree.FindText(value, "roleRef", "kind")}/{JsonTree.FindText(value, "roleRef", "name")}"),
        Age,
        Wide("Users", (value, _) => Subjects(value, "User")),
        Wide("Groups", (value, _) => Subjects(value, "Group")),
        Wide("ServiceAccounts", (value, _) => Subjects(value, "ServiceAccount")),
    ];

    private static Column Text(string name, Func<JsonObject, DateTimeOffset, JsonNode?> cell) => new(name, cell);

    private static Column Whole(string name, Func<JsonObject, DateTimeOffset, JsonNode?> cell) => new(name, cell) { Type = "integer" };

    private static Column Wide(string name, Func<JsonObject, DateTimeOffset, JsonNode?> cell) => new(name, cell) { Priority = 1 };

    private static JsonNode? Copy(JsonObject value, params string[] path) => JsonTree.Clone(JsonTree.Find(value, path));

    private static long Count(JsonNode? node) => node switch { JsonObject map => map.Count, JsonArray list => list.Count, _ => 0 };

    private static JsonValue Number(JsonObject value, params string[] path) => JsonValue.Create(JsonTree.Integer(JsonTree.Find(value, path)) ?? 0);

    private static bool Flag(JsonObject value, string name) => value[name] is JsonValue flag && flag.TryGetValue<bool>(out var set) && set;

    private static string OrNone(string text) => text.Length == 0 ? "<unset>" : text;

    private static IEnumerable<JsonObject> Template(JsonObject value) => Defaults.Objects(JsonTree.Find(value, "spec", "template", "spec", "containers"));

    private static string Join(IEnumerable<JsonObject> items, string field) => string.Join(',', items.Select(item => JsonTree.Text(item[field])));

    private static string Labels(JsonObject? labels) =>
        labels is not { Count: > 0 } ? "<none>" : string.Join(',', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => label.Key + "=" + JsonTree.Text(label.Value)));

    private static string SelectorText(JsonObject? selector)
    {
        var parts = (selector?["matchLabels"] as JsonObject ?? []).OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => label.Key + "=" + JsonTree.Text(label.Value)).ToList();
        foreach (var expression in Defaults.Objects(selector?["matchExpressions"]))
        {
            var key = JsonTree.Text(expression["key"]);
            var values = string.Join(',', (expression["values"] as JsonArray)?.Select(JsonTree.Text) ?? []);
            parts.Add(JsonTree.Text(expression["operator"]) switch
            {
                "In" => $"{key} in ({values})",
                "NotIn" => $"{key} notin ({values})",
                "Exists" => key!,
                _ => "!" + key,
            });
        }

        return parts.Count == 0 ? "<none>" : string.Join(',', parts);
    }

    private static string? LoadBalancerAddresses(JsonObject value)
    {
        var addresses = Defaults.Objects(JsonTree.Find(value, "status", "loadBalancer", "ingress")).Select(i => JsonTree.Text(i["ip"]) ?? JsonTree.Text(i["hostname"])).ToArray();
        return addresses.Length == 0 ? null : string.Join(',', addresses);
    }

    private static string ExternalAddress(JsonObject value)
    {
        var external = (JsonTree.Find(value, "spec", "externalIPs") as JsonArray)?.Select(JsonTree.Text).ToArray() ?? [];
        return JsonTree.FindText(value, "spec", "type") switch
        {
            "LoadBalancer" => LoadBalancerAddresses(value) ?? (external.Length > 0 ? string.Join(',', external) : "<pending>"),
            "ExternalName" => JsonTree.FindText(value, "spec", "externalName") ?? "<none>",
            _ => external.Length > 0 ? string.Join(',', external) : "<none>",
        };
    }

    private static string Ports(JsonObject value)
    {
        var ports = Defaults.Objects(value["spec"]?["ports"]).Select(port =>
        {
            var node = JsonTree.Integer(port["nodePort"]) is { } number and > 0 ? ":" + number.ToString(CultureInfo.InvariantCulture) : "";
            return port["port"]?.ToJsonString() + node + "/" + JsonTree.Text(port["protocol"]);
        }).ToArray();
        return ports.Length == 0 ? "<none>" : string.Join(',', ports);
    }

    private static IEnumerable<JsonObject> PodStatuses(JsonObject value) => Defaults.Objects(value["status"]?["containerStatuses"]);

    private static string PodPhase(JsonObject value)
    {
        if (JsonTree.Find(value, "metadata", "deletionTimestamp") is not null)
        {
            return "Terminating";
        }

        var waiting = PodStatuses(value).Select(status => JsonTree.FindText(status, "state", "waiting", "reason") ?? JsonTree.FindText(status, "state", "terminated", "reason"))
            .FirstOrDefault(reason => reason is not null);
        return waiting ?? JsonTree.FindText(value, "status", "reason") ?? JsonTree.FindText(value, "status", "phase") ?? "Unknown";
    }

    private static string NodeStatus(JsonObject value)
    {
        var ready = Condition(value, "Ready") ? "Ready" : "NotReady";
        return JsonTree.Find(value, "spec", "unschedulable") is JsonValue flag && flag.TryGetValue<bool>(out var cordoned) && cordoned ? ready + ",SchedulingDisabled" : ready;
    }

    private static bool Condition(JsonObject value, string type) => Defaults.Objects(value["status"]?["conditions"])
        .Any(condition => string.Equals(JsonTree.Text(condition["type"]), type, StringComparison.Ordinal) && JsonTree.Text(condition["status"]) is "True");

    private static string Roles(JsonObject value)
    {
        const string Prefix = "node-role.kubernetes.io/";
        var roles = (JsonTree.Find(value, "metadata", "labels") as JsonObject ?? []).Where(label => label.Key.StartsWith(Prefix, StringComparison.Ordinal)).Select(label => label.Key[Prefix.Length..]).ToArray();
        return roles.Length == 0 ? "<none>" : string.Join(',', roles);
    }

    private static string Address(JsonObject value, string type) => Defaults.Objects(value["status"]?["addresses"])
        .Where(address => string.Equals(JsonTree.Text(address["type"]), type, StringComparison.Ordinal)).Select(address => JsonTree.Text(address["address"])).FirstOrDefault() ?? "<none>";

    private static string Endpoints(JsonObject value)
    {
        var all = new List<string>();
        foreach (var subset in Defaults.Objects(value["subsets"]))
        {
            foreach (var port in Defaults.Objects(subset["ports"]))
            {
                all.AddRange(Defaults.Objects(subset["addresses"]).Select(address => JsonTree.Text(address["ip"]) + ":" + port["port"]?.ToJsonString()));
            }
        }

        return all.Count == 0 ? "<none>" : all.Count > 3 ? string.Join(',', all.Take(3)) + string.Create(CultureInfo.InvariantCulture, $" + {all.Count - 3} more...") : string.Join(',', all);
    }

    private static string EventObject(JsonObject value)
    {
        var target = value["involvedObject"] as JsonObject ?? value["regarding"] as JsonObject;
        return (JsonTree.Text(target?["kind"]) ?? "").ToLowerInvariant() + "/" + JsonTree.Text(target?["name"]);
    }

    private static string Subjects(JsonObject value, string kind) => string.Join(", ", Defaults.Objects(value["subjects"])
        .Where(subject => string.Equals(JsonTree.Text(subject["kind"]), kind, StringComparison.Ordinal))
        .Select(subject => kind is "ServiceAccount" ? JsonTree.Text(subject["namespace"]) + "/" + JsonTree.Text(subject["name"]) : JsonTree.Text(subject["name"])));
}
