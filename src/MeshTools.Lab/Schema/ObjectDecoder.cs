using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Reads an object as the server's typed decoder does and writes it as its encoder does: known fields only, in their order, empty values left out where
/// Go leaves them out. What is not known is reported, not an error by itself.
/// </summary>
internal sealed class ObjectDecoder
{
    private readonly List<string> _unknown = [];
    private readonly string _rootName;
    private readonly StringBuilder _path = new();

    private ObjectDecoder(string rootName) => _rootName = rootName;

    /// <summary>Decodes.</summary>
    /// <param name="resource">What the object is.</param>
    /// <param name="source">The object; not changed.</param>
    /// <param name="unknownFields">Gets the paths of the fields that are not in the schema.</param>
    /// <exception cref="FormatException">A field has a value of the wrong type; the message is that of the server's decoder.</exception>
    internal static JsonObject Decode(ServedResource resource, JsonObject source, ICollection<string>? unknownFields = null) =>
        Decode(resource.Schema, resource.Kind, source, unknownFields);

    internal static JsonObject Decode(TypeSchema schema, string kind, JsonObject source, ICollection<string>? unknownFields = null)
    {
        var decoder = new ObjectDecoder(kind);
        var result = decoder.Structure(schema, source, kind);
        foreach (var unknown in decoder._unknown)
        {
            unknownFields?.Add(unknown);
        }

        return result;
    }

    /// <summary>An object of this kind as it is before anything was set: what a create is compared with.</summary>
    internal static JsonObject Empty(ServedResource resource) => resource.IsCustom ? [] : Decode(resource, []);

    private JsonObject Structure(TypeSchema schema, JsonObject source, string structure)
    {
        // Built-in types are Go structures; a custom object is kept as it came, but for its metadata.
        var isTyped = schema.Name is not null;
        var result = new JsonObject();
        foreach (var field in schema.OrderedFields)
        {
            var present = source.TryGetPropertyValue(field.Name, out var value);
            if (present && value is not null)
            {
                var length = Enter("." + field.Name);
                var decoded = Value(field.Type, value, structure);
                Leave(length);
                if (isTyped && Omitted(field, decoded))
                {
                    continue;
                }

                result[field.Name] = decoded;
            }
            else if (!isTyped && field.Type.Declared is not null)
            {
                // A custom object keeps an explicit null only where its schema allows one.
                if (present && field.Type.IsNullable)
                {
                    result[field.Name] = null;
                }
            }
            else
            {
                AddAbsent(result, field);
            }
        }

        foreach (var (name, value) in source)
        {
            if (schema.Fields.ContainsKey(name))
            {
                continue;
            }

            if (schema.PreservesUnknown)
            {
                result[name] = JsonTree.Clone(value);
            }
            else
            {
                var length = Enter("." + name);
                _unknown.Add(_path.ToString(1, _path.Length - 1));
                Leave(length);
            }
        }

        return result;
    }

    private void AddAbsent(JsonObject result, FieldSchema field)
    {
        if (field.IsNullWhenAbsent)
        {
            result[field.Name] = null;
        }
        else if (field.IsAlwaysWritten)
        {
            result[field.Name] = field.Type.Kind switch
            {
                ValueKind.Structure => Structure(field.Type, [], field.Type.Name ?? ""),
                ValueKind.Integer or ValueKind.IntegerOrText or ValueKind.Number => JsonValue.Create(0L),
                ValueKind.Boolean => JsonValue.Create(false),
                ValueKind.Quantity => JsonValue.Create("0"),
                ValueKind.Text or ValueKind.Bytes => JsonValue.Create(""),
                _ => null,
            };
        }
    }

    private static bool Omitted(FieldSchema field, JsonNode? decoded)
    {
        if (field.IsPointer || field.IsAlwaysWritten || field.IsNullWhenAbsent)
        {
            return false;
        }

        return decoded switch
        {
            null => true,
            JsonArray array => array.Count == 0,
            JsonObject obj => obj.Count == 0 && field.Type.Kind != ValueKind.Any,
            JsonValue value => value.GetValueKind() switch
            {
                JsonValueKind.String => value.GetValue<string>().Length == 0,
                JsonValueKind.False => true,
                JsonValueKind.Number => JsonTree.Integer(value) == 0 && field.Type.Kind is ValueKind.Integer or ValueKind.Number,
                _ => false,
            },
            _ => false,
        };
    }

    private JsonNode? Value(TypeSchema schema, JsonNode value, string structure)
    {
        if (schema.Declared is not null && !Fits(schema, value))
        {
            // A custom object's types are checked by validation, which names every fault, not by decoding.
            return JsonTree.Clone(value);
        }

        switch (schema.Kind)
        {
            case ValueKind.Structure:
                return value is JsonObject obj ? Structure(schema, obj, ShortName(schema) ?? structure) : throw Mismatch(value, schema, structure);
            case ValueKind.List:
                return value is JsonArray array ? List(schema, array, structure) : throw Mismatch(value, schema, structure);
            case ValueKind.Map:
                return value is JsonObject map ? Map(schema, map, structure) : throw Mismatch(value, schema, structure);
            case ValueKind.Any:
                return JsonTree.Clone(value);
            default:
                return Scalar(schema, value, structure);
        }
    }

    private static bool Fits(TypeSchema schema, JsonNode value) => schema.Kind switch
    {
        ValueKind.Structure or ValueKind.Map => value is JsonObject,
        ValueKind.List => value is JsonArray,
        ValueKind.Any => true,
        ValueKind.Text => value.GetValueKind() == JsonValueKind.String,
        ValueKind.Integer or ValueKind.Number => value.GetValueKind() == JsonValueKind.Number && (schema.Kind == ValueKind.Number || JsonTree.Integer(value) is not null),
        ValueKind.Boolean => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        ValueKind.IntegerOrText => value.GetValueKind() == JsonValueKind.String || JsonTree.Integer(value) is not null,
        _ => true,
    };

    private JsonArray List(TypeSchema schema, JsonArray source, string structure)
    {
        var result = new JsonArray();
        for (var i = 0; i < source.Count; i++)
        {
            var length = Enter(string.Create(CultureInfo.InvariantCulture, $"[{i}]"));
            var item = source[i];
            result.Add(item is null ? Zero(schema.Element!) : Value(schema.Element!, item, structure));
            Leave(length);
        }

        return result;
    }

    private JsonObject Map(TypeSchema schema, JsonObject source, string structure)
    {
        var result = new JsonObject();
        foreach (var (name, value) in source.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            // The decoder names the map, not the key, when a plain value is of the wrong type.
            var length = schema.Element!.Kind is ValueKind.Structure or ValueKind.List or ValueKind.Map ? Enter("." + name) : _path.Length;
            result[name] = value is null ? Zero(schema.Element) : Value(schema.Element, value, structure);
            Leave(length);
        }

        return result;
    }

    private JsonNode? Zero(TypeSchema schema) => schema.Kind switch
    {
        _ when schema.IsNullable => null,
        ValueKind.Text => JsonValue.Create(""),
        ValueKind.Structure => Structure(schema, [], ""),
        _ => null,
    };

    private JsonNode? Scalar(TypeSchema schema, JsonNode value, string structure)
    {
        var json = value as JsonValue;
        var kind = json?.GetValueKind() ?? JsonValueKind.Undefined;
        switch (schema.Kind)
        {
            case ValueKind.Text when kind == JsonValueKind.String:
            case ValueKind.Boolean when kind is JsonValueKind.True or JsonValueKind.False:
            case ValueKind.Number when kind == JsonValueKind.Number:
            case ValueKind.Integer when kind == JsonValueKind.Number && JsonTree.Integer(value) is not null:
            case ValueKind.IntegerOrText when kind == JsonValueKind.String || kind == JsonValueKind.Number && JsonTree.Integer(value) is not null:
                return JsonTree.Clone(value);
            case ValueKind.Bytes when kind == JsonValueKind.String:
                return Bytes(JsonTree.Text(value)!);
            case ValueKind.Time when kind == JsonValueKind.String:
                return Time(JsonTree.Text(value)!, "yyyy-MM-dd'T'HH:mm:ss'Z'");
            case ValueKind.MicroTime when kind == JsonValueKind.String:
                return Time(JsonTree.Text(value)!, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
            case ValueKind.Quantity when kind is JsonValueKind.String or JsonValueKind.Number:
                return Quantities.TryCanonicalise(kind == JsonValueKind.String ? JsonTree.Text(value)! : value.ToJsonString(), out var canonical)
                    ? JsonValue.Create(canonical)
                    : throw new FormatException(
                        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
            default:
                throw Mismatch(value, schema, structure);
        }
    }

    private static JsonValue? Bytes(string text)
    {
        // Go's decoder skips line ends inside base64.
        var compact = text.Contains('\n', StringComparison.Ordinal) || text.Contains('\r', StringComparison.Ordinal)
            ? text.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal)
            : text;
        if (compact.Length % 4 == 0 && Base64.IsValid(compact))
        {
            return JsonValue.Create(compact);
        }

        var bad = 0;
        while (bad < compact.Length && (char.IsAsciiLetterOrDigit(compact[bad]) || compact[bad] is '+' or '/'))
        {
            bad++;
        }

        throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"illegal base64 data at input byte {(bad == compact.Length ? compact.Length / 4 * 4 : bad)}"));
    }

    private static JsonValue? Time(string text, string format) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? JsonValue.Create(time.ToString(format, CultureInfo.InvariantCulture))
            : throw new FormatException($"parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\"");

    private FormatException Mismatch(JsonNode value, TypeSchema schema, string structure)
    {
        var what = value switch
        {
            JsonObject => "object",
            JsonArray => "array",
            _ => value.GetValueKind() switch
            {
                JsonValueKind.String => "string",
                JsonValueKind.Number when schema.Kind == ValueKind.Integer => "number " + value.ToJsonString(),
                JsonValueKind.Number => "number",
                _ => "bool",
            },
        };
        var type = schema.Kind switch
        {
            ValueKind.Text or ValueKind.IntegerOrText => "string",
            ValueKind.Integer => "int32",
            ValueKind.Number => "float64",
            ValueKind.Boolean => "bool",
            ValueKind.Bytes => "[]uint8",
            ValueKind.Time or ValueKind.MicroTime => "string",
            ValueKind.List => "[]" + GoName(schema.Element!),
            ValueKind.Map => "map[string]" + GoName(schema.Element!),
            _ => GoName(schema),
        };
        var path = _path.Length > 0 ? _path.ToString(1, _path.Length - 1) : "";
        return new FormatException($"json: cannot unmarshal {what} into Go struct field {ShortName(structure) ?? _rootName}.{path} of type {type}");
    }

    private static string GoName(TypeSchema schema) => schema.Kind switch
    {
        ValueKind.Text => "string",
        ValueKind.Bytes => "[]uint8",
        ValueKind.Integer => "int32",
        ValueKind.Structure when schema.Name is not null => "v1." + ShortName(schema),
        _ => "interface {}",
    };

    private static string? ShortName(TypeSchema schema) => ShortName(schema.Name);

    private static string? ShortName(string? name) => string.IsNullOrEmpty(name) ? null : name[(name.LastIndexOf('.') + 1)..];

    private int Enter(string step)
    {
        var length = _path.Length;
        _path.Append(step);
        return length;
    }

    private void Leave(int length) => _path.Length = length;
}
