using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>
/// YAML as Kubernetes reads and writes it: YAML 1.1 words (<c>yes</c>, <c>on</c>) are booleans, <c>010</c> is octal, whole numbers keep all 64 bits,
/// a key given twice is an error. The rules are those of sigs.k8s.io/yaml; JSON is accepted too.
/// </summary>
public static class KubernetesYaml
{
    /// <summary>Reads every document of a text; empty ones are left out.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <returns>The documents in order.</returns>
    /// <exception cref="KubernetesYamlException">The text is not valid; line and column say where.</exception>
    public static IReadOnlyList<JsonNode> ParseAll(string text, string? source = null)
    {
        var result = new List<JsonNode>();
        foreach (var document in Read(text, source))
        {
            if (document.Root is not null)
                result.Add(document.Root);
        }

        return result;
    }

    /// <summary>Reads the Kubernetes objects of a text: every document, and every item of a document that is a <c>List</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <returns>The objects in order.</returns>
    /// <exception cref="KubernetesYamlException">The text is not valid, or a document has no <c>apiVersion</c> or <c>kind</c>.</exception>
    public static IReadOnlyList<KubernetesObject> ReadObjects(string text, string? source = null)
    {
        var result = new List<KubernetesObject>();
        foreach (var document in Read(text, source))
        {
            if (document.Root is not null)
                Flatten(document.Root, document, source, result);
        }

        return result;
    }

    /// <summary>Writes one document in block style, keys in their order, ending with a line feed.</summary>
    /// <param name="node">The document.</param>
    /// <returns>YAML that reads back as the same tree.</returns>
    public static string Write(JsonNode? node) => YamlWriter.Write(node);

    /// <summary>Writes several documents, separated by <c>---</c>.</summary>
    /// <param name="nodes">The documents.</param>
    /// <returns>The text.</returns>
    public static string WriteAll(IEnumerable<JsonNode?> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        var parts = new List<string>();
        foreach (var node in nodes)
            parts.Add(YamlWriter.Write(node));
        return string.Join("---\n", parts);
    }

    internal static List<YamlDocument> Read(string text, string? source)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith('\uFEFF'))
            text = text[1..];
        if (text.AsSpan().TrimStart().StartsWith("{") && JsonText.TryRead(text, source) is { } documents)
            return documents;
        return YamlReader.Read(text, source);
    }

    private static void Flatten(JsonNode node, YamlDocument place, string? source, List<KubernetesObject> result)
    {
        if (node is not JsonObject map)
            throw new KubernetesYamlException("a Kubernetes object must be a map", source, place.Line, place.Column);
        var kind = map.FindString("kind");
        var apiVersion = map.FindString("apiVersion");
        if (string.IsNullOrEmpty(kind))
            throw new KubernetesYamlException("'kind' is missing", source, place.Line, place.Column);
        if (string.IsNullOrEmpty(apiVersion))
            throw new KubernetesYamlException($"'apiVersion' is missing in a {kind}", source, place.Line, place.Column);
        if (!kind.EndsWith("List", StringComparison.Ordinal) || !map.TryGetPropertyValue("items", out var items) || items is not (JsonArray or null))
        {
            result.Add(new KubernetesObject(map));
            return;
        }

        foreach (var item in Detach(items as JsonArray))
        {
            // Typed lists (SecretList) leave the items' own kind out.
            var complete = item is JsonObject child && kind.Length > "List".Length
                ? ListItem.WithKind(child, apiVersion, kind[..^"List".Length])
                : item;
            Flatten(complete ?? throw new KubernetesYamlException("a list has an empty item", source, place.Line, place.Column), place, source, result);
        }
    }

    private static List<JsonNode?> Detach(JsonArray? items)
    {
        var result = new List<JsonNode?>();
        foreach (var item in items ?? [])
            result.Add(item);
        items?.Clear();
        return result;
    }
}
