using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>A change to an object.</summary>
public sealed class Patch
{
    private Patch(string contentType, JsonNode body)
    {
        ContentType = contentType;
        Body = body;
    }

    /// <summary>The media type that says how the server reads it.</summary>
    public string ContentType { get; }

    /// <summary>The change.</summary>
    public JsonNode Body { get; }

    /// <summary>A JSON merge patch (RFC 7386): <see langword="null"/> removes, lists are replaced.</summary>
    /// <param name="body">The change.</param>
    /// <returns>The patch.</returns>
    public static Patch Merge(JsonNode body) => Make("application/merge-patch+json", body);

    /// <summary>A JSON patch (RFC 6902).</summary>
    /// <param name="operations">The operations.</param>
    /// <returns>The patch.</returns>
    public static Patch Json(JsonArray operations) => Make("application/json-patch+json", operations);

    /// <summary>A strategic merge patch; only for built-in kinds.</summary>
    /// <param name="body">The change.</param>
    /// <returns>The patch.</returns>
    public static Patch Strategic(JsonNode body) => Make("application/strategic-merge-patch+json", body);

    private static Patch Make(string contentType, JsonNode body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new Patch(contentType, body);
    }
}
