using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Endpoints and one EndpointSlice for each Service with a selector (k8s pkg/controller/endpoint, endpointslice). The slice is owned by
/// the Service; the Endpoints object has its name.
/// </summary>
internal sealed class EndpointsController(ObjectStore store) : IController
{
    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        var key = change.Object.Key;
        if (key is { Group: "", Plural: "services" })
        {
            yield return key;
        }
        else if (key is { Group: "", Plural: "pods" })
        {
            foreach (var service in store.List("", "services", key.Namespace).Items)
            {
                if (Selects(service, change.Object) || (change.Previous is { } previous && Selects(service, previous)))
                {
                    yield return service.Key;
                }
            }
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        var endpoints = new ResourceKey("", "endpoints", key.Namespace, key.Name);
        if (store.Find(key) is not { IsTerminating: false } service)
        {
            Namespaces.DeleteIfPresent(store, endpoints);
            Namespaces.DeleteIfPresent(store, SliceKey(key));
            return ValueTask.FromResult<TimeSpan?>(null);
        }

        if (service.Json.At("spec", "selector") is JsonObject { Count: > 0 })
        {
            var pods = store.List("", "pods", key.Namespace).Items
                .Where(pod => PodTemplates.IsActive(pod) && pod.Json.Text("status", "podIP") is not null && Selects(service, pod))
                .ToList();
            Put(endpoints, Endpoints(service, pods));
            Put(SliceKey(key), Slice(service, pods));
        }

        return ValueTask.FromResult<TimeSpan?>(null);
    }

    // One slice per service is enough below a thousand endpoints, so its name can be a fixed one.
    private static ResourceKey SliceKey(ResourceKey service) =>
        new("discovery.k8s.io", "endpointslices", service.Namespace, $"{service.Name}-{PodTemplates.Hash(JsonValue.Create(service.Name))[..5]}");

    private static bool Selects(StoredObject service, StoredObject pod) =>
        service.Json.At("spec", "selector") is JsonObject { Count: > 0 } selector && Fields.MatchesAll(selector, pod.Json.At("metadata", "labels"));

    private static JsonObject Target(StoredObject pod) => new()
    {
        ["kind"] = "Pod",
        ["namespace"] = pod.Key.Namespace,
        ["name"] = pod.Key.Name,
        ["uid"] = pod.Uid,
    };

    /// <summary>Ports as numbers; a named target port is looked up in the first pod that has it.</summary>
    private static JsonArray Ports(StoredObject service, List<StoredObject> pods)
    {
        var ports = new JsonArray();
        foreach (var port in service.Json.Objects("spec", "ports"))
        {
            var item = new JsonObject();
            if (port.Text("name") is { Length: > 0 } name)
            {
                item["name"] = name;
            }

            item["port"] = TargetPort(port, pods);
            item["protocol"] = port.Text("protocol") ?? "TCP";
            if (port.Text("appProtocol") is { } protocol)
            {
                item["appProtocol"] = protocol;
            }

            ports.Add((JsonNode)item);
        }

        return ports;
    }

    internal static long TargetPort(JsonObject port, List<StoredObject> pods)
    {
        var fallback = port.Number(0, "port");
        if (port.Text("targetPort") is not { } name)
        {
            var number = port.Number(0, "targetPort");
            return number == 0 ? fallback : number;
        }

        return pods
            .SelectMany(pod => pod.Json.Objects("spec", "containers"))
            .SelectMany(container => container.Objects("ports"))
            .Where(candidate => string.Equals(candidate.Text("name"), name, StringComparison.Ordinal))
            .Select(candidate => candidate.Number(fallback, "containerPort"))
            .FirstOrDefault(fallback);
    }

    private static JsonObject Labels(StoredObject service) => (JsonObject?)service.Json.At("metadata", "labels")?.DeepClone() ?? [];

    private static JsonObject Endpoints(StoredObject service, List<StoredObject> pods)
    {
        var subsets = new JsonArray();
        if (pods.Count > 0)
        {
            var subset = new JsonObject();
            AddAddresses(subset, "addresses", pods.Where(PodTemplates.IsReady));
            AddAddresses(subset, "notReadyAddresses", pods.Where(pod => !PodTemplates.IsReady(pod)));
            subset["ports"] = Ports(service, pods);
            subsets.Add((JsonNode)subset);
        }

        var labels = Labels(service);
        labels["endpoints.kubernetes.io/managed-by"] = "endpoint-controller";
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Endpoints",
            ["metadata"] = new JsonObject { ["labels"] = labels },
            ["subsets"] = subsets,
        };
    }

    private static void AddAddresses(JsonObject subset, string name, IEnumerable<StoredObject> pods)
    {
        var addresses = new JsonArray();
        foreach (var pod in pods)
        {
            addresses.Add((JsonNode)new JsonObject
            {
                ["ip"] = pod.Json.Text("status", "podIP"),
                ["nodeName"] = pod.Json.Text("spec", "nodeName"),
                ["targetRef"] = Target(pod),
            });
        }

        if (addresses.Count > 0)
        {
            subset[name] = addresses;
        }
    }

    private static JsonObject Slice(StoredObject service, List<StoredObject> pods)
    {
        var labels = Labels(service);
        labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io";
        labels["kubernetes.io/service-name"] = service.Key.Name;
        var endpoints = new JsonArray();
        foreach (var pod in pods)
        {
            var ready = PodTemplates.IsReady(pod);
            endpoints.Add((JsonNode)new JsonObject
            {
                ["addresses"] = new JsonArray(JsonValue.Create(pod.Json.Text("status", "podIP"))),
                ["conditions"] = new JsonObject { ["ready"] = ready, ["serving"] = ready, ["terminating"] = false },
                ["nodeName"] = pod.Json.Text("spec", "nodeName"),
                ["targetRef"] = Target(pod),
            });
        }

        var owner = Fields.OwnerReference(service);
        return new JsonObject
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject
            {
                ["generateName"] = service.Key.Name + "-",
                ["labels"] = labels,
                ["ownerReferences"] = new JsonArray(owner),
            },
            ["addressType"] = "IPv4",
            ["endpoints"] = endpoints,
            ["ports"] = Ports(service, pods),
        };
    }

    private void Put(ResourceKey key, JsonObject wanted)
    {
        if (store.Find(key) is null)
        {
            Namespaces.CreateIfAbsent(store, key, wanted, FieldManagers.ControllerManager);
            return;
        }

        store.Mutate(
            key,
            json =>
            {
                foreach (var (name, value) in wanted)
                {
                    if (name is not "metadata")
                    {
                        json[name] = value?.DeepClone();
                    }
                }

                json.Child("metadata")["labels"] = wanted.At("metadata", "labels")!.DeepClone();
                if (wanted.At("metadata", "ownerReferences") is { } owners)
                {
                    json.Child("metadata")["ownerReferences"] = owners.DeepClone();
                }

                return json;
            },
            FieldManagers.ControllerManager);
    }
}
