using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Accepts the names of custom resource definitions, so that their resources are served.</summary>
internal static class DefinitionNames
{
    internal const string Plural = "customresourcedefinitions";
    internal const string Group = "apiextensions.k8s.io";

    internal static bool IsDefinition(ResourceKey key) => key is { Group: Group, Plural: Plural };

    /// <summary>Sets NamesAccepted and Established, as the two controllers of apiextensions-apiserver do.</summary>
    internal static StoredObject? Establish(ObjectStore store, ResourceKey key) => store.Mutate(
        key,
        definition =>
        {
            var status = Defaults.Child(definition, "status");
            status["acceptedNames"] = JsonTree.Clone(definition["spec"]?["names"]);
            SetCondition(status, "NamesAccepted", "NoConflicts", "no conflicts found", store.Clock);
            SetCondition(status, "Established", "InitialNamesAccepted", "the initial names have been accepted", store.Clock);
            var stored = (status["storedVersions"] as JsonArray)?.Select(JsonTree.Text).OfType<string>().ToList() ?? [];
            foreach (var version in Defaults.Objects(definition["spec"]?["versions"]))
            {
                if (version["storage"]?.GetValue<bool>() == true && JsonTree.Text(version["name"]) is { } name && !stored.Contains(name))
                {
                    stored.Add(name);
                }
            }

            status["storedVersions"] = new JsonArray([.. stored.Select(name => (JsonNode?)JsonValue.Create(name))]);
            return definition;
        },
        "kube-apiserver",
        "status");

    private static void SetCondition(JsonObject status, string type, string reason, string message, TimeProvider clock)
    {
        if (status["conditions"] is not JsonArray conditions)
        {
            conditions = [];
            status["conditions"] = conditions;
        }

        if (conditions.OfType<JsonObject>().Any(condition => string.Equals(JsonTree.Text(condition["type"]), type, StringComparison.Ordinal)))
        {
            return;
        }

        conditions.Add((JsonNode)new JsonObject
        {
            ["type"] = type,
            ["status"] = "True",
            ["lastTransitionTime"] = Metadata.Timestamp(clock),
            ["reason"] = reason,
            ["message"] = message,
        });
    }
}
