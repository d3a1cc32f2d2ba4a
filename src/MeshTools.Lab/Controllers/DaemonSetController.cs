using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>A pod on every node; taints and node selectors are not looked at.</summary>
internal sealed class DaemonSetController(ObjectStore store) : IController
{
    private const string RevisionLabel = "controller-revision-hash";

    // A real one waits longer each time, up to minutes.
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(100);

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        switch (change.Object.Key)
        {
            case { Group: "apps", Plural: "daemonsets" } key:
                yield return key;
                break;
            case { Group: "", Plural: "nodes" } when change.Type is not StoreEventType.Modified:
                foreach (var set in store.List("apps", "daemonsets").Items)
                {
                    yield return set.Key;
                }

                break;
            case { Group: "", Plural: "pods" } when PodTemplates.OwnerKey(change.Object, "DaemonSet", "apps", "daemonsets") is { } owner:
                yield return owner;
                break;
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (store.Find(key) is not { IsTerminating: false } set || !Namespaces.IsActive(store, key.Namespace))
        {
            return ValueTask.FromResult<TimeSpan?>(null);
        }

        var template = set.Json.At("spec", "template");
        var hash = PodTemplates.Hash(template);
        var nodes = store.List("", "nodes").Items.Select(node => node.Key.Name).ToHashSet(StringComparer.Ordinal);
        var served = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pod in PodTemplates.Of(store, set).Where(PodTemplates.IsActive))
        {
            var node = pod.Json.Text("spec", "nodeName") ?? string.Empty;
            if (!nodes.Contains(node) || !string.Equals(pod.Json.Label(RevisionLabel), hash, StringComparison.Ordinal) || !served.Add(node))
            {
                Namespaces.DeleteIfPresent(store, pod.Key, pod.Uid);
            }
        }

        TimeSpan? again = null;
        foreach (var node in nodes.Except(served, StringComparer.Ordinal))
        {
            var pod = PodTemplates.Pod(template, set);
            pod.Child("metadata").Child("labels")[RevisionLabel] = hash;
            pod.Child("metadata")["generateName"] = key.Name + "-";
            pod.Child("spec")["nodeName"] = node;
            var name = $"{key.Name}-{PodTemplates.Suffix()}";
            try
            {
                store.Create(new ResourceKey("", "pods", key.Namespace, name), pod, FieldManagers.ControllerManager);
            }
            catch (ApiStatusException refusal)
            {
                Events.Record(store, set, "Warning", "FailedCreate", "Error creating: " + refusal.Message.Replace(name, key.Name, StringComparison.Ordinal), "daemonset-controller");
                again = RetryPeriod;
                break;
            }
        }

        Report(key, nodes.Count, hash);
        return ValueTask.FromResult(again);
    }

    private void Report(ResourceKey key, int nodes, string hash) => store.Mutate(
        key,
        json =>
        {
            var pods = store.Find(key) is { } set ? PodTemplates.Of(store, set).Where(PodTemplates.IsActive).ToList() : [];
            var ready = pods.Count(PodTemplates.IsReady);
            JsonObject status = json.Child("status");
            status["observedGeneration"] = json.Number(1, "metadata", "generation");
            status["desiredNumberScheduled"] = nodes;
            status["currentNumberScheduled"] = pods.Count;
            status["updatedNumberScheduled"] = pods.Count(pod => string.Equals(pod.Json.Label(RevisionLabel), hash, StringComparison.Ordinal));
            status["numberMisscheduled"] = 0;
            status["numberReady"] = ready;
            status["numberAvailable"] = ready;
            return json;
        },
        FieldManagers.ControllerManager,
        "status");
}
