using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Finalises namespaces: a terminating one loses its content, then its <c>kubernetes</c> finalizer, and with it is gone
/// (k8s pkg/controller/namespace/deletion/namespaced_resources_deleter.go).
/// </summary>
internal sealed class NamespaceController(ObjectStore store) : IController
{
    // Content that a finalizer holds is asked for again; nothing announces to this loop that its holder is done.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        if (change.Object.Key is { Group: "", Plural: "namespaces" } key &&
            (change.Type is StoreEventType.Deleted || change.Object.IsTerminating))
        {
            yield return key;
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        var current = store.Find(key);
        if (current is { IsTerminating: false })
        {
            return ValueTask.FromResult<TimeSpan?>(null);
        }

        foreach (var content in store.ListNamespace(key.Name))
        {
            DeleteContent(content);
        }

        if (store.ListNamespace(key.Name).Count > 0)
        {
            return ValueTask.FromResult<TimeSpan?>(LookAgain);
        }

        if (current is not null)
        {
            store.Mutate(key, RemoveFinalizer, FieldManagers.ControllerManager, "finalize");
        }

        return ValueTask.FromResult<TimeSpan?>(null);
    }

    private static JsonObject? RemoveFinalizer(JsonObject json)
    {
        if (json.At("spec", "finalizers") is not JsonArray finalizers)
        {
            return null;
        }

        for (var i = finalizers.Count - 1; i >= 0; i--)
        {
            if (finalizers[i]?.GetValue<string>() is "kubernetes")
            {
                finalizers.RemoveAt(i);
            }
        }

        if (finalizers.Count == 0)
        {
            ((JsonObject)json["spec"]!).Remove("finalizers");
        }

        return json;
    }

    private void DeleteContent(StoredObject content)
    {
        // Pods are ended by their kubelet; without that a pod with a grace period would only be marked over and over.
        if (!content.IsTerminating || content.Key is not { Group: "", Plural: "pods" })
        {
            Namespaces.DeleteIfPresent(store, content.Key, content.Uid);
        }
    }
}
