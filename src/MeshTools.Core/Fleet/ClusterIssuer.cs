using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Fleet;

/// <summary>
/// Who issues a cluster's service account tokens, as its OpenID discovery document says (kubernetes.io/docs/tasks/configure-pod-container/configure-service-account, service account
/// issuer discovery).
/// </summary>
/// <param name="Issuer">The issuer, to the letter: tokens name it so.</param>
/// <param name="Keys">Its keys, a JWKS document, where Google cannot fetch them.</param>
internal sealed record ClusterIssuer(string Issuer, string? Keys)
{
    private const string Discovery = "/.well-known/openid-configuration";
    private const string KeySet = "/openid/v1/jwks";

    // Names that only a cluster's own network, or an office's, can look up (RFC 6762, RFC 9476, and Kubernetes' own).
    private static readonly string[] s_privateNames = [".local", ".svc", ".internal", ".localhost", ".lan", ".home.arpa"];

    /// <summary>Asks for the issuer.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="publicUrl">Where the issuer's documents are for everybody, when the API server itself does not tell; else <see langword="null"/>.</param>
    /// <param name="isPrivate">Whether Google cannot fetch the keys, so that they have to be sent.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="MeshException">There is no such document, it names another issuer, or Google could not reach it.</exception>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    internal static async Task<ClusterIssuer> ReadAsync(MeshCluster cluster, Uri? publicUrl, bool isPrivate, CancellationToken cancellationToken)
    {
        if (publicUrl is not null)
            return await ReadPublicAsync(cluster, publicUrl, cancellationToken).ConfigureAwait(false);
        var issuer = Parse(cluster, Discovery, await GetAsync(cluster, Discovery, cancellationToken).ConfigureAwait(false)).FindString("issuer")
            ?? throw Unreadable(cluster, $"{Discovery} names no issuer");
        if (isPrivate)
        {
            var keys = await GetAsync(cluster, KeySet, cancellationToken).ConfigureAwait(false);
            return Parse(cluster, KeySet, keys).FindArray("keys") is { Count: > 0 } ? new ClusterIssuer(issuer, keys) : throw Unreadable(cluster, $"{KeySet} holds no keys");
        }

        return IsPublic(issuer)
            ? new ClusterIssuer(issuer, null)
            : throw new MeshException(ErrorCatalog.IssuerNotPublic, $"{cluster.Name}: Google cannot reach {issuer}, which issues its service account tokens", cluster);
    }

    /// <summary>Whether Google may be able to fetch an issuer's documents. What only a private network knows, it cannot.</summary>
    internal static bool IsPublic(string issuer)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var uri) || uri.Scheme is not "https" || uri.IsLoopback)
            return false;
        if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address))
            return !IsPrivate(address);
        return uri.Host.Contains('.', StringComparison.Ordinal) && !Array.Exists(s_privateNames, name => uri.Host.EndsWith(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether two key sets hold the same keys.</summary>
    internal static bool SameKeys(string? left, string? right)
    {
        try
        {
            return left is null || right is null ? left is null && right is null : JsonNode.DeepEquals(JsonNode.Parse(left), JsonNode.Parse(right));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task<ClusterIssuer> ReadPublicAsync(MeshCluster cluster, Uri url, CancellationToken cancellationToken)
    {
        var issuer = url.OriginalString;
        // A lab's are on this machine.
        if (!url.IsAbsoluteUri || (url.Scheme is not "https" && !(url.Scheme is "http" && url.IsLoopback)) || url.UserInfo.Length > 0)
            throw Unreadable(cluster, $"{issuer} is no https URL");
        var place = issuer.TrimEnd('/') + Discovery;
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        string text;
        try
        {
            text = await client.GetStringAsync(new Uri(place), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Unreadable(cluster, $"{place} cannot be read: {e.GetBaseException().Message}", e);
        }

        var said = Parse(cluster, place, text).FindString("issuer");
        return string.Equals(said, issuer, StringComparison.Ordinal)
            ? new ClusterIssuer(issuer, null)
            : throw new MeshException(ErrorCatalog.IssuerMismatch, $"{cluster.Name}: {place} names {said ?? "no issuer"} as its issuer, and not {issuer}", cluster);
    }

    private static async Task<string> GetAsync(MeshCluster cluster, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await cluster.Connect().GetRawAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            throw Unreadable(cluster, $"the API server does not serve {path}", e);
        }
    }

    private static JsonObject Parse(MeshCluster cluster, string place, string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw Unreadable(cluster, $"{place} holds no JSON object");
        }
        catch (JsonException e)
        {
            throw Unreadable(cluster, $"{place} holds no JSON", e);
        }
    }

    private static MeshException Unreadable(MeshCluster cluster, string why, Exception? inner = null) => new(ErrorCatalog.IssuerUnknown, $"{cluster.Name}: {why}", cluster, innerException: inner);

    private static bool IsPrivate(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return IPAddress.IsLoopback(address) || (address.AddressFamily is AddressFamily.InterNetwork
            ? bytes[0] is 10 || (bytes[0] is 172 && bytes[1] is >= 16 and < 32) || (bytes[0] is 192 && bytes[1] is 168) || (bytes[0] is 169 && bytes[1] is 254) || (bytes[0] is 100 && bytes[1] is >= 64 and < 128)
            : address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal);
    }
}
