using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>A client certificate: the common name is the user, each organisation a group. Kestrel has checked the chain by then.</summary>
public sealed class ClientCertificateAuthenticator : IAuthenticator
{
    private readonly ConditionalWeakTable<X509Certificate2, Subject> _subjects = [];

    /// <inheritdoc/>
    public AuthenticationResult TryAuthenticate(HttpContext context, out Identity? identity)
    {
        ArgumentNullException.ThrowIfNull(context);
        identity = null;
        if (context.Connection.ClientCertificate is not { } certificate)
        {
            return AuthenticationResult.NotApplicable;
        }

        // One connection carries many requests, several at a time; the subject is read once for it.
        identity = _subjects.GetValue(certificate, candidate => new Subject(Read(candidate))).Identity;
        return identity is null ? AuthenticationResult.NotApplicable : AuthenticationResult.Authenticated;
    }

    private sealed record Subject(Identity? Identity);

    private static Identity? Read(X509Certificate2 certificate)
    {
        string? name = null;
        var groups = new List<string>();
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            if (part.HasMultipleElements)
            {
                continue;
            }

            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3":
                    name = part.GetSingleElementValue();
                    break;
                case "2.5.4.10":
                    groups.Add(part.GetSingleElementValue() ?? "");
                    break;
            }
        }

        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        var credential = "X509SHA256=" + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(certificate.RawData)).ToLowerInvariant();
        return new Identity(name, "", [.. groups, "system:authenticated"], new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["authentication.kubernetes.io/credential-id"] = [credential],
        });
    }
}

/// <summary>A bearer token: of a service account, or one of a fixed list.</summary>
/// <param name="tokens">Checks service account tokens.</param>
/// <param name="staticTokens">Other tokens and who they stand for, or null.</param>
public sealed class BearerTokenAuthenticator(ServiceAccountTokens tokens, IReadOnlyDictionary<string, Identity>? staticTokens = null) : IAuthenticator
{
    /// <inheritdoc/>
    public AuthenticationResult TryAuthenticate(HttpContext context, out Identity? identity)
    {
        ArgumentNullException.ThrowIfNull(context);
        identity = null;
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || header.AsSpan(7).Trim().IsEmpty)
        {
            return AuthenticationResult.NotApplicable;
        }

        var token = header[7..].Trim();
        if (staticTokens is not null && staticTokens.TryGetValue(token, out identity))
        {
            return AuthenticationResult.Authenticated;
        }

        identity = tokens.Verify(token)?.Identity;
        return identity is null ? AuthenticationResult.Rejected : AuthenticationResult.Authenticated;
    }
}
