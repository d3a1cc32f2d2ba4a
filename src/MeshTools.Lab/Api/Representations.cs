using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>How stored objects look in the version that a request asks for.</summary>
internal static class Representations
{
    /// <summary>Field names of an event in the core group and in events.k8s.io, which keep the same objects.</summary>
    private static readonly (string Core, string Events)[] EventFields =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ];

    /// <summary>True when an object is kept just as this resource shows it.</summary>
    internal static bool IsKeptAs(ServedResource resource, StoredObject stored) =>
        resource.Group is not "events.k8s.io" && (!resource.IsCustom || string.Equals(JsonTree.Text(stored.Json["apiVersion"]), resource.ApiVersion, StringComparison.Ordinal));

    /// <summary>A copy of a stored object in the version of the resource.</summary>
    internal static JsonObject FromStored(ServedResource resource, JsonObject stored)
    {
        var copy = JsonTree.CloneObject(stored);
        if (resource.Group is "events.k8s.io")
        {
            Rename(copy, toCore: false);
            copy["apiVersion"] = resource.ApiVersion;
            return Strategy.Decode(resource, copy);
        }

        copy["apiVersion"] = resource.ApiVersion;
        return copy;
    }

    internal static JsonObject ToStored(ServedResource resource, JsonObject value)
    {
        if (resource.Group is not "events.k8s.io")
        {
            return value;
        }

        var copy = JsonTree.CloneObject(value);
        Rename(copy, toCore: true);
        copy["apiVersion"] = "v1";
        return copy;
    }

    private static void Rename(JsonObject value, bool toCore)
    {
        foreach (var (core, events) in EventFields)
        {
            var (from, to) = toCore ? (events, core) : (core, events);
            if (value.TryGetPropertyValue(from, out var field))
            {
                var moved = JsonTree.Clone(field);
                value.Remove(from);
                value[to] = moved;
            }
        }
    }
}
