using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Scheduler and kubelets: gives a pod a node, an address and running containers, and ends one that is being deleted. An image that
/// cannot be pulled leaves its pod waiting (see <see cref="PodImages"/>), and so does a node selector that no node answers to. The command <c>false</c> ends at once. A program that ends is started again after <paramref name="restartDelay"/>, which a real kubelet makes ten seconds at first.
/// </summary>
internal sealed class PodController(
    ObjectStore store, PodPrograms programs, string addressPrefix, IReadOnlyList<IPodStartup> startups, TimeSpan restartDelay) : IController
{
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromMilliseconds(20);

    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> unsettled = new(StringComparer.Ordinal);
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
            foreach (var startup in startups)
            {
                startup.Stop(change.Object.Uid);
            }
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
                return ValueTask.FromResult(Run(pod));
            }
            else if (unsettled.TryGetValue(pod.Uid, out var due))
            {
                var wait = due - store.Clock.GetUtcNow();
                return ValueTask.FromResult(wait > TimeSpan.Zero ? wait : Probe(pod));
            }
        }

        return ValueTask.FromResult<TimeSpan?>(null);
    }

    private static JsonObject EndGracePeriod(JsonObject json)
    {
        json.Child("metadata")["deletionGracePeriodSeconds"] = 0;
        return json;
    }

    private TimeSpan? Run(StoredObject pod)
    {
        var nodes = store.List("", "nodes").Items;
        var number = lastAddress++;
        if (pod.Json.At("spec", "nodeSelector") is JsonObject { Count: > 0 } wanted && !nodes.Any(candidate => Offers(candidate, wanted)))
        {
            Leave(pod, nodes.Count);
            return null;
        }

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
        var status = new JsonObject { ["phase"] = "Pending" };
        var now = Metadata.Timestamp(store.Clock);
        if (hostAddress is not null)
        {
            status["hostIP"] = hostAddress;
            status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = hostAddress });
        }

        status["podIP"] = podAddress;
        status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = podAddress });
        status["startTime"] = now;
        status["qosClass"] = "Burstable";
        return Report(pod, status);
    }

    private static bool Offers(StoredObject node, JsonObject wanted) =>
        wanted.All(label => string.Equals(node.Json.Label(label.Key), label.Value?.GetValue<string>(), StringComparison.Ordinal));

    /// <summary>A pod that no node takes, in the scheduler's words.</summary>
    private void Leave(StoredObject pod, int nodes)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"0/{nodes} nodes are available: {nodes} node(s) didn't match Pod's node affinity/selector.");
        store.Mutate(
            pod.Key,
            json =>
            {
                var status = json.Child("status");
                status["phase"] = "Pending";
                Fields.SetCondition(status, Metadata.Timestamp(store.Clock), "PodScheduled", "False", "Unschedulable", message);
                return json;
            },
            FieldManagers.Scheduler,
            "status");
        Events.Record(store, pod, "Warning", "FailedScheduling", message, "default-scheduler");
    }

    private TimeSpan? Probe(StoredObject pod) => Report(pod, null);

    /// <summary>Starts or probes the containers and writes what became of them.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="first">The status to begin with; null for the pod's own.</param>
    private TimeSpan? Report(StoredObject pod, JsonObject? first)
    {
        var now = Metadata.Timestamp(store.Clock);
        var refusals = Refusals(pod);
        var stages = pod.Json.Objects("spec", "containers")
            .Where(container => !refusals.ContainsKey(container.Text("name") ?? string.Empty))
            .ToDictionary(container => container.Text("name") ?? string.Empty, container => Stage(pod, container), StringComparer.Ordinal);
        var worst = stages.Values.DefaultIfEmpty(ContainerStage.Ready).Max();
        TimeSpan? again = worst switch { ContainerStage.Ready => null, ContainerStage.Starting => ProbePeriod, _ => restartDelay };
        again ??= pod.Json.Objects("spec", "containers").Any(container => PodImages.MayCome(container) && refusals.ContainsKey(container.Text("name") ?? string.Empty)) ? restartDelay : null;
        if (again is { } wait)
        {
            unsettled[pod.Uid] = store.Clock.GetUtcNow() + wait;
        }
        else
        {
            unsettled.Remove(pod.Uid);
        }

        store.Mutate(
            pod.Key,
            json =>
            {
                var status = (JsonObject?)first?.DeepClone() ?? json.Child("status");
                Fill(pod, status, stages, refusals, now);
                json["status"] = status;
                return json;
            },
            FieldManagers.Kubelet,
            "status");
        return again;
    }

    /// <summary>Why images of a pod cannot be pulled, by container.</summary>
    private Dictionary<string, string> Refusals(StoredObject pod)
    {
        var refusals = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var container in pod.Json.Objects("spec", "containers"))
        {
            var image = container.Text("image") ?? string.Empty;
            if (PodImages.Refusal(store, pod, image) is { } refusal)
            {
                refusals[container.Text("name") ?? string.Empty] = refusal;
                PodImages.Tell(store, pod, image, refusal);
            }
        }

        return refusals;
    }

    private ContainerStage Stage(StoredObject pod, JsonObject container) =>
        container["command"] is JsonArray { Count: 1 } command && command[0]?.GetValue<string>() is "false" or "/bin/false" ? ContainerStage.Crashed : startups.Select(startup => startup.Start(pod, container.Text("name") ?? string.Empty)).DefaultIfEmpty(ContainerStage.Ready).Max();

    private static void Fill(StoredObject pod, JsonObject status, Dictionary<string, ContainerStage> stages, Dictionary<string, string> refusals, string now)
    {
        var before = status.Objects("containerStatuses").ToDictionary(entry => entry.Text("name") ?? string.Empty, StringComparer.Ordinal);
        var containers = new JsonArray();
        foreach (var container in pod.Json.Objects("spec", "containers"))
        {
            var name = container.Text("name") ?? string.Empty;
            var last = before.GetValueOrDefault(name);
            containers.Add((JsonNode)(stages.TryGetValue(name, out var stage)
                ? stage is ContainerStage.Crashed ? Crashed(pod, container, last, now) : Started(container, stage is ContainerStage.Ready, last, now)
                : ContainerStatus(container, false, now, refusals.GetValueOrDefault(name))));
        }

        var pulled = stages.Count == containers.Count;
        var ready = pulled && stages.Values.All(stage => stage is ContainerStage.Ready);
        status["phase"] = pulled ? "Running" : "Pending";
        Fields.SetCondition(status, now, "PodReadyToStartContainers", "True", null, null);
        Fields.SetCondition(status, now, "Initialized", "True", null, null);
        Fields.SetCondition(status, now, "Ready", ready ? "True" : "False", ready ? null : "ContainersNotReady", null);
        Fields.SetCondition(status, now, "ContainersReady", ready ? "True" : "False", ready ? null : "ContainersNotReady", null);
        Fields.SetCondition(status, now, "PodScheduled", "True", null, null);
        status["containerStatuses"] = containers;
    }

    private static JsonObject Started(JsonObject container, bool ready, JsonObject? last, string now)
    {
        var status = ContainerStatus(container, true, last.Text("state", "running", "startedAt") ?? now);
        status["ready"] = ready;
        if (last is not null)
        {
            status["restartCount"] = last.Number(0, "restartCount");
            status["lastState"] = last.At("lastState")?.DeepClone();
        }

        return status;
    }

    private static JsonObject Crashed(StoredObject pod, JsonObject container, JsonObject? last, string now)
    {
        var status = ContainerStatus(container, false, now);
        status["state"] = new JsonObject
        {
            ["waiting"] = new JsonObject
            {
                ["reason"] = "CrashLoopBackOff",
                ["message"] = $"back-off restarting failed container={container.Text("name")} pod={pod.Key.Name}_{pod.Key.Namespace}({pod.Uid})",
            },
        };
        status["lastState"] = new JsonObject
        {
            ["terminated"] = new JsonObject { ["exitCode"] = 1, ["reason"] = "Error", ["startedAt"] = now, ["finishedAt"] = now },
        };
        status["restartCount"] = last is null ? 0 : last.Number(0, "restartCount") + 1;
        return status;
    }

    private static JsonObject ContainerStatus(JsonObject container, bool pulled, string now, string? refusal = null)
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
                        ["message"] = $"Back-off pulling image \"{image}\": ErrImagePull: {refusal}",
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
}
