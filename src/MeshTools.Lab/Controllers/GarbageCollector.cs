using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Deletes what its owners left behind (k8s pkg/controller/garbagecollector): background when an owner is gone, foreground and orphan by
/// the finalizers that the API server puts on an owner.
/// </summary>
internal sealed class GarbageCollector(ObjectStore store) : IController
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";

    // Every write passes through KeysFor in order, so these two are the graph as of the last write seen.
    private readonly object gate = new();
    private readonly HashSet<string> alive = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ResourceKey>> dependents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResourceKey> waitingOwners = new(StringComparer.Ordinal);

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        lock (gate)
        {
            return change.Type is StoreEventType.Deleted ? Forget(change) : Remember(change);
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (store.Find(key) is { } item)
        {
            if (item.IsTerminating)
            {
                Finish(item);
            }
            else
            {
                Collect(item);
            }
        }

        return ValueTask.FromResult<TimeSpan?>(null);
    }

    private static IEnumerable<string> Owners(StoredObject item) =>
        item.Json.Objects("metadata", "ownerReferences").Select(reference => reference.Text("uid")).OfType<string>();

    private static bool HasFinalizer(StoredObject item, string finalizer) =>
        item.Json.At("metadata", "finalizers") is JsonArray finalizers && finalizers.Any(entry => string.Equals(entry?.GetValue<string>(), finalizer, StringComparison.Ordinal));

    private List<ResourceKey> Remember(StoreEvent change)
    {
        var keys = new List<ResourceKey>();
        var item = change.Object;
        alive.Add(item.Uid);
        if (change.Previous is { } previous)
        {
            foreach (var owner in Owners(previous).Except(Owners(item), StringComparer.Ordinal))
            {
                dependents.GetValueOrDefault(owner)?.Remove(item.Key);
            }
        }

        foreach (var owner in Owners(item))
        {
            if (!dependents.TryGetValue(owner, out var set))
            {
                set = [];
                dependents.Add(owner, set);
            }

            set.Add(item.Key);
            if (!alive.Contains(owner))
            {
                keys.Add(item.Key);
            }
        }

        if (item.IsTerminating && (HasFinalizer(item, Foreground) || HasFinalizer(item, Orphan)))
        {
            keys.Add(item.Key);
        }

        return keys;
    }

    private List<ResourceKey> Forget(StoreEvent change)
    {
        var item = change.Object;
        alive.Remove(item.Uid);
        var keys = new List<ResourceKey>();
        if (dependents.Remove(item.Uid, out var left))
        {
            keys.AddRange(left);
        }

        // An owner that waits in the foreground may now have lost its last dependent.
        foreach (var reference in item.Json.Objects("metadata", "ownerReferences"))
        {
            if (reference.Text("uid") is { } owner && dependents.TryGetValue(owner, out var set))
            {
                set.Remove(item.Key);
            }
        }

        keys.AddRange(waitingOwners.Where(pair => Owners(item).Contains(pair.Key, StringComparer.Ordinal)).Select(pair => pair.Value));
        waitingOwners.Remove(item.Uid);
        return keys;
    }

    private void Collect(StoredObject item)
    {
        var owners = Owners(item).ToList();
        bool orphaned;
        lock (gate)
        {
            orphaned = owners.Count > 0 && !owners.Exists(alive.Contains);
        }

        if (orphaned)
        {
            Namespaces.DeleteIfPresent(store, item.Key, item.Uid);
        }
    }

    private void Finish(StoredObject owner)
    {
        List<ResourceKey> left;
        lock (gate)
        {
            left = [.. dependents.GetValueOrDefault(owner.Uid) ?? []];
            waitingOwners[owner.Uid] = owner.Key;
        }

        if (HasFinalizer(owner, Orphan))
        {
            left.ForEach(key => store.Mutate(key, json => WithoutOwner(json, owner.Uid), FieldManagers.ControllerManager));
            RemoveFinalizer(owner.Key, Orphan);
        }
        else if (HasFinalizer(owner, Foreground))
        {
            var live = left.ConvertAll(store.Find).OfType<StoredObject>().ToList();
            live.ForEach(dependent => Namespaces.DeleteIfPresent(store, dependent.Key, dependent.Uid));
            if (live.Count == 0)
            {
                RemoveFinalizer(owner.Key, Foreground);
            }
        }
    }

    private static JsonObject? WithoutOwner(JsonObject json, string uid)
    {
        if (json.At("metadata", "ownerReferences") is not JsonArray references)
        {
            return null;
        }

        for (var i = references.Count - 1; i >= 0; i--)
        {
            if (string.Equals(references[i].Text("uid"), uid, StringComparison.Ordinal))
            {
                references.RemoveAt(i);
            }
        }

        if (references.Count == 0)
        {
            ((JsonObject)json["metadata"]!).Remove("ownerReferences");
        }

        return json;
    }

    private void RemoveFinalizer(ResourceKey key, string finalizer) => store.Mutate(
        key,
        json =>
        {
            if (json.At("metadata", "finalizers") is JsonArray finalizers)
            {
                for (var i = finalizers.Count - 1; i >= 0; i--)
                {
                    if (string.Equals(finalizers[i]?.GetValue<string>(), finalizer, StringComparison.Ordinal))
                    {
                        finalizers.RemoveAt(i);
                    }
                }

                if (finalizers.Count == 0)
                {
                    ((JsonObject)json["metadata"]!).Remove("finalizers");
                }
            }

            return json;
        },
        FieldManagers.ControllerManager);
}
