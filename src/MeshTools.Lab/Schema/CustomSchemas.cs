using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Turns the OpenAPI v3 schema of a custom resource definition into a <see cref="TypeSchema"/> (structural schemas, KEP-1693 list markers).</summary>
internal static class CustomSchemas
{
    /// <summary>The schema of a whole custom object: the declared fields plus type and metadata, which every object has.</summary>
    internal static TypeSchema ForObject(JsonObject? openApi)
    {
        var declared = openApi is null ? TypeSchema.Anything : Read(openApi);
        var fields = new List<FieldSchema>
        {
            new("apiVersion", new TypeSchema { Kind = ValueKind.Text }),
            new("kind", new TypeSchema { Kind = ValueKind.Text }),
            new("metadata", BuiltInTypes.Instance.Get("meta.v1.ObjectMeta")) { IsAlwaysWritten = true },
        };
        fields.AddRange(declared.OrderedFields.Where(field => field.Name is not ("apiVersion" or "kind" or "metadata")));
        return new TypeSchema
        {
            Kind = ValueKind.Structure,
            OrderedFields = fields,
            Fields = fields.ToDictionary(field => field.Name, StringComparer.Ordinal),
            PreservesUnknown = declared.PreservesUnknown,
            Declared = openApi,
        };
    }

    private static TypeSchema Read(JsonObject schema)
    {
        var nullable = Flag(schema, "nullable");
        if (Flag(schema, "x-kubernetes-int-or-string"))
        {
            return new TypeSchema { Kind = ValueKind.IntegerOrText, IsNullable = nullable, Declared = schema };
        }

        return JsonTree.Text(schema["type"]) switch
        {
            "string" => Scalar(ValueKind.Text),
            "integer" => Scalar(ValueKind.Integer),
            "number" => Scalar(ValueKind.Number),
            "boolean" => Scalar(ValueKind.Boolean),
            "array" => new TypeSchema
            {
                Kind = ValueKind.List,
                Element = schema["items"] is JsonObject items ? Read(items) : TypeSchema.Anything,
                Relation = JsonTree.Text(schema["x-kubernetes-list-type"]) switch { "set" => ListRelation.Set, "map" => ListRelation.Map, _ => ListRelation.Atomic },
                Keys = (schema["x-kubernetes-list-map-keys"] as JsonArray)?.Select(JsonTree.Text).OfType<string>().ToArray() ?? [],
                IsNullable = nullable,
                Declared = schema,
            },
            "object" => ReadObject(schema, nullable),
            _ => TypeSchema.Anything,
        };

        TypeSchema Scalar(ValueKind kind) => new() { Kind = kind, IsNullable = nullable, Declared = schema };
    }

    private static TypeSchema ReadObject(JsonObject schema, bool nullable)
    {
        var preserves = Flag(schema, "x-kubernetes-preserve-unknown-fields");
        var atomic = JsonTree.Text(schema["x-kubernetes-map-type"]) is "atomic";
        if (schema["additionalProperties"] is JsonObject values && schema["properties"] is not JsonObject { Count: > 0 })
        {
            return new TypeSchema { Kind = ValueKind.Map, Element = Read(values), IsAtomic = atomic, IsNullable = nullable, Declared = schema };
        }

        if (schema["additionalProperties"] is JsonValue open && open.TryGetValue<bool>(out var allowed) && allowed)
        {
            return new TypeSchema { Kind = ValueKind.Map, Element = TypeSchema.Anything, IsAtomic = atomic, IsNullable = nullable, Declared = schema };
        }

        var embedded = Flag(schema, "x-kubernetes-embedded-resource");
        var required = (schema["required"] as JsonArray)?.Select(JsonTree.Text).OfType<string>().ToHashSet(StringComparer.Ordinal) ?? [];
        var fields = new List<FieldSchema>();
        if (embedded)
        {
            fields.Add(new FieldSchema("apiVersion", new TypeSchema { Kind = ValueKind.Text }));
            fields.Add(new FieldSchema("kind", new TypeSchema { Kind = ValueKind.Text }));
            fields.Add(new FieldSchema("metadata", BuiltInTypes.Instance.Get("meta.v1.ObjectMeta")));
        }

        if (schema["properties"] is JsonObject properties)
        {
            foreach (var (name, value) in properties)
            {
                if (value is JsonObject child && !fields.Exists(field => string.Equals(field.Name, name, StringComparison.Ordinal)))
                {
                    fields.Add(new FieldSchema(name, Read(child)) { IsRequired = required.Contains(name), Default = JsonTree.Text(child["default"]) });
                }
            }
        }

        return new TypeSchema
        {
            Kind = ValueKind.Structure,
            OrderedFields = fields,
            Fields = fields.ToDictionary(field => field.Name, StringComparer.Ordinal),
            PreservesUnknown = preserves,
            IsAtomic = atomic,
            IsNullable = nullable,
            Declared = schema,
        };
    }

    private static bool Flag(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue<bool>(out var set) && set;
}
