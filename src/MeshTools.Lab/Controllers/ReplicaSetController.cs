using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Keeps as many pods as a ReplicaSet asks for, and reports them (k8s pkg/controller/replicaset).</summary>
internal sealed class ReplicaSetController(ObjectStore store) : IController
{
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
            Scale(set);
            Report(set);
        }

        return ValueTask.FromResult<TimeSpan?>(null);
    }

    private void Scale(StoredObject set)
    {
        var wanted = (int)set.Json.Number(1, "spec", "replicas");
        var pods = PodTemplates.Of(store, set).Where(PodTemplates.IsActive).ToList();
        for (var i = pods.Count; i < wanted && Namespaces.IsActive(store, set.Key.Namespace); i++)
        {
            var name = $"{set.Key.Name}-{PodTemplates.Suffix()}";
            var pod = PodTemplates.Pod(set.Json.At("spec", "template"), set);
            pod.Child("metadata")["generateName"] = set.Key.Name + "-";
            store.Create(new ResourceKey("", "pods", set.Key.Namespace, name), pod, FieldManagers.ControllerManager);
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
    }

    private void Report(StoredObject set)
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
                return json;
            },
            FieldManagers.ControllerManager,
            "status");
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
