using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>One request to the API, and what it is about, for messages.</summary>
internal sealed class ApiRequest
{
    internal const string Json = "application/json";

    internal required HttpMethod Method { get; init; }

    /// <summary>Path and query, starting with a slash, below the server's own path.</summary>
    internal required string PathAndQuery { get; init; }

    /// <summary>The API verb: get list watch create update patch delete.</summary>
    internal required string Verb { get; init; }

    internal ResourceType? ResourceType { get; init; }

    internal string? Namespace { get; init; }

    internal string? Name { get; init; }

    internal byte[]? Body { get; init; }

    internal string ContentType { get; init; } = Json;

    internal string Accept { get; init; } = Json;

    /// <summary>The time for the whole answer; for a watch, for its beginning. Null for the client's default.</summary>
    internal TimeSpan? Timeout { get; init; }

    internal static byte[] Utf8(JsonNode node) => JsonAccess.ToUtf8(node);

    /// <summary>What is being done, for messages: "get Secret istio-system/x".</summary>
    internal string Describe()
    {
        if (ResourceType is null)
            return $"{Method.Method} {PathAndQuery}";
        var text = new StringBuilder(Verb).Append(' ').Append(ResourceType.Kind);
        if (Namespace is not null || Name is not null)
            text.Append(' ').Append(Namespace).Append(Namespace is not null && Name is not null ? "/" : "").Append(Name);
        return text.ToString();
    }
}

/// <summary>A successful answer, read to its end.</summary>
internal readonly record struct ApiResponse(int StatusCode, byte[] Body, string? ContentType);
