using System.Globalization;

namespace MeshTools.Lab;

/// <summary>
/// A kubeconfig from a remote secret, read the way istiod reads one it does not trust: loaded, validated, and refused when it
/// would make istiod open files or start programs (istio pkg/kube/util.go NewUntrustedRestConfig, sanitizeKubeConfig).
/// </summary>
internal sealed record RemoteKubeconfig
{
    /// <summary>The API server.</summary>
    public required Uri Server { get; init; }

    /// <summary>The name to verify in place of the server's host, from <c>tls-server-name</c>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>PEM of the authorities that the server's certificate must come from; null for the system's.</summary>
    public string? AuthorityPem { get; init; }

    /// <summary>True for <c>insecure-skip-tls-verify</c>.</summary>
    public bool SkipVerification { get; init; }

    /// <summary>From <c>proxy-url</c>.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The bearer token.</summary>
    public string? Token { get; init; }

    /// <summary>Basic authentication.</summary>
    public string? UserName { get; init; }

    /// <summary>Basic authentication.</summary>
    public string? Password { get; init; }

    /// <summary>An inline client certificate.</summary>
    public ClientCredential? ClientCredential { get; init; }

    /// <summary>Impersonated user.</summary>
    public string? ImpersonateUser { get; init; }

    /// <summary>Impersonated groups.</summary>
    public IReadOnlyList<string> ImpersonateGroups { get; init; } = [];

    // A record prints its properties, and these are credentials.
    /// <inheritdoc/>
    public override string ToString() => Server.ToString();

    /// <summary>Reads a kubeconfig.</summary>
    /// <exception cref="RemoteKubeconfigException">It is refused; the message is istiod's.</exception>
    public static RemoteKubeconfig Parse(byte[] kubeconfig)
    {
        if (kubeconfig.Length == 0)
        {
            throw new RemoteKubeconfigException("kubeconfig is empty");
        }

        KubeconfigDocument document;
        try
        {
            document = KubeconfigDocument.Load(kubeconfig);
        }
        catch (FormatException exception)
        {
            throw new RemoteKubeconfigException("kubeconfig cannot be loaded: " + exception.Message, exception);
        }

        var problems = document.Validate();
        if (problems.Count > 0)
        {
            throw new RemoteKubeconfigException("kubeconfig is not valid: " + Invalid(problems));
        }

        foreach (var user in document.Users.Values)
        {
            if (Forbidden(user) is { } reason)
            {
                throw new RemoteKubeconfigException("kubeconfig is not allowed: " + reason);
            }
        }

        if (document.CurrentContext is not { Length: > 0 } current)
        {
            throw new RemoteKubeconfigException(Invalid(["no configuration has been provided, try setting KUBERNETES_MASTER environment variable"]));
        }

        var context = document.Contexts[current];
        return Build(document.Clusters[context.Cluster], document.Users[context.User]);
    }

    private static RemoteKubeconfig Build(KubeconfigDocument.Cluster cluster, KubeconfigDocument.User user)
    {
        var authority = cluster.AuthorityPem;
        if (authority is null && cluster.AuthorityPath is { Length: > 0 } path)
        {
            try
            {
                authority = File.ReadAllText(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new RemoteKubeconfigException($"open {path}: no such file or directory", exception);
            }
        }

        return new RemoteKubeconfig
        {
            Server = ServerAddress(cluster.Server, authority is not null || user.Credential is not null || cluster.SkipVerification),
            TlsServerName = cluster.TlsServerName,
            AuthorityPem = authority,
            SkipVerification = cluster.SkipVerification,
            Proxy = cluster.ProxyUrl is { Length: > 0 } proxy ? new Uri(proxy) : null,
            Token = user.Token,
            UserName = user.UserName,
            Password = user.Password,
            ClientCredential = user.Credential,
            ImpersonateUser = user.ImpersonateUser,
            ImpersonateGroups = user.ImpersonateGroups,
        };
    }

    /// <summary>client-go rest.DefaultServerURL: without a scheme the presence of TLS settings decides.</summary>
    private static Uri ServerAddress(string server, bool tls)
    {
        if (Uri.TryCreate(server, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return uri;
        }

        if (Uri.TryCreate((tls ? "https://" : "http://") + server, UriKind.Absolute, out uri) && uri.AbsolutePath is "/")
        {
            return uri;
        }

        throw new RemoteKubeconfigException(
            string.Create(CultureInfo.InvariantCulture, $"host must be a URL or a host:port pair: \"{server}\""));
    }

    private static string? Forbidden(KubeconfigDocument.User user) => user switch
    {
        { AuthProvider: { } provider } when provider is not "oidc" => $"auth provider {provider} is not allowed",
        { ClientKeyPath: true } => "clientKey is not allowed",
        { ClientCertificatePath: true } => "clientCertificate is not allowed",
        { TokenFile: true } => "tokenFile is not allowed",
        { Exec: true } => "exec is not allowed",
        _ => null,
    };

    private static string Invalid(IReadOnlyList<string> problems) =>
        "invalid configuration: " + (problems.Count == 1 ? problems[0] : "[" + string.Join(", ", problems) + "]");
}
