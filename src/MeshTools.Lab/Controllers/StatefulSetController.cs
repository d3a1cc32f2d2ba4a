using System.Globalization;

namespace MeshTools.Lab;

/// <summary>Pods with ordinals. All at once, whatever the pod management policy says; volumes are not claimed.</summary>
internal sealed class StatefulSetController(ObjectStore store) : IController
{
    private const string RevisionLabel = "controller-revision-hash";

    // A real one waits longer each time, up to minutes.
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(100);

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        if (change.Object.Key is { Group: "apps", Plural: "statefulsets" } key)
        {
            yield return key;
        }
        else if (change.Object.Key is { Group: "", Plural: "pods" } &&
            PodTemplates.OwnerKey(change.Object, "StatefulSet", "apps", "statefulsets") is { } owner)
        {
            yield return owner;
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (store.Find(key) is not { IsTerminating: false } set || !Namespaces.IsActive(store, key.Namespace))
        {
            return ValueTask.FromResult<TimeSpan?>(null);
        }

        var template = set.Json.At("spec", "template");
        var revision = $"{key.Name}-{PodTemplates.Hash(template)}";
        var wanted = set.Json.Number(1, "spec", "replicas");
        var names = Enumerable.Range(0, (int)wanted)
            .Select(ordinal => string.Create(CultureInfo.InvariantCulture, $"{key.Name}-{ordinal}"))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var pod in PodTemplates.Of(store, set))
        {
            if (!names.Contains(pod.Key.Name) || !string.Equals(pod.Json.Label(RevisionLabel), revision, StringComparison.Ordinal))
            {
                Namespaces.DeleteIfPresent(store, pod.Key, pod.Uid);
            }
        }

        TimeSpan? again = null;
        foreach (var name in names)
        {
            var pod = PodTemplates.Pod(template, set);
            var labels = pod.Child("metadata").Child("labels");
            labels[RevisionLabel] = revision;
            labels["statefulset.kubernetes.io/pod-name"] = name;
            pod.Child("spec")["hostname"] = name;
            pod.Child("spec")["subdomain"] = set.Json.Text("spec", "serviceName") ?? string.Empty;
            try
            {
                Namespaces.CreateIfAbsent(store, new ResourceKey("", "pods", key.Namespace, name), pod, FieldManagers.ControllerManager);
            }
            catch (ApiStatusException refusal)
            {
                Events.Record(
                    store, set, "Warning", "FailedCreate", $"create Pod {name} in StatefulSet {key.Name} failed error: {refusal.Message}", "statefulset-controller");
                again = RetryPeriod;
                break;
            }
        }

        Report(set.Key, revision);
        return ValueTask.FromResult(again);
    }

    private void Report(ResourceKey key, string revision) => store.Mutate(
        key,
        json =>
        {
            var pods = store.Find(key) is { } set ? PodTemplates.Of(store, set).Where(PodTemplates.IsActive).ToList() : [];
            var ready = pods.Count(PodTemplates.IsReady);
            var status = json.Child("status");
            status["observedGeneration"] = json.Number(1, "metadata", "generation");
            status["replicas"] = pods.Count;
            status["readyReplicas"] = ready;
            status["availableReplicas"] = ready;
            status["currentReplicas"] = pods.Count;
            status["updatedReplicas"] = pods.Count(pod => string.Equals(pod.Json.Label(RevisionLabel), revision, StringComparison.Ordinal));
            status["currentRevision"] = revision;
            status["updateRevision"] = revision;
            status["collisionCount"] = 0;
            return json;
        },
        FieldManagers.ControllerManager,
        "status");
}
