using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>A field that appears twice in one object.</summary>
internal sealed record DuplicateField(string Path);

/// <summary>
/// JSON trees in one canonical form: built at once (a lazily built tree must not be shared between threads), integers as 64 bits, strings as strings.
/// </summary>
internal static class JsonTree
{
    private const int MaxDepth = 512;

    /// <summary>Reads one JSON document.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="duplicates">Gets the fields that appear twice (the last one counts), or null when nobody asks.</param>
    /// <exception cref="JsonException">The text is no JSON document.</exception>
    internal static JsonNode? Parse(ReadOnlySpan<byte> utf8, List<DuplicateField>? duplicates = null)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read())
        {
            throw new JsonException("unexpected end of JSON input");
        }

        var node = Read(ref reader, "", duplicates);
        if (reader.Read())
        {
            throw new JsonException("trailing data after top-level value");
        }

        return node;
    }

    internal static JsonNode? Clone(JsonNode? node) => node switch
    {
        null => null,
        JsonObject source => CloneObject(source),
        JsonArray source => CloneArray(source),
        JsonValue source => CloneValue(source),
        _ => node.DeepClone(),
    };

    internal static JsonObject CloneObject(JsonObject source)
    {
        var copy = new JsonObject();
        foreach (var (name, value) in source)
        {
            copy[name] = Clone(value);
        }

        return copy;
    }

    internal static JsonArray CloneArray(JsonArray source)
    {
        var copy = new JsonArray();
        foreach (var item in source)
        {
            copy.Add(Clone(item));
        }

        return copy;
    }

    /// <summary>Equality by meaning: order of fields does not matter, 1 and 1.0 are the same.</summary>
    internal static bool AreEqual(JsonNode? left, JsonNode? right)
    {
        switch (left, right)
        {
            case (null, null):
                return true;
            case (null, _) or (_, null):
                return false;
            case (JsonObject a, JsonObject b):
                if (a.Count != b.Count)
                {
                    return false;
                }

                foreach (var (name, value) in a)
                {
                    if (!b.TryGetPropertyValue(name, out var other) || !AreEqual(value, other))
                    {
                        return false;
                    }
                }

                return true;
            case (JsonArray a, JsonArray b):
                if (a.Count != b.Count)
                {
                    return false;
                }

                for (var i = 0; i < a.Count; i++)
                {
                    if (!AreEqual(a[i], b[i]))
                    {
                        return false;
                    }
                }

                return true;
            case (JsonValue a, JsonValue b):
                var kind = a.GetValueKind();
                if (kind != b.GetValueKind())
                {
                    return false;
                }

                return kind switch
                {
                    JsonValueKind.String => string.Equals(a.GetValue<string>(), b.GetValue<string>(), StringComparison.Ordinal),
                    JsonValueKind.Number => NumbersEqual(a, b),
                    _ => true,
                };
            default:
                return false;
        }
    }

    /// <summary>The text of a string node, null for anything else.</summary>
    internal static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The node at a path, null when any step is absent.</summary>
    internal static JsonNode? Find(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            if (node is not JsonObject parent || !parent.TryGetPropertyValue(step, out node))
            {
                return null;
            }
        }

        return node;
    }

    internal static string? FindText(JsonNode? node, params ReadOnlySpan<string> path) => Text(Find(node, path));

    /// <summary>The whole number of a node, null for anything else.</summary>
    internal static long? Integer(JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return null;
        }

        if (value.TryGetValue<long>(out var whole))
        {
            return whole;
        }

        if (value.TryGetValue<int>(out var small))
        {
            return small;
        }

        var number = Number(value);
        return number == Math.Floor(number) && Math.Abs(number) < 9e18 ? (long)number : null;
    }

    internal static byte[] ToUtf8(JsonNode? node)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Wire.WriterOptions))
        {
            Write(writer, node);
        }

        return buffer.WrittenSpan.ToArray();
    }

    internal static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        if (node is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            node.WriteTo(writer);
        }
    }

    private static JsonNode? Read(ref Utf8JsonReader reader, string path, List<DuplicateField>? duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var obj = new JsonObject();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    var childPath = duplicates is null ? "" : path.Length == 0 ? name : path + "." + name;
                    if (duplicates is not null && obj.ContainsKey(name))
                    {
                        duplicates.Add(new DuplicateField(childPath));
                    }

                    obj[name] = Read(ref reader, childPath, duplicates);
                }

                return obj;
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    var childPath = duplicates is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{path}[{array.Count}]");
                    array.Add(Read(ref reader, childPath, duplicates));
                }

                return array;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var whole) ? JsonValue.Create(whole) : JsonValue.Create(reader.GetDouble());
            case JsonTokenType.True:
                return JsonValue.Create(true);
            case JsonTokenType.False:
                return JsonValue.Create(false);
            default:
                return null;
        }
    }

    private static JsonValue? CloneValue(JsonValue value)
    {
        if (value.TryGetValue<string>(out var text))
        {
            return JsonValue.Create(text);
        }

        switch (value.GetValueKind())
        {
            case JsonValueKind.True:
                return JsonValue.Create(true);
            case JsonValueKind.False:
                return JsonValue.Create(false);
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.Number:
                return Integer(value) is { } whole ? JsonValue.Create(whole) : JsonValue.Create(Number(value));
            default:
                // A date, a GUID or the like that a program put in: as the string it is on the wire.
                return JsonValue.Create(value.ToString());
        }
    }

    private static bool NumbersEqual(JsonValue a, JsonValue b) =>
        a.TryGetValue<long>(out var x) && b.TryGetValue<long>(out var y) ? x == y : Number(a) == Number(b);

    private static double Number(JsonValue value)
    {
        if (value.TryGetValue<double>(out var number))
        {
            return number;
        }

        return double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
    }
}
