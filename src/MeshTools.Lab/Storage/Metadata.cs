using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What the server itself writes into an object's metadata.</summary>
internal static class Metadata
{
    internal static JsonObject Of(JsonObject json)
    {
        if (json["metadata"] is JsonObject metadata)
        {
            return metadata;
        }

        metadata = [];
        json["metadata"] = metadata;
        return metadata;
    }

    internal static string Timestamp(TimeProvider clock) =>
        clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    internal static void CompleteForCreate(JsonObject json, ResourceKey key, TimeProvider clock)
    {
        var metadata = Of(json);
        metadata["name"] = key.Name;
        if (key.Namespace is null)
        {
            metadata.Remove("namespace");
        }
        else
        {
            metadata["namespace"] = key.Namespace;
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamp(clock);
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        metadata.Remove("selfLink");
    }

    internal static void SetResourceVersion(JsonObject json, long version) =>
        Of(json)["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);

    internal static bool HeldByFinalizers(JsonObject json) =>
        json["metadata"]?["finalizers"] is JsonArray { Count: > 0 }
        || (string.Equals(json["kind"]?.GetValue<string>(), "Namespace", StringComparison.Ordinal)
            && string.Equals(json["apiVersion"]?.GetValue<string>(), "v1", StringComparison.Ordinal)
            && json["spec"]?["finalizers"] is JsonArray { Count: > 0 });

    internal static bool InGracePeriod(JsonObject json) =>
        json["metadata"]?["deletionGracePeriodSeconds"] is JsonValue seconds && seconds.TryGetValue(out long value) && value > 0;

    internal static void MarkForDeletion(JsonObject json, ResourceKey key, TimeProvider clock)
    {
        var metadata = Of(json);
        metadata["deletionTimestamp"] = Timestamp(clock);
        if (key is { Group: "", Plural: "namespaces" })
        {
            if (json["status"] is not JsonObject status)
            {
                status = [];
                json["status"] = status;
            }

            status["phase"] = "Terminating";
        }
        else
        {
            metadata["deletionGracePeriodSeconds"] = 0;
        }
    }

    internal static void Check(StoredObject current, DeletePreconditions? preconditions)
    {
        var kind = current.Json["kind"]?.GetValue<string>() ?? current.Key.Plural;
        if (preconditions?.Uid is { } uid && !string.Equals(uid, current.Uid, StringComparison.Ordinal))
        {
            throw ApiStatusException.Conflict(
                current.Key.Group,
                kind,
                current.Key.Name,
                $"the UID in the precondition ({uid}) does not match the UID in record ({current.Uid}). The object might have been deleted and then recreated");
        }

        var version = current.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        if (preconditions?.ResourceVersion is { } wanted && !string.Equals(wanted, version, StringComparison.Ordinal))
        {
            throw ApiStatusException.Conflict(
                current.Key.Group,
                kind,
                current.Key.Name,
                $"the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({version}). The object might have been modified");
        }
    }
}
