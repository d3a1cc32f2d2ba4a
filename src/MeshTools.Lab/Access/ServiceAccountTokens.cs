using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>An object a token lives and dies with.</summary>
/// <param name="Kind">Pod, Secret or Node.</param>
/// <param name="Name">Its name, in the namespace of the service account.</param>
/// <param name="Uid">Its UID.</param>
public sealed record BoundObject(string Kind, string Name, string Uid);

/// <summary>A token of the TokenRequest sort.</summary>
/// <param name="Token">The JWT.</param>
/// <param name="Audiences">Whom it is for.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record IssuedToken(string Token, IReadOnlyList<string> Audiences, DateTimeOffset ExpiresAt);

/// <summary>What a token says, once it is found good.</summary>
/// <param name="Identity">The service account as a user.</param>
/// <param name="Audiences">Those of the wanted audiences that the token is for.</param>
public sealed record VerifiedToken(Identity Identity, IReadOnlyList<string> Audiences);

/// <summary>
/// Issues and checks the JSON web tokens of service accounts, with the claims of k8s.io/kubernetes/pkg/serviceaccount (legacy.go, claims.go):
/// tokens kept in a Secret never expire but die with the Secret or the account; requested tokens expire and name their audience.
/// </summary>
public sealed class ServiceAccountTokens : IDisposable
{
    /// <summary>The issuer of requested tokens, and the audience of the API server itself.</summary>
    public const string DefaultIssuer = "https://kubernetes.default.svc.cluster.local";

    private const string LegacyIssuer = "kubernetes/serviceaccount";
    private const string SecretClaim = "kubernetes.io/serviceaccount/secret.name";
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly object _keyGate = new();
    private readonly string _header;
    private readonly ObjectStore _store;

    /// <summary>Makes a signing key for one cluster.</summary>
    public ServiceAccountTokens(ObjectStore store, string issuer = DefaultIssuer)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        _store = store;
        Issuer = issuer;
        KeyId = Encode(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));
        _header = Encode(Encoding.UTF8.GetBytes($$"""{"alg":"ES256","kid":"{{KeyId}}"}"""));
    }

    /// <summary>The issuer of requested tokens.</summary>
    public string Issuer { get; }

    /// <summary>The <c>kid</c> of the signing key.</summary>
    public string KeyId { get; }

    /// <summary>The public key as a JSON web key set, what <c>/openid/v1/jwks</c> answers.</summary>
    public JsonObject KeySet()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["use"] = "sig",
                ["kty"] = "EC",
                ["kid"] = KeyId,
                ["crv"] = "P-256",
                ["alg"] = "ES256",
                ["x"] = Encode(point.X!),
                ["y"] = Encode(point.Y!),
            }),
        };
    }

    /// <summary>The token that the token controller puts into a Secret of type <c>kubernetes.io/service-account-token</c>.</summary>
    public string IssueSecretToken(string @namespace, string serviceAccount, string serviceAccountUid, string secretName) => Sign(new JsonObject
    {
        ["iss"] = LegacyIssuer,
        ["kubernetes.io/serviceaccount/namespace"] = @namespace,
        [SecretClaim] = secretName,
        ["kubernetes.io/serviceaccount/service-account.name"] = serviceAccount,
        ["kubernetes.io/serviceaccount/service-account.uid"] = serviceAccountUid,
        ["sub"] = Subject(@namespace, serviceAccount),
    });

    /// <summary>A token as TokenRequest answers it.</summary>
    /// <param name="namespace">Namespace of the account.</param>
    /// <param name="serviceAccount">Name of the account.</param>
    /// <param name="serviceAccountUid">UID of the account; the token is good while an account of this UID is there.</param>
    /// <param name="lifetime">How long it is good.</param>
    /// <param name="audiences">Whom it is for; null or empty: this API server.</param>
    /// <param name="bound">An object it dies with.</param>
    public IssuedToken IssueRequestedToken(
        string @namespace,
        string serviceAccount,
        string serviceAccountUid,
        TimeSpan lifetime,
        IReadOnlyList<string>? audiences = null,
        BoundObject? bound = null)
    {
        var now = _store.Clock.GetUtcNow();
        var issued = now.ToUnixTimeSeconds();
        var expires = issued + (long)lifetime.TotalSeconds;
        var forWhom = audiences is { Count: > 0 } ? audiences : [Issuer];
        var audienceClaim = new JsonArray();
        foreach (var audience in forWhom)
        {
            audienceClaim.Add((JsonNode?)JsonValue.Create(audience));
        }

        var kubernetes = new JsonObject { ["namespace"] = @namespace };
        if (bound is not null)
        {
            kubernetes[bound.Kind.ToLowerInvariant()] = new JsonObject { ["name"] = bound.Name, ["uid"] = bound.Uid };
        }

        kubernetes["serviceaccount"] = new JsonObject { ["name"] = serviceAccount, ["uid"] = serviceAccountUid };
        var token = Sign(new JsonObject
        {
            ["aud"] = audienceClaim,
            ["exp"] = expires,
            ["iat"] = issued,
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = kubernetes,
            ["nbf"] = issued,
            ["sub"] = Subject(@namespace, serviceAccount),
        });
        return new IssuedToken(token, forWhom, DateTimeOffset.FromUnixTimeSeconds(expires));
    }

    /// <summary>Checks a token: signature, time, audience, and that what it is bound to is still there.</summary>
    /// <param name="token">The JWT.</param>
    /// <param name="audiences">Audiences of which the token must have one; null: this API server.</param>
    /// <returns>What it says, or null when it is no good (any more).</returns>
    public VerifiedToken? Verify(string token, IReadOnlyList<string>? audiences = null)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (ReadSigned(token) is not { } claims)
        {
            return null;
        }

        try
        {
            return Text(claims, "iss") switch
            {
                LegacyIssuer => VerifyLegacy(claims, token, audiences),
                { } issuer when string.Equals(issuer, Issuer, StringComparison.Ordinal) => VerifyRequested(claims, audiences),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // A claim of an unexpected JSON type: not one of ours.
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static string Subject(string @namespace, string serviceAccount) => $"system:serviceaccount:{@namespace}:{serviceAccount}";

    private static string? Text(JsonNode? node, params string[] path)
    {
        foreach (var step in path)
        {
            node = (node as JsonObject)?[step];
        }

        return node?.GetValue<string>();
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static byte[]? Decode(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/');
        padded = padded.PadRight((padded.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length) ? bytes[..length] : null;
    }

    private static Identity IdentityOf(string @namespace, string name, string uid, Dictionary<string, IReadOnlyList<string>> extra) => new(
        Subject(@namespace, name),
        uid,
        ["system:serviceaccounts", "system:serviceaccounts:" + @namespace, "system:authenticated"],
        extra);

    private string Sign(JsonObject claims)
    {
        var signed = _header + "." + Encode(Encoding.UTF8.GetBytes(claims.ToJsonString(Wire.SerializerOptions)));
        lock (_keyGate)
        {
            return signed + "." + Encode(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256));
        }
    }

    private JsonObject? ReadSigned(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || !string.Equals(parts[0], _header, StringComparison.Ordinal)
            || Decode(parts[1]) is not { } payload || Decode(parts[2]) is not { } signature)
        {
            return null;
        }

        lock (_keyGate)
        {
            if (!_key.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), signature, HashAlgorithmName.SHA256))
            {
                return null;
            }
        }

        try
        {
            return JsonNode.Parse(payload) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private VerifiedToken? VerifyLegacy(JsonObject claims, string token, IReadOnlyList<string>? audiences)
    {
        var @namespace = Text(claims, "kubernetes.io/serviceaccount/namespace");
        var secretName = Text(claims, SecretClaim);
        var name = Text(claims, "kubernetes.io/serviceaccount/service-account.name");
        var uid = Text(claims, "kubernetes.io/serviceaccount/service-account.uid");
        if (@namespace is null || secretName is null || name is null || uid is null)
        {
            return null;
        }

        var secret = _store.Find(new ResourceKey("", "secrets", @namespace, secretName));
        if (secret is null || secret.IsTerminating || Text(secret.Json, "data", "token") is not { } kept
            || !string.Equals(kept, Convert.ToBase64String(Encoding.ASCII.GetBytes(token)), StringComparison.Ordinal)
            || !AccountLives(@namespace, name, uid))
        {
            return null;
        }

        var matched = (audiences ?? [Issuer]).Where(audience => string.Equals(audience, Issuer, StringComparison.Ordinal)).ToArray();
        return matched.Length == 0 ? null : new VerifiedToken(IdentityOf(@namespace, name, uid, new(StringComparer.Ordinal)), matched);
    }

    private VerifiedToken? VerifyRequested(JsonObject claims, IReadOnlyList<string>? audiences)
    {
        var now = _store.Clock.GetUtcNow().ToUnixTimeSeconds();
        if (claims["exp"]?.GetValue<long>() is not { } expires || expires <= now || claims["nbf"]?.GetValue<long>() > now)
        {
            return null;
        }

        var wanted = audiences ?? [Issuer];
        var matched = (claims["aud"] as JsonArray)?.Select(audience => audience?.GetValue<string>()).OfType<string>()
            .Where(audience => wanted.Contains(audience, StringComparer.Ordinal)).ToArray();
        var @namespace = Text(claims, "kubernetes.io", "namespace");
        var name = Text(claims, "kubernetes.io", "serviceaccount", "name");
        var uid = Text(claims, "kubernetes.io", "serviceaccount", "uid");
        if (matched is not { Length: > 0 } || @namespace is null || name is null || uid is null || !AccountLives(@namespace, name, uid))
        {
            return null;
        }

        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["authentication.kubernetes.io/credential-id"] = ["JTI=" + Text(claims, "jti")],
        };
        return BoundObjectLives(claims, @namespace, extra) ? new VerifiedToken(IdentityOf(@namespace, name, uid, extra), matched) : null;
    }

    private bool BoundObjectLives(JsonObject claims, string @namespace, Dictionary<string, IReadOnlyList<string>> extra)
    {
        foreach (var (kind, plural) in (ReadOnlySpan<(string, string)>)[("pod", "pods"), ("secret", "secrets"), ("node", "nodes")])
        {
            if (Text(claims, "kubernetes.io", kind, "name") is not { } name)
            {
                continue;
            }

            var place = new ResourceKey("", plural, kind is "node" ? null : @namespace, name);
            if (_store.Find(place) is not { IsTerminating: false } bound
                || !string.Equals(bound.Uid, Text(claims, "kubernetes.io", kind, "uid"), StringComparison.Ordinal))
            {
                return false;
            }

            if (kind is "pod" or "node")
            {
                extra[$"authentication.kubernetes.io/{kind}-name"] = [name];
                extra[$"authentication.kubernetes.io/{kind}-uid"] = [bound.Uid];
            }
        }

        return true;
    }

    private bool AccountLives(string @namespace, string name, string uid) =>
        _store.Find(new ResourceKey("", "serviceaccounts", @namespace, name)) is { IsTerminating: false } account
        && string.Equals(account.Uid, uid, StringComparison.Ordinal);
}
