using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Rolls a Deployment out: a ReplicaSet per pod template, the new one up first, the old ones down once it is ready
/// (k8s pkg/controller/deployment). Surge is always the whole set: rehearsals look at the end of a roll-out, not at its pace.
/// </summary>
internal sealed class DeploymentController(ObjectStore store) : IController
{
    private const string HashLabel = "pod-template-hash";
    private const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        if (change.Object.Key is { Group: "apps", Plural: "deployments" } key)
        {
            yield return key;
        }
        else if (change.Object.Key is { Group: "apps", Plural: "replicasets" } &&
            PodTemplates.OwnerKey(change.Object, "Deployment", "apps", "deployments") is { } owner)
        {
            yield return owner;
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken) => ValueTask.FromResult(Reconcile(key));

    private TimeSpan? Reconcile(ResourceKey key)
    {
        if (store.Find(key) is not { IsTerminating: false } deployment)
        {
            return null;
        }

        var hash = PodTemplates.Hash(deployment.Json.At("spec", "template"));
        var sets = store.List("apps", "replicasets", key.Namespace).Items.Where(set => PodTemplates.IsControlledBy(set, deployment.Uid)).ToList();
        var current = sets.Find(set => string.Equals(set.Json.Label(HashLabel), hash, StringComparison.Ordinal));
        var old = sets.Where(set => !ReferenceEquals(set, current)).ToList();
        var replicas = deployment.Json.Number(1, "spec", "replicas");
        if (!deployment.Json.Flag("spec", "paused") && Namespaces.IsActive(store, key.Namespace))
        {
            var revision = sets.Select(Revision).DefaultIfEmpty(0).Max();
            if (current is null)
            {
                current = CreateSet(deployment, hash, replicas, revision + 1);
            }
            else if (old.Exists(set => Revision(set) >= Revision(current)))
            {
                // A roll-back: an old template is the new one again.
                Annotate(current.Key, revision + 1);
            }

            SetScale(current, replicas);
            if (current.Json.Number(0, "status", "readyReplicas") >= replicas)
            {
                old.ForEach(set => SetScale(set, 0));
            }
        }
        else if (current is not null)
        {
            SetScale(current, replicas);
        }

        return Report(deployment.Key, current?.Key, old.ConvertAll(set => set.Key));
    }

    private static long Revision(StoredObject set) =>
        long.TryParse(set.Json.Annotation(RevisionAnnotation), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    private StoredObject CreateSet(StoredObject deployment, string hash, long replicas, long revision)
    {
        var template = (JsonObject?)deployment.Json.At("spec", "template")?.DeepClone() ?? [];
        template.Child("metadata").Child("labels")[HashLabel] = hash;
        var selector = (JsonObject?)deployment.Json.At("spec", "selector")?.DeepClone() ?? [];
        selector.Child("matchLabels")[HashLabel] = hash;
        var set = new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "ReplicaSet",
            ["metadata"] = new JsonObject
            {
                ["labels"] = template.At("metadata", "labels")!.DeepClone(),
                ["annotations"] = new JsonObject
                {
                    ["deployment.kubernetes.io/desired-replicas"] = replicas.ToString(CultureInfo.InvariantCulture),
                    [RevisionAnnotation] = revision.ToString(CultureInfo.InvariantCulture),
                },
                ["generation"] = 1,
                ["ownerReferences"] = new JsonArray(Fields.OwnerReference(deployment)),
            },
            ["spec"] = new JsonObject { ["replicas"] = replicas, ["selector"] = selector, ["template"] = template },
        };
        var key = new ResourceKey("apps", "replicasets", deployment.Key.Namespace, $"{deployment.Key.Name}-{hash}");
        return store.Create(key, set, FieldManagers.ControllerManager);
    }

    private void Annotate(ResourceKey set, long revision) => store.Mutate(
        set,
        json =>
        {
            json.Child("metadata").Child("annotations")[RevisionAnnotation] = revision.ToString(CultureInfo.InvariantCulture);
            return json;
        },
        FieldManagers.ControllerManager);

    private void SetScale(StoredObject set, long replicas)
    {
        if (set.Json.Number(1, "spec", "replicas") == replicas)
        {
            return;
        }

        store.Mutate(
            set.Key,
            json =>
            {
                json.Child("spec")["replicas"] = replicas;
                json.Child("metadata").Child("annotations")["deployment.kubernetes.io/desired-replicas"] = replicas.ToString(CultureInfo.InvariantCulture);
                return json;
            },
            FieldManagers.ControllerManager);
    }

    private TimeSpan? Report(ResourceKey key, ResourceKey? current, IReadOnlyList<ResourceKey> old)
    {
        TimeSpan? again = null;
        if (current is { } set && store.Find(set)?.Json.Annotation(RevisionAnnotation) is { } revision)
        {
            store.Mutate(
                key,
                json =>
                {
                    json.Child("metadata").Child("annotations")[RevisionAnnotation] = revision;
                    return json;
                },
                FieldManagers.ControllerManager);
        }

        store.Mutate(
            key,
            json =>
            {
                var newSet = current is { } found ? store.Find(found) : null;
                var sets = old.Select(store.Find).Append(newSet).OfType<StoredObject>().ToList();
                var rollout = new RolloutCounts(
                    json.Number(1, "spec", "replicas"),
                    sets.Sum(set => set.Json.Number(0, "status", "replicas")),
                    newSet?.Json.Number(0, "status", "replicas") ?? 0,
                    sets.Sum(set => set.Json.Number(0, "status", "readyReplicas")));
                var status = json.Child("status");
                Counts(status, rollout);
                status["observedGeneration"] = json.Number(1, "metadata", "generation");
                again = DeploymentConditions.Write(store, json, status, rollout, newSet);
                return json;
            },
            FieldManagers.ControllerManager,
            "status");
        return again;
    }

    private static void Counts(JsonObject status, RolloutCounts rollout)
    {
        foreach (var (name, count) in (ReadOnlySpan<(string, long)>)
        [
            ("replicas", rollout.Total), ("updatedReplicas", rollout.Updated), ("readyReplicas", rollout.Ready),
            ("availableReplicas", rollout.Ready), ("unavailableReplicas", Math.Max(0, rollout.Wanted - rollout.Ready)),
        ])
        {
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
}
