using System.Globalization;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Operations;

/// <summary>The fields in which two states of an object differ, but for those that the server keeps about it.</summary>
internal static class FieldDifference
{
    // A write that changes nothing else may still change these.
    private static readonly string[] s_bookkeeping = ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"];

    /// <summary>The paths of the fields that differ, in the order of the second state; list items by index.</summary>
    internal static IReadOnlyList<string> Between(KubernetesObject before, KubernetesObject after)
    {
        var paths = new List<string>();
        foreach (var key in Keys(before.Json, after.Json).Where(key => key is not "status"))
        {
            if (key is "metadata")
            {
                foreach (var field in Keys(before.Json[key], after.Json[key]).Except(s_bookkeeping, StringComparer.Ordinal))
                    Compare(before.Json[key]?[field], after.Json[key]?[field], Path(key, field), paths);
            }
            else
            {
                Compare(before.Json[key], after.Json[key], key, paths);
            }
        }

        return paths;
    }

    private static void Compare(JsonNode? before, JsonNode? after, string path, List<string> paths)
    {
        switch (before, after)
        {
            case (JsonObject, JsonObject):
                foreach (var key in Keys(before, after))
                    Compare(before[key], after[key], Path(path, key), paths);
                break;
            case (JsonArray left, JsonArray right) when left.Count == right.Count:
                for (var i = 0; i < left.Count; i++)
                    Compare(left[i], right[i], string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), paths);
                break;
            default:
                if (!JsonNode.DeepEquals(before, after))
                    paths.Add(path);
                break;
        }
    }

    private static IEnumerable<string> Keys(JsonNode? before, JsonNode? after) =>
        Names(after).Union(Names(before), StringComparer.Ordinal);

    private static IEnumerable<string> Names(JsonNode? node) => node is JsonObject map ? map.Select(pair => pair.Key) : [];

    private static string Path(string parent, string key) =>
        key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? $"{parent}.{key}" : $"{parent}['{key}']";
}
