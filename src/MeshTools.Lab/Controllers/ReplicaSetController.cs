using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Keeps as many pods as a ReplicaSet asks for, and reports them (k8s pkg/controller/replicaset).</summary>
internal sealed class ReplicaSetController(ObjectStore store) : IController
{
    // A real one waits longer each time, up to minutes.
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(100);

    // What was said first stays said: every try is about a pod of another name.
    private readonly Dictionary<(string Uid, string Message), string> told = [];

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        if (change.Object.Key is { Group: "apps", Plural: "replicasets" } key)
        {
            yield return key;
        }
        else if (change.Object.Key is { Group: "", Plural: "pods" } &&
            PodTemplates.OwnerKey(change.Object, "ReplicaSet", "apps", "replicasets") is { } owner)
        {
            yield return owner;
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (store.Find(key) is { IsTerminating: false } set)
        {
            var refused = Scale(set);
            Report(set, refused);
            return ValueTask.FromResult<TimeSpan?>(refused is null ? null : RetryPeriod);
        }

        return ValueTask.FromResult<TimeSpan?>(null);
    }

    /// <summary>Makes and removes pods; says why one cannot be made.</summary>
    private string? Scale(StoredObject set)
    {
        var wanted = (int)set.Json.Number(1, "spec", "replicas");
        var pods = PodTemplates.Of(store, set).Where(PodTemplates.IsActive).ToList();
        for (var i = pods.Count; i < wanted && Namespaces.IsActive(store, set.Key.Namespace); i++)
        {
            var name = $"{set.Key.Name}-{PodTemplates.Suffix()}";
            var pod = PodTemplates.Pod(set.Json.At("spec", "template"), set);
            pod.Child("metadata")["generateName"] = set.Key.Name + "-";
            try
            {
                store.Create(new ResourceKey("", "pods", set.Key.Namespace, name), pod, FieldManagers.ControllerManager);
            }
            catch (ApiStatusException refusal)
            {
                var news = (set.Uid, refusal.Message.Replace(name, "", StringComparison.Ordinal));
                if (told.TryAdd(news, refusal.Message))
                {
                    Events.Record(store, set, "Warning", "FailedCreate", "Error creating: " + refusal.Message, "replicaset-controller");
                }

                return told[news];
            }
        }

        // Those that are not ready go first, then the youngest.
        var surplus = pods
            .OrderBy(PodTemplates.IsReady)
            .ThenByDescending(pod => pod.ResourceVersion)
            .Take(Math.Max(0, pods.Count - wanted));
        foreach (var pod in surplus)
        {
            Namespaces.DeleteIfPresent(store, pod.Key, pod.Uid);
        }

        return null;
    }

    private void Report(StoredObject set, string? refused)
    {
        var pods = PodTemplates.Of(store, set).Where(PodTemplates.IsActive).ToList();
        var ready = pods.Count(PodTemplates.IsReady);
        store.Mutate(
            set.Key,
            json =>
            {
                var status = json.Child("status");
                status["replicas"] = pods.Count;
                Count(status, "fullyLabeledReplicas", pods.Count);
                Count(status, "readyReplicas", ready);
                Count(status, "availableReplicas", ready);
                status["observedGeneration"] = json.Number(1, "metadata", "generation");
                Failure(status, refused);
                return json;
            },
            FieldManagers.ControllerManager,
            "status");
    }

    private void Failure(JsonObject status, string? refused)
    {
        if (refused is not null)
        {
            // The first reason stays as long as there is any (k8s pkg/controller/replicaset/replica_set_utils.go, calculateStatus).
            if ((status["conditions"] as JsonArray ?? []).Any(item => item.Text("type") is "ReplicaFailure"))
            {
                return;
            }

            Fields.SetCondition(status, Metadata.Timestamp(store.Clock), "ReplicaFailure", "True", "FailedCreate", refused);
        }
        else if (status["conditions"] is JsonArray conditions)
        {
            status["conditions"] = new JsonArray([.. conditions.Where(item => item.Text("type") is not "ReplicaFailure").Select(item => item!.DeepClone())]);
            if (status["conditions"] is JsonArray { Count: 0 })
            {
                status.Remove("conditions");
            }
        }
    }

    private static void Count(JsonObject status, string name, int count)
    {
        // The API leaves out a zero.
        if (count == 0)
        {
            status.Remove(name);
        }
        else
        {
            status[name] = count;
        }
    }
}
