using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Kubernetes;

/// <summary>How to reach one cluster and as whom. Immutable; no property and no text of it shows a secret.</summary>
public sealed class ClientConfiguration
{
    private readonly Uri _server = null!;
    private readonly Uri? _proxy;

    /// <summary>The API server; <c>https</c>, or <c>http</c> for servers without authentication. A path is kept as a prefix.</summary>
    public required Uri Server
    {
        get => _server;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (!value.IsAbsoluteUri || value.Scheme is not ("https" or "http"))
                throw new ArgumentException($"the server must be an http or https URL: {value}", nameof(value));
            if (value.UserInfo.Length > 0)
                throw new ArgumentException("the server URL must not hold a user name or password", nameof(value));
            _server = value;
        }
    }

    /// <summary>The name the server's certificate must be for, and that is sent as SNI; <see langword="null"/> for the server's own host.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The certificate authorities that may sign the server's certificate, PEM; <see langword="null"/> for those the system trusts.</summary>
    public string? CertificateAuthorityPem { get; init; }

    /// <summary>Accept any server certificate (kubeconfig <c>insecure-skip-tls-verify</c>).</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>
    /// The proxy (<c>http</c>, <c>https</c>, <c>socks5</c>); <see langword="null"/> to go by HTTPS_PROXY and NO_PROXY. A user name and password
    /// that were set with it are used but not shown.
    /// </summary>
    public Uri? Proxy
    {
        get => _proxy is { UserInfo.Length: > 0 } ? new UriBuilder(_proxy) { UserName = "", Password = "" }.Uri : _proxy;
        init => _proxy = value;
    }

    /// <summary>Where credentials come from. They are never used for an <c>http</c> server.</summary>
    public ICredentialSource Credentials { get; init; } = FixedCredential.Anonymous;

    /// <summary>The user to act as; <see langword="null"/> for oneself.</summary>
    public Impersonation? Impersonation { get; init; }

    /// <summary>The namespace where a request does not name one.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Ask for uncompressed answers (kubeconfig <c>disable-compression</c>).</summary>
    public bool DisableCompression { get; init; }

    /// <summary>The kubeconfig context; <see langword="null"/> when there is none.</summary>
    public string? ContextName { get; init; }

    /// <summary>The file that defines the context; <see langword="null"/> when there is none.</summary>
    public string? KubeconfigPath { get; init; }

    /// <summary>The certificate authorities, parsed.</summary>
    /// <returns>The certificates; <see langword="null"/> for those the system trusts.</returns>
    /// <exception cref="CredentialException">The PEM holds no certificate.</exception>
    public X509Certificate2Collection? GetCertificateAuthorities()
    {
        if (CertificateAuthorityPem is null)
            return null;
        var result = new X509Certificate2Collection();
        try
        {
            result.ImportFromPem(CertificateAuthorityPem);
        }
        catch (CryptographicException e)
        {
            throw new CredentialException($"the certificate authority of {ContextName ?? Server.Host} cannot be read: {e.Message}", e);
        }

        return result.Count > 0
            ? result
            : throw new CredentialException($"the certificate authority data of {ContextName ?? Server.Host} holds no certificate");
    }

    /// <summary>The same server with other credentials.</summary>
    internal ClientConfiguration With(ICredentialSource credentials) => new()
    {
        Server = Server,
        TlsServerName = TlsServerName,
        CertificateAuthorityPem = CertificateAuthorityPem,
        SkipTlsVerify = SkipTlsVerify,
        Proxy = _proxy,
        Credentials = credentials,
        Impersonation = Impersonation,
        Namespace = Namespace,
        DisableCompression = DisableCompression,
        ContextName = ContextName,
        KubeconfigPath = KubeconfigPath,
    };

    /// <summary>The proxy with its login.</summary>
    internal Uri? GetProxy() => _proxy;

    /// <summary>The context and the server.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => ContextName is null ? Server.AbsoluteUri : $"{ContextName} ({Server.AbsoluteUri})";
}
