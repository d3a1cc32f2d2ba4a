using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>One column of a Table, and how a cell of it comes from an object.</summary>
internal sealed record Column(string Name, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    internal string Type { get; init; } = "string";

    internal string Format { get; init; } = "";

    internal string Description { get; init; } = "";

    internal int Priority { get; init; }
}

/// <summary>Answers in the form <c>Table</c>, which kubectl prints as it is, and in the form PartialObjectMetadata.</summary>
internal static class TableDocuments
{
    internal static JsonObject ForObject(ServedResource resource, JsonObject value, string version, string include, DateTimeOffset now) => ForList(
        resource,
        [value],
        version,
        include,
        now,
        new JsonObject { ["resourceVersion"] = JsonTree.Clone(JsonTree.Find(value, "metadata", "resourceVersion")) });

    internal static JsonObject ForList(
        ServedResource resource,
        IEnumerable<JsonObject> items,
        string version,
        string include,
        DateTimeOffset now,
        JsonObject metadata)
    {
        var columns = Columns.Of(resource);
        var definitions = new JsonArray();
        foreach (var column in columns)
        {
            definitions.Add((JsonNode)new JsonObject
            {
                ["name"] = column.Name,
                ["type"] = column.Type,
                ["format"] = column.Format,
                ["description"] = column.Description,
                ["priority"] = column.Priority,
            });
        }

        var rows = new JsonArray();
        foreach (var item in items)
        {
            var cells = new JsonArray();
            foreach (var column in columns)
            {
                cells.Add(column.Cell(item, now));
            }

            var row = new JsonObject { ["cells"] = cells };
            row["object"] = include switch
            {
                "None" => null,
                "Object" => JsonTree.Clone(item),
                _ => MetadataOnly(item, version),
            };
            rows.Add((JsonNode)row);
        }

        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/" + version,
            ["metadata"] = metadata,
            ["columnDefinitions"] = definitions,
            ["rows"] = rows,
        };
    }

    internal static JsonObject MetadataOnly(JsonObject value, string version) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/" + version,
        ["metadata"] = JsonTree.Clone(value["metadata"]),
    };
}
