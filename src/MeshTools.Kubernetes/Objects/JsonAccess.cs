using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>Reads from JSON trees that others wrote: a wrong type is an absent value, never an exception.</summary>
internal static class JsonAccess
{
    internal static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 1000 };

    internal static JsonNode? Find(this JsonNode? node, params string[] path)
    {
        foreach (var step in path)
        {
            if (node is not JsonObject map || !map.TryGetPropertyValue(step, out node))
                return null;
        }

        return node;
    }

    internal static string? FindString(this JsonNode? node, params string[] path) => AsString(node.Find(path));

    internal static long? FindInt64(this JsonNode? node, params string[] path) => AsInt64(node.Find(path));

    internal static bool? FindBoolean(this JsonNode? node, params string[] path) =>
        node.Find(path) is JsonValue value && value.TryGetValue(out bool result) ? result : null;

    internal static JsonArray? FindArray(this JsonNode? node, params string[] path) => node.Find(path) as JsonArray;

    internal static string? AsString(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    internal static long? AsInt64(JsonNode? node)
    {
        if (node is not JsonValue value)
            return null;
        if (value.TryGetValue(out long number))
            return number;
        if (value.TryGetValue(out int small))
            return small;
        if (value.TryGetValue(out double real) && real == Math.Floor(real) && Math.Abs(real) < 9e18)
            return (long)real;
        return null;
    }

    /// <summary>The value as kubectl prints it: strings bare, everything else as JSON.</summary>
    internal static string AsText(JsonNode? node) => AsString(node) ?? (node is null ? "null" : ToJson(node));

    internal static DateTimeOffset? AsTime(string? text) =>
        text is not null && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    internal static string[] FindStrings(this JsonNode? node, params string[] path)
    {
        if (node.Find(path) is not JsonArray array)
            return [];
        var result = new List<string>(array.Count);
        foreach (var item in array)
        {
            if (AsString(item) is { } text)
                result.Add(text);
        }

        return [.. result];
    }

    internal static Dictionary<string, string> ToStringMap(JsonNode? node)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (node is JsonObject map)
        {
            foreach (var (key, value) in map)
            {
                if (AsString(value) is { } text)
                    result[key] = text;
            }
        }

        return result;
    }

    internal static JsonArray ToJsonArray(IEnumerable<string> values)
    {
        var array = new JsonArray();
        foreach (var value in values)
            array.Add((JsonNode)value);
        return array;
    }

    internal static byte[] ToUtf8(JsonNode node)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
            node.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }

    internal static string ToJson(JsonNode node) => System.Text.Encoding.UTF8.GetString(ToUtf8(node));

    /// <summary>Parses what a server sent. Null when it is not a JSON object.</summary>
    internal static JsonObject? TryParseObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonNode.Parse(utf8, documentOptions: DocumentOptions) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
