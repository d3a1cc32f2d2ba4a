using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>A token of a service account that a given token may act as (IAM Credentials, <c>generateAccessToken</c>).</summary>
internal sealed class ImpersonatedToken(IGoogleTokenSource source, GoogleCloudOptions options, IReadOnlyList<string> chain) : IGoogleTokenSource
{
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(2);

    // Two callers at once may each ask for one; both are good.
    private Held? _held;

    public string Description => $"service account {chain[^1]}, acted as with {source.Description}";

    public string? Account => chain[^1];

    public async Task<AccessToken> GetAsync(CancellationToken cancellationToken)
    {
        if (_held is { } held && options.TimeProvider.GetUtcNow() < held.End - s_margin)
            return held.Token;
        using var transport = new GoogleTransport(options, source);
        var body = new JsonObject
        {
            ["scope"] = new JsonArray([.. GoogleScopes.All.Select(scope => (JsonNode)scope)]),
            ["lifetime"] = "3600s",
            ["delegates"] = new JsonArray([.. chain.SkipLast(1).Select(name => (JsonNode)$"projects/-/serviceAccounts/{name}")]),
        };
        var request = new GoogleRequest(HttpMethod.Post, GoogleApi.IamCredentials, $"v1/projects/-/serviceAccounts/{Uri.EscapeDataString(chain[^1])}:generateAccessToken")
        {
            Body = body, Repeatable = true, Resource = $"service account {chain[^1]}",
        };
        var answer = await transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var end = DateTimeOffset.TryParse(answer.Text("expireTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var told) ? told : DateTimeOffset.MinValue;
        var token = answer.Text("accessToken") ?? throw new GoogleCredentialException(GoogleCredentialProblem.Refused, $"{Description}: Google gave no token");
        var fresh = new AccessToken(token, quotaProject: null);
        _held = new Held(fresh, end);
        return fresh;
    }

    private sealed record Held(AccessToken Token, DateTimeOffset End);
}
