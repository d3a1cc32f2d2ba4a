namespace MeshTools.Kubernetes;

/// <summary>What takes the place of a context's own values.</summary>
public sealed record KubeconfigOverrides
{
    /// <summary>The namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>The user to act as; takes the place of the kubeconfig's whole impersonation.</summary>
    public Impersonation? Impersonation { get; init; }

    /// <summary>The server. TLS still verifies by the cluster entry's authorities and name.</summary>
    public Uri? Server { get; init; }

    /// <summary>The name the server's certificate must be for.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The name of another user entry.</summary>
    public string? User { get; init; }

    /// <summary>The name of another cluster entry.</summary>
    public string? Cluster { get; init; }

    /// <summary>The proxy: <c>http</c>, <c>https</c> or <c>socks5</c>.</summary>
    public Uri? Proxy { get; init; }
}
