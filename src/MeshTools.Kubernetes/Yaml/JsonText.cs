using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>Reads one or more JSON values in a row, as kubectl does where a text starts with a brace; a key given twice is an error.</summary>
internal static class JsonText
{
    /// <summary>Reads all values.</summary>
    /// <returns>Null when the text is not JSON (it may still be YAML flow style).</returns>
    internal static List<YamlDocument>? TryRead(string text, string? source)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var documents = new List<YamlDocument>();
        var offset = 0;
        try
        {
            while (SkipSpace(utf8, ref offset))
            {
                var reader = new Utf8JsonReader(utf8.AsSpan(offset), isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 500 }));
                if (!reader.Read())
                    return null;
                var (line, column) = Place(utf8, offset);
                documents.Add(new YamlDocument(ReadValue(ref reader, utf8, offset, source), line, column));
                offset += (int)reader.BytesConsumed;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is what the reader says to half a surrogate pair in an escape.
            return null;
        }

        return documents;
    }

    private static bool SkipSpace(byte[] utf8, ref int offset)
    {
        while (offset < utf8.Length && utf8[offset] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            offset++;
        return offset < utf8.Length;
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, byte[] utf8, int offset, string? source)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, utf8, offset, source);
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                while (ReadNext(ref reader) && reader.TokenType != JsonTokenType.EndArray)
                    array.Add(ReadValue(ref reader, utf8, offset, source));
                return array;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(reader.GetBoolean());
            case JsonTokenType.Number when reader.TryGetInt64(out var number):
                return JsonValue.Create(number);
            case JsonTokenType.Number when reader.TryGetUInt64(out var number):
                return JsonValue.Create(number);
            case JsonTokenType.Number:
                return JsonValue.Create(reader.GetDouble());
            default:
                return null;
        }
    }

    private static JsonObject ReadObject(ref Utf8JsonReader reader, byte[] utf8, int offset, string? source)
    {
        var map = new JsonObject();
        while (ReadNext(ref reader) && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString() ?? "";
            if (map.ContainsKey(key))
            {
                var (line, column) = Place(utf8, offset + (int)reader.TokenStartIndex);
                throw new KubernetesYamlException($"key \"{key}\" already set in map", source, line, column);
            }

            ReadNext(ref reader);
            map[key] = ReadValue(ref reader, utf8, offset, source);
        }

        return map;
    }

    private static bool ReadNext(ref Utf8JsonReader reader) => reader.Read() ? true : throw new JsonException("the text ends inside a value");

    private static (int Line, int Column) Place(byte[] utf8, int offset)
    {
        var before = utf8.AsSpan(0, offset);
        var lineStart = before.LastIndexOf((byte)'\n') + 1;
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[lineStart..]) + 1);
    }
}
