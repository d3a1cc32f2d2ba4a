using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MeshTools.Kubernetes;

/// <summary>What one request authenticates with. It has no property that shows a secret.</summary>
public sealed class Credential
{
    private readonly AuthenticationHeaderValue? _authorization;
    private readonly ClientCertificate? _certificate;

    private Credential(AuthenticationHeaderValue? authorization, ClientCertificate? certificate)
    {
        _authorization = authorization;
        _certificate = certificate;
    }

    /// <summary>No credential: the server sees an anonymous user.</summary>
    public static Credential None { get; } = new(authorization: null, certificate: null);

    /// <summary>A bearer token.</summary>
    /// <param name="token">The token, without white space.</param>
    /// <returns>The credential.</returns>
    /// <exception cref="CredentialException">The token cannot stand in a header.</exception>
    public static Credential Bearer(string token)
    {
        ArgumentException.ThrowIfNullOrEmpty(token);
        foreach (var c in token)
        {
            if (c is <= ' ' or > '~')
                throw new CredentialException("the bearer token holds characters that cannot be sent (white space, control or non-ASCII characters)");
        }

        return new Credential(new AuthenticationHeaderValue("Bearer", token), certificate: null);
    }

    /// <summary>User name and password.</summary>
    /// <param name="userName">The user name.</param>
    /// <param name="password">The password.</param>
    /// <returns>The credential.</returns>
    public static Credential Basic(string userName, string password) =>
        new(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{userName}:{password}"))), certificate: null);

    /// <summary>A client certificate with its private key.</summary>
    /// <param name="certificate">The certificate; it must stay valid as long as the credential is in use.</param>
    /// <returns>The credential.</returns>
    public static Credential Certificate(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return new Credential(authorization: null, new ClientCertificate(certificate, []));
    }

    internal static Credential Certificate(ClientCertificate certificate) => new(authorization: null, certificate);

    /// <summary>This credential with the other's certificate, where this one has none.</summary>
    internal Credential With(ClientCertificate? certificate) =>
        certificate is null || _certificate is not null ? this : new Credential(_authorization, certificate);

    internal AuthenticationHeaderValue? GetAuthorization() => _authorization;

    internal ClientCertificate? GetCertificate() => _certificate;

    /// <summary>The kind of credential, never its value.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => (_authorization, _certificate) switch
    {
        (null, null) => "anonymous",
        ({ } header, null) => $"{header.Scheme} (redacted)",
        (null, _) => "client certificate",
        ({ } header, _) => $"{header.Scheme} (redacted) and client certificate",
    };
}
