using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>Fields of Google's JSON: those with default values are left out, and 64-bit numbers are texts.</summary>
internal static class JsonFields
{
    internal static JsonNode? At(this JsonObject? json, params string[] path)
    {
        JsonNode? node = json;
        foreach (var name in path)
            node = (node as JsonObject)?[name];
        return node;
    }

    /// <summary>A text that is not empty; null for anything else.</summary>
    internal static string? Text(this JsonObject? json, params string[] path) =>
        json.At(path) is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;

    internal static bool Flag(this JsonObject? json, params string[] path) => json.At(path) is JsonValue value && value.TryGetValue(out bool flag) && flag;

    internal static int Number(this JsonObject? json, params string[] path) => json.At(path) is JsonValue value
        ? value.TryGetValue(out int number) ? number : int.TryParse(value.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out number) ? number : 0
        : 0;

    internal static IEnumerable<JsonObject> Objects(this JsonObject? json, params string[] path) => (json.At(path) as JsonArray ?? []).OfType<JsonObject>();

    internal static IReadOnlyList<string> Texts(this JsonObject? json, params string[] path) =>
        [.. (json.At(path) as JsonArray ?? []).OfType<JsonValue>().Select(value => value.ToString())];

    internal static IReadOnlyDictionary<string, string> Map(this JsonObject? json, params string[] path) =>
        (json.At(path) as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "", StringComparer.Ordinal);
}
