using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>One kubeconfig file, parsed, its entries by name.</summary>
internal sealed class KubeconfigDocument
{
    internal required Dictionary<string, KubeconfigEntry> Clusters { get; init; }

    internal required Dictionary<string, KubeconfigEntry> Users { get; init; }

    internal required Dictionary<string, KubeconfigEntry> Contexts { get; init; }

    internal string? CurrentContext { get; init; }

    internal static KubeconfigDocument Parse(string yaml, string? path)
    {
        var root = ParseTree(yaml, path);
        return new KubeconfigDocument
        {
            Clusters = Entries(root, "clusters", "cluster", path),
            Users = Entries(root, "users", "user", path),
            Contexts = Entries(root, "contexts", "context", path),
            CurrentContext = root.FindString("current-context") is { Length: > 0 } current ? current : null,
        };
    }

    internal static JsonObject ParseTree(string yaml, string? path)
    {
        List<YamlDocument> documents;
        try
        {
            documents = KubernetesYaml.Read(yaml, path);
        }
        catch (KubernetesYamlException e)
        {
            throw new KubeconfigException(KubeconfigProblem.Syntax, $"the kubeconfig is not valid YAML: {e.Message}", e)
            {
                Path = path, Line = e.Line, Column = e.Column,
            };
        }

        if (documents.Count == 0 || documents[0].Root is null)
            return [];
        if (documents.Count > 1)
            throw Invalid(path, "a kubeconfig must be a single YAML document", documents[1]);
        var root = documents[0].Root as JsonObject ?? throw Invalid(path, "a kubeconfig must be a map", documents[0]);
        var kind = root.FindString("kind");
        if (!string.IsNullOrEmpty(kind) && kind is not "Config")
            throw Invalid(path, $"no kubeconfig: its kind is {kind}, not Config", documents[0]);
        var version = root.FindString("apiVersion");
        if (!string.IsNullOrEmpty(version) && version is not "v1")
            throw Invalid(path, $"no kubeconfig: its apiVersion is {version}, not v1", documents[0]);
        return root;
    }

    private static KubeconfigException Invalid(string? path, string problem, YamlDocument place) =>
        new(KubeconfigProblem.Invalid, path is null ? problem : $"{path}: {problem}") { Path = path, Line = place.Line, Column = place.Column };

    private static Dictionary<string, KubeconfigEntry> Entries(JsonObject root, string list, string body, string? path)
    {
        var result = new Dictionary<string, KubeconfigEntry>(StringComparer.Ordinal);
        if (!root.TryGetPropertyValue(list, out var node) || node is null)
            return result;
        if (node is not JsonArray array)
            throw new KubeconfigException(KubeconfigProblem.Invalid, $"{path ?? "kubeconfig"}: {list} must be a list") { Path = path };

        foreach (var item in array)
        {
            if (item is not JsonObject map || map.FindString("name") is not { } name)
                throw new KubeconfigException(KubeconfigProblem.Invalid, $"{path ?? "kubeconfig"}: an entry of {list} has no name, or one that is no text (quote it)") { Path = path };
            var content = map.TryGetPropertyValue(body, out var inner) ? inner : null;
            if (content is not (JsonObject or null))
                throw new KubeconfigException(KubeconfigProblem.Invalid, $"{path ?? "kubeconfig"}: {body} of \"{name}\" in {list} must be a map") { Path = path };
            if (!result.TryAdd(name, new KubeconfigEntry(name, content as JsonObject ?? [], path)))
                throw new KubeconfigException(KubeconfigProblem.Invalid, $"{path ?? "kubeconfig"}: duplicate name \"{name}\" in {list}") { Path = path };
        }

        return result;
    }
}
