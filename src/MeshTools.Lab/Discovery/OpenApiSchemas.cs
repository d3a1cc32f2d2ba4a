using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Writes type schemas as OpenAPI, each named type once.</summary>
internal sealed class OpenApiSchemas(string referencePrefix)
{
    internal JsonObject Schemas { get; } = [];

    internal void AddKind(ServedResource resource)
    {
        var name = resource.IsCustom
            ? string.Join('.', Enumerable.Reverse(resource.Group.Split('.'))) + "." + resource.Version + "." + resource.Kind
            : LongName(resource.Schema.Name!);
        JsonObject schema;
        if (resource.Schema.Declared is { } declared)
        {
            schema = JsonTree.CloneObject(declared);
            if (schema["properties"] is JsonObject properties)
            {
                properties["metadata"] = Reference("meta.v1.ObjectMeta");
            }
        }
        else if (resource.IsCustom)
        {
            schema = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        }
        else
        {
            Add(resource.Schema);
            schema = (JsonObject)Schemas[name]!;
        }

        schema["x-kubernetes-group-version-kind"] = new JsonArray(new JsonObject { ["group"] = resource.Group, ["kind"] = resource.Kind, ["version"] = resource.Version });
        Schemas[name] = schema;
    }

    private static string LongName(string name) => name switch
    {
        _ when name.StartsWith("meta.", StringComparison.Ordinal) => "io.k8s.apimachinery.pkg.apis." + name,
        _ when name.StartsWith("apiextensions.", StringComparison.Ordinal) => "io.k8s.apiextensions-apiserver.pkg.apis." + name,
        _ => "io.k8s.api." + name,
    };

    private JsonObject Reference(string shortName)
    {
        Add(BuiltInTypes.Instance.Get(shortName));
        return new JsonObject { ["$ref"] = referencePrefix + LongName(shortName) };
    }

    private void Add(TypeSchema type)
    {
        var name = LongName(type.Name!);
        if (Schemas.ContainsKey(name))
        {
            return;
        }

        var schema = new JsonObject { ["type"] = "object" };
        Schemas[name] = schema;
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var field in type.OrderedFields)
        {
            var property = Describe(field.Type);
            if (field.Default is not null)
            {
                property["default"] = field.Default;
            }

            properties[field.Name] = property;
            if (field.IsRequired)
            {
                required.Add((JsonNode?)JsonValue.Create(field.Name));
            }
        }

        schema["properties"] = properties;
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        if (type.IsAtomic)
        {
            schema["x-kubernetes-map-type"] = "atomic";
        }
    }

    private JsonObject Describe(TypeSchema type)
    {
        switch (type.Kind)
        {
            case ValueKind.Structure:
                var reference = Reference(type.Name!);
                if (!type.PatchRetainsKeys)
                {
                    return reference;
                }

                return new JsonObject { ["allOf"] = new JsonArray(reference), ["x-kubernetes-patch-strategy"] = "retainKeys" };
            case ValueKind.List:
                return DescribeList(type);
            case ValueKind.Map:
                var map = new JsonObject { ["type"] = "object", ["additionalProperties"] = Describe(type.Element!) };
                if (type.IsAtomic)
                {
                    map["x-kubernetes-map-type"] = "atomic";
                }

                return map;
            case ValueKind.Integer:
                return new JsonObject { ["type"] = "integer", ["format"] = "int64" };
            case ValueKind.Number:
                return new JsonObject { ["type"] = "number", ["format"] = "double" };
            case ValueKind.Boolean:
                return new JsonObject { ["type"] = "boolean" };
            case ValueKind.Bytes:
                return new JsonObject { ["type"] = "string", ["format"] = "byte" };
            case ValueKind.Time or ValueKind.MicroTime:
                return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
            case ValueKind.IntegerOrText:
                return new JsonObject { ["type"] = "string", ["format"] = "int-or-string", ["x-kubernetes-int-or-string"] = true };
            case ValueKind.Any:
                return new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
            default:
                return new JsonObject { ["type"] = "string" };
        }
    }

    private JsonObject DescribeList(TypeSchema type)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = Describe(type.Element!) };
        list["x-kubernetes-list-type"] = type.Relation switch { ListRelation.Map => "map", ListRelation.Set => "set", _ => "atomic" };
        if (type.Keys.Count > 0)
        {
            list["x-kubernetes-list-map-keys"] = new JsonArray([.. type.Keys.Select(key => (JsonNode?)JsonValue.Create(key))]);
        }

        if (type.PatchMergeKey is { } mergeKey)
        {
            list["x-kubernetes-patch-strategy"] = type.PatchRetainsKeys ? "merge,retainKeys" : "merge";
            if (mergeKey.Length > 0)
            {
                list["x-kubernetes-patch-merge-key"] = mergeKey;
            }
        }

        return list;
    }
}
