using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Scheduler and kubelets: gives a pod a node, an address and running containers, and ends one that is being deleted. An image that
/// cannot be pulled leaves its pod waiting: <c>auto</c> (a gateway whose injection webhook did not run) and hosts under <c>.invalid</c>.
/// </summary>
internal sealed class PodController(ObjectStore store, PodPrograms programs, string addressPrefix) : IController
{
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private int lastAddress = 1;

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        if (change.Object.Key is not { Group: "", Plural: "pods" } key)
        {
            yield break;
        }

        if (change.Type is StoreEventType.Deleted)
        {
            programs.Stop(change.Object.Uid);
        }
        else
        {
            yield return key;
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (store.Find(key) is { } pod)
        {
            if (pod.IsTerminating)
            {
                store.Mutate(key, EndGracePeriod, FieldManagers.Kubelet);
            }
            else if (pod.Json.Text("status", "podIP") is null && known.Add(pod.Uid))
            {
                Run(pod);
            }
        }

        return ValueTask.FromResult<TimeSpan?>(null);
    }

    private static JsonObject EndGracePeriod(JsonObject json)
    {
        json.Child("metadata")["deletionGracePeriodSeconds"] = 0;
        return json;
    }

    private void Run(StoredObject pod)
    {
        var nodes = store.List("", "nodes").Items;
        var number = lastAddress++;
        var node = pod.Json.Text("spec", "nodeName") ?? (nodes.Count == 0 ? null : nodes[number % nodes.Count].Key.Name);
        var host = nodes.FirstOrDefault(candidate => string.Equals(candidate.Key.Name, node, StringComparison.Ordinal));
        var hostAddress = host?.Json.Objects("status", "addresses").FirstOrDefault(address => address.Text("type") is "InternalIP").Text("address");
        var podAddress = string.Create(CultureInfo.InvariantCulture, $"{addressPrefix}.{(number >> 8) & 255}.{number & 255}");
        store.Mutate(
            pod.Key,
            json =>
            {
                var spec = json.Child("spec");
                if (node is not null)
                {
                    spec["nodeName"] = node;
                }

                spec["serviceAccountName"] ??= "default";
                return json;
            },
            FieldManagers.Scheduler);
        store.Mutate(
            pod.Key,
            json =>
            {
                json["status"] = Status(json, podAddress, hostAddress);
                return json;
            },
            FieldManagers.Kubelet,
            "status");
    }

    private JsonObject Status(JsonObject pod, string podAddress, string? hostAddress)
    {
        var now = Metadata.Timestamp(store.Clock);
        var containers = new JsonArray();
        var ready = true;
        foreach (var container in pod.Objects("spec", "containers"))
        {
            var pulled = CanPull(container.Text("image") ?? string.Empty);
            ready &= pulled;
            containers.Add((JsonNode)ContainerStatus(container, pulled, now));
        }

        var status = new JsonObject { ["phase"] = ready ? "Running" : "Pending" };
        Fields.SetCondition(status, now, "PodReadyToStartContainers", "True", null, null);
        Fields.SetCondition(status, now, "Initialized", "True", null, null);
        Fields.SetCondition(status, now, "Ready", ready ? "True" : "False", ready ? null : "ContainersNotReady", null);
        Fields.SetCondition(status, now, "ContainersReady", ready ? "True" : "False", ready ? null : "ContainersNotReady", null);
        Fields.SetCondition(status, now, "PodScheduled", "True", null, null);
        if (hostAddress is not null)
        {
            status["hostIP"] = hostAddress;
            status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = hostAddress });
        }

        status["podIP"] = podAddress;
        status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = podAddress });
        status["startTime"] = now;
        status["containerStatuses"] = containers;
        status["qosClass"] = "Burstable";
        return status;
    }

    private static JsonObject ContainerStatus(JsonObject container, bool pulled, string now)
    {
        var image = container.Text("image") ?? string.Empty;
        return new JsonObject
        {
            ["name"] = container.Text("name"),
            ["state"] = pulled
                ? new JsonObject { ["running"] = new JsonObject { ["startedAt"] = now } }
                : new JsonObject
                {
                    ["waiting"] = new JsonObject
                    {
                        ["reason"] = "ImagePullBackOff",
                        ["message"] = $"Back-off pulling image \"{image}\"",
                    },
                },
            ["lastState"] = new JsonObject(),
            ["ready"] = pulled,
            ["restartCount"] = 0,
            ["image"] = image,
            ["imageID"] = string.Empty,
            ["started"] = pulled,
        };
    }

    private static bool CanPull(string image) =>
        image is not "auto" && !image.Split('/')[0].Split(':')[0].EndsWith(".invalid", StringComparison.OrdinalIgnoreCase);
}
