using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>One request.</summary>
/// <param name="Method">The method.</param>
/// <param name="Api">The API.</param>
/// <param name="Path">Version, path and query, relative to the API's address.</param>
internal sealed record GoogleRequest(HttpMethod Method, GoogleApi Api, string Path)
{
    /// <summary>The body; null for none.</summary>
    public JsonObject? Body { get; init; }

    /// <summary>Whether sending it twice is like sending it once: reads, whole replacements, and creations with a request ID.</summary>
    public bool Repeatable { get; init; }

    /// <summary>The time one attempt may take; null for the client's.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Seconds the server may take (system parameter <c>X-Server-Timeout</c>).</summary>
    public int? ServerTimeout { get; init; }

    /// <summary>The resource, for messages.</summary>
    public string Resource { get; init; } = "";

    internal static GoogleRequest Get(GoogleApi api, string path, string resource) => new(HttpMethod.Get, api, path) { Repeatable = true, Resource = resource };

    internal static GoogleRequest Post(GoogleApi api, string path, string resource, JsonObject? body = null) =>
        new(HttpMethod.Post, api, path) { Body = body ?? [], Resource = resource };
}
