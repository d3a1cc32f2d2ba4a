using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Install;

/// <summary>An overlay: one or more IstioOperators of a file, in order.</summary>
/// <param name="Source">Where it came from.</param>
public sealed record OperatorOverlay(string Source)
{
    internal IReadOnlyList<JsonObject> Documents { get; init; } = [];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file. It may hold several documents; each is a layer of its own.</param>
    /// <returns>The overlay.</returns>
    /// <exception cref="MeshException">It is no file, cannot be read, or holds something else (<c>OverlayInvalid</c>).</exception>
    /// <exception cref="KubernetesYamlException">It is no YAML.</exception>
    public static OperatorOverlay Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // What decides over a control plane should lie where it can be looked at, and be the same tomorrow.
        if (path.Contains("://", StringComparison.Ordinal))
            throw new MeshException(ErrorCatalog.OverlayInvalid, $"{path} is an address, and not a file", path, "Download the overlay, look at it, and give the file.");
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeshException(
                ErrorCatalog.OverlayInvalid, e is FileNotFoundException or DirectoryNotFoundException ? $"{path} does not exist" : $"{path}: {e.Message}", path, innerException: e);
        }

        return Parse(text, path);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">YAML or JSON; documents that are empty or hold only comments do not count.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <returns>The overlay.</returns>
    /// <exception cref="MeshException">It holds something else than IstioOperators (<c>OverlayInvalid</c>).</exception>
    /// <exception cref="KubernetesYamlException">It is no YAML.</exception>
    public static OperatorOverlay Parse(string text, string source)
    {
        var documents = KubernetesYaml.ParseAll(text, source);
        if (documents.Count == 0)
            throw new MeshException(ErrorCatalog.OverlayInvalid, $"{source} holds no document", source);
        return new OperatorOverlay(source) { Documents = [.. documents.Select((document, i) => Checked(document, i + 1, source))] };
    }

    private static JsonObject Checked(JsonNode document, int number, string source)
    {
        var kind = document.FindString("kind");
        if (document is not JsonObject map || kind is not OperatorDocument.Kind)
            throw new MeshException(ErrorCatalog.OverlayInvalid, $"{source}: document {number} is {(kind is null ? "no IstioOperator" : $"a {kind}, and no IstioOperator")}", source);
        if (map.FindString("apiVersion") is var version and not OperatorDocument.ApiVersion)
            throw new MeshException(ErrorCatalog.OverlayInvalid, $"{source}: document {number} has apiVersion {version}; istioctl reads {OperatorDocument.ApiVersion}", source);
        if (map["spec"] is not (null or JsonObject))
            throw new MeshException(ErrorCatalog.OverlayInvalid, $"{source}: the spec of document {number} is no map", source);
        var result = (JsonObject)map.DeepClone();
        // An empty spec says nothing, and must not wipe out the one below.
        if (result["spec"] is null)
            result.Remove("spec");
        return result;
    }
}
