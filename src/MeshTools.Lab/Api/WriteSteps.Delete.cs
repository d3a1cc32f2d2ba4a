using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <content>Deletes: at once, after a grace period, or when the last finalizer is gone.</content>
internal sealed partial class WriteSteps
{
    private static readonly string[] KeptNamespaces = ["default", "kube-system", "kube-public"];

    internal DeleteOutcome Delete(ServedResource resource, ResourceKey key, DeleteWish wish)
    {
        if (resource is { QualifiedKind: "Namespace" } && KeptNamespaces.Contains(key.Name, StringComparer.Ordinal))
        {
            throw ApiStatusException.Forbidden("", "namespaces", key.Name, "this namespace may not be deleted");
        }

        store.WriteAdmission?.Check("delete", resource.Group, resource.Plural, store.Get(key).Key.Name);
        for (var attempt = 0; attempt < Retries; attempt++)
        {
            var current = store.Get(key);
            Metadata.Check(current, wish.Preconditions);
            var finalizer = wish.Propagation switch { "Foreground" => "foregroundDeletion", "Orphan" => "orphan", _ => null };
            var grace = resource is { QualifiedKind: "Pod" } ? GracePeriod(current.Json, wish) : 0;
            var marked = current.ToJson();
            if (finalizer is not null && !current.IsTerminating)
            {
                AddFinalizer(marked, finalizer);
            }

            var isHeld = Metadata.HeldByFinalizers(marked);
            if (!isHeld && grace == 0)
            {
                if (wish.DryRun)
                {
                    return new DeleteOutcome(current, Removed: true);
                }

                if (store.TryRemove(current, out var last))
                {
                    return new DeleteOutcome(last, Removed: true);
                }

                continue;
            }

            if (current.IsTerminating && (isHeld || grace >= (JsonTree.Integer(JsonTree.Find(marked, "metadata", "deletionGracePeriodSeconds")) ?? 0)))
            {
                return new DeleteOutcome(current, Removed: false);
            }

            Metadata.MarkForDeletion(marked, key, store.Clock);
            if (grace > 0)
            {
                var meta = Metadata.Of(marked);
                meta["deletionGracePeriodSeconds"] = grace;
                meta["deletionTimestamp"] = store.Clock.GetUtcNow().AddSeconds(grace).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            }

            if (Strategy.HasGeneration(resource))
            {
                Metadata.Of(marked)["generation"] = (JsonTree.Integer(Metadata.Of(marked)["generation"]) ?? 0) + 1;
            }

            if (wish.DryRun)
            {
                return new DeleteOutcome(new StoredObject(key, current.ResourceVersion, marked), Removed: false);
            }

            if (store.TryReplace(current, marked, out var terminating))
            {
                return new DeleteOutcome(terminating, Removed: false);
            }
        }

        throw ApiStatusException.Conflict(key);
    }

    private static long GracePeriod(JsonObject pod, DeleteWish wish)
    {
        var grace = wish.GracePeriodSeconds ?? JsonTree.Integer(JsonTree.Find(pod, "spec", "terminationGracePeriodSeconds")) ?? 30;

        // A pod that no node runs, or that has ended, needs no time to stop.
        return JsonTree.FindText(pod, "spec", "nodeName") is not { Length: > 0 } || JsonTree.FindText(pod, "status", "phase") is "Succeeded" or "Failed" ? 0 : Math.Max(0, grace);
    }

    private static void AddFinalizer(JsonObject value, string finalizer)
    {
        var metadata = Metadata.Of(value);
        if (metadata["finalizers"] is not JsonArray finalizers)
        {
            finalizers = [];
            metadata["finalizers"] = finalizers;
        }

        if (!finalizers.Any(known => string.Equals(JsonTree.Text(known), finalizer, StringComparison.Ordinal)))
        {
            finalizers.Add((JsonNode?)JsonValue.Create(finalizer));
        }
    }
}
