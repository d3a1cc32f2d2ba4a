using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>A custom resource definition as it is once the API server has established it.</summary>
internal static class DefinitionObject
{
    /// <summary>What a kind is called.</summary>
    public sealed record Names(string Group, string Plural, string Kind, string Category, string ShortName);

    /// <summary>The definition.</summary>
    /// <param name="names">What the kind is called; an empty short name is none.</param>
    /// <param name="scope"><c>Namespaced</c> or <c>Cluster</c>.</param>
    /// <param name="versions">The versions, the stored one first.</param>
    /// <param name="properties">The schemas of the top fields; called for each version.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="now">The time.</param>
    public static JsonObject Build(
        Names names, string scope, IReadOnlyList<string> versions, Func<JsonObject> properties, IReadOnlyList<(string Key, string Value)> labels, string now)
    {
        var served = new JsonArray([.. versions.Order(StringComparer.Ordinal).Select(version => Version(version, string.Equals(version, versions[0], StringComparison.Ordinal), properties()))]);
        var status = new JsonObject { ["acceptedNames"] = Text(names) };
        Fields.SetCondition(status, now, "NamesAccepted", "True", "NoConflicts", "no conflicts found");
        Fields.SetCondition(status, now, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted");
        status["storedVersions"] = new JsonArray(JsonValue.Create(versions[0]));
        var metadata = new JsonObject { ["generation"] = 1 };
        foreach (var (key, value) in labels)
        {
            metadata.Child("labels")[key] = value;
        }

        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["conversion"] = new JsonObject { ["strategy"] = "None" },
                ["group"] = names.Group,
                ["names"] = Text(names),
                ["scope"] = scope,
                ["versions"] = served,
            },
            ["status"] = status,
        };
    }

    private static JsonObject Text(Names names)
    {
        var text = new JsonObject
        {
            ["categories"] = new JsonArray(JsonValue.Create(names.Category)),
            ["kind"] = names.Kind,
            ["listKind"] = names.Kind + "List",
            ["plural"] = names.Plural,
            ["singular"] = names.Kind.ToLowerInvariant(),
        };
        if (names.ShortName.Length > 0)
        {
            text["shortNames"] = new JsonArray(JsonValue.Create(names.ShortName));
        }

        return text;
    }

    private static JsonObject Version(string name, bool stored, JsonObject properties) => new()
    {
        ["name"] = name,
        ["schema"] = new JsonObject { ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["properties"] = properties } },
        ["served"] = true,
        ["storage"] = stored,
        ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
    };
}
