using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Discovery;

/// <summary>
/// What a service account token says about itself (Kubernetes: service account token volume and legacy Secret claims). The signature is not checked:
/// only the cluster that issued the token can do that.
/// </summary>
internal sealed record TokenClaims(
    string? Subject, DateTimeOffset? IssuedAt, DateTimeOffset? ExpiresAt, string? Namespace, string? ServiceAccount, string? ServiceAccountUid)
{
    private const string LegacyPrefix = "kubernetes.io/serviceaccount/";

    /// <summary>Reads a token; <see langword="null"/> when it is no JSON web token.</summary>
    internal static TokenClaims? TryRead(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || Payload(parts[1]) is not { } claims)
            return null;
        return new TokenClaims(
            claims.FindString("sub"),
            Time(claims.FindInt64("iat")),
            Time(claims.FindInt64("exp")),
            claims.FindString("kubernetes.io", "namespace") ?? claims.FindString(LegacyPrefix + "namespace"),
            claims.FindString("kubernetes.io", "serviceaccount", "name") ?? claims.FindString(LegacyPrefix + "service-account.name"),
            claims.FindString("kubernetes.io", "serviceaccount", "uid") ?? claims.FindString(LegacyPrefix + "service-account.uid"));
    }

    private static DateTimeOffset? Time(long? seconds) =>
        seconds is >= 0 and < 253402300800 ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value) : null;

    private static JsonObject? Payload(string text)
    {
        try
        {
            var padded = text.Replace('-', '+').Replace('_', '/');
            return JsonNode.Parse(Convert.FromBase64String(padded + new string('=', (4 - (padded.Length % 4)) % 4))) as JsonObject;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}
