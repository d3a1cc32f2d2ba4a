using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MeshTools.Lab;

/// <summary>Checks a custom object against its definition's OpenAPI schema. Rules in CEL (<c>x-kubernetes-validations</c>) are not evaluated.</summary>
internal static class CustomValidation
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    internal static void Check(TypeSchema schema, JsonObject value, FieldFaults faults)
    {
        if (schema.Declared is { } declared)
        {
            Check(declared, value, "", faults, isRoot: true);
        }
    }

    private static void Check(JsonObject schema, JsonNode? value, string path, FieldFaults faults, bool isRoot = false)
    {
        if (value is null)
        {
            if (!Flag(schema, "nullable") && path.Length > 0 && JsonTree.Text(schema["type"]) is { } wanted)
            {
                faults.TypeInvalid(path, "null", $"{path} in body must be of type {wanted}: \"null\"");
            }

            return;
        }

        if (TypeFault(schema, value) is { } type)
        {
            faults.TypeInvalid(path, type, $"{path} in body must be of type {JsonTree.Text(schema["type"])}: \"{type}\"");
            return;
        }

        if (schema["enum"] is JsonArray allowed && !allowed.Any(option => JsonTree.AreEqual(option, value)))
        {
            faults.NotSupported(path, JsonTree.Clone(value), allowed.Select(option => JsonTree.Text(option) ?? option?.ToJsonString() ?? "null"));
        }

        switch (value)
        {
            case JsonObject obj:
                Object(schema, obj, path, faults, isRoot);
                break;
            case JsonArray list:
                List(schema, list, path, faults);
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String:
                Text(schema, scalar.GetValue<string>(), path, faults);
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.Number:
                Number(schema, scalar, path, faults);
                break;
            default:
                break;
        }

        foreach (var part in Defaults.Objects(schema["allOf"]))
        {
            Check(part, value, path, faults);
        }

        if (schema["oneOf"] is JsonArray { Count: > 0 } one && one.OfType<JsonObject>().Count(option => Holds(option, value)) != 1)
        {
            faults.Invalid(path, JsonTree.Clone(value), $"\"{path}\" must validate one and only one schema (oneOf). Found {(one.OfType<JsonObject>().Any(o => Holds(o, value)) ? "" : "none ")}valid");
        }

        if (schema["anyOf"] is JsonArray { Count: > 0 } any && !Flag(schema, "x-kubernetes-int-or-string") && !any.OfType<JsonObject>().Any(option => Holds(option, value)))
        {
            faults.Invalid(path, JsonTree.Clone(value), $"\"{path}\" must validate at least one schema (anyOf)");
        }

        if (schema["not"] is JsonObject not && Holds(not, value))
        {
            faults.Invalid(path, JsonTree.Clone(value), $"\"{path}\" must not validate the schema (not)");
        }
    }

    private static bool Holds(JsonObject schema, JsonNode value)
    {
        var faults = new FieldFaults();
        Check(schema, value, "x", faults);
        return faults.Causes.Count == 0;
    }

    private static string? TypeFault(JsonObject schema, JsonNode value)
    {
        var actual = value switch
        {
            JsonObject => "object",
            JsonArray => "array",
            _ => value.GetValueKind() switch
            {
                JsonValueKind.String => "string",
                JsonValueKind.Number => JsonTree.Integer(value) is not null ? "integer" : "number",
                _ => "boolean",
            },
        };
        var wanted = JsonTree.Text(schema["type"]);
        if (wanted is null or "" || Flag(schema, "x-kubernetes-int-or-string"))
        {
            return null;
        }

        return string.Equals(wanted, actual, StringComparison.Ordinal) || (wanted is "number" && actual is "integer") ? null : actual;
    }

    private static void Object(JsonObject schema, JsonObject value, string path, FieldFaults faults, bool isRoot)
    {
        foreach (var required in (schema["required"] as JsonArray)?.Select(JsonTree.Text).OfType<string>() ?? [])
        {
            if (!value.ContainsKey(required))
            {
                faults.Required(Join(path, required));
            }
        }

        var properties = schema["properties"] as JsonObject;
        var additional = schema["additionalProperties"] as JsonObject;
        foreach (var (name, child) in value)
        {
            if (isRoot && name is "metadata" or "kind" or "apiVersion" && isRoot)
            {
                continue;
            }

            if (properties?[name] is JsonObject childSchema)
            {
                Check(childSchema, child, Join(path, name), faults);
            }
            else if (additional is not null)
            {
                Check(additional, child, Join(path, name), faults);
            }
        }

        if (JsonTree.Integer(schema["minProperties"]) is { } min && value.Count < min)
        {
            faults.Invalid(path, JsonValue.Create((long)value.Count), $"{path} in body should have at least {min} properties");
        }

        if (JsonTree.Integer(schema["maxProperties"]) is { } max && value.Count > max)
        {
            faults.Invalid(path, JsonValue.Create((long)value.Count), $"{path} in body should have at most {max} properties");
        }
    }

    private static void List(JsonObject schema, JsonArray value, string path, FieldFaults faults)
    {
        if (schema["items"] is JsonObject items)
        {
            for (var i = 0; i < value.Count; i++)
            {
                Check(items, value[i], string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), faults);
            }
        }

        if (JsonTree.Integer(schema["minItems"]) is { } min && value.Count < min)
        {
            faults.Invalid(path, JsonValue.Create((long)value.Count), $"{path} in body should have at least {min} items");
        }

        if (JsonTree.Integer(schema["maxItems"]) is { } max && value.Count > max)
        {
            faults.Invalid(path, JsonValue.Create((long)value.Count), $"{path} in body should have at most {max} items");
        }

        Duplicates(schema, value, path, faults);
    }

    private static void Duplicates(JsonObject schema, JsonArray value, string path, FieldFaults faults)
    {
        var keys = (schema["x-kubernetes-list-map-keys"] as JsonArray)?.Select(JsonTree.Text).OfType<string>().ToArray() ?? [];
        var listType = JsonTree.Text(schema["x-kubernetes-list-type"]);
        if (listType is not ("set" or "map"))
        {
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < value.Count; i++)
        {
            JsonNode? identity = value[i];
            if (listType is "map" && value[i] is JsonObject item)
            {
                var key = new JsonObject();
                foreach (var name in keys)
                {
                    key[name] = JsonTree.Clone(item[name]);
                }

                identity = key;
            }

            if (!seen.Add(identity?.ToJsonString() ?? "null"))
            {
                faults.Duplicate(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), JsonTree.Clone(identity));
            }
        }
    }

    private static void Text(JsonObject schema, string value, string path, FieldFaults faults)
    {
        if (JsonTree.Integer(schema["minLength"]) is { } min && value.Length < min)
        {
            faults.Invalid(path, value, $"{path} in body should be at least {min} chars long");
            return;
        }

        if (JsonTree.Integer(schema["maxLength"]) is { } max && value.Length > max)
        {
            faults.TooLong(path, max);
            return;
        }

        if (JsonTree.Text(schema["pattern"]) is { } pattern && !Regex.IsMatch(value, pattern, RegexOptions.ExplicitCapture, PatternTimeout))
        {
            faults.Invalid(path, value, $"{path} in body should match '{pattern}'");
        }
    }

    private static void Number(JsonObject schema, JsonValue value, string path, FieldFaults faults)
    {
        var number = double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
        if (schema["minimum"] is JsonValue minimum)
        {
            var least = double.Parse(minimum.ToJsonString(), CultureInfo.InvariantCulture);
            var exclusive = Flag(schema, "exclusiveMinimum");
            if (exclusive ? number <= least : number < least)
            {
                faults.Invalid(path, JsonTree.Clone(value), $"{path} in body should be greater than {(exclusive ? "" : "or equal to ")}{minimum.ToJsonString()}");
            }
        }

        if (schema["maximum"] is JsonValue maximum)
        {
            var most = double.Parse(maximum.ToJsonString(), CultureInfo.InvariantCulture);
            var exclusive = Flag(schema, "exclusiveMaximum");
            if (exclusive ? number >= most : number > most)
            {
                faults.Invalid(path, JsonTree.Clone(value), $"{path} in body should be less than {(exclusive ? "" : "or equal to ")}{maximum.ToJsonString()}");
            }
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : path + "." + name;

    private static bool Flag(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue<bool>(out var set) && set;
}
