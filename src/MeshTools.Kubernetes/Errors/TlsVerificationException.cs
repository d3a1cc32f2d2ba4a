namespace MeshTools.Kubernetes;

/// <summary>What is wrong with a server's certificate.</summary>
public enum TlsFailure
{
    /// <summary>The handshake failed for another reason; the message says which.</summary>
    Other,

    /// <summary>No configured certificate authority signed it.</summary>
    UntrustedChain,

    /// <summary>It is for another host name.</summary>
    NameMismatch,

    /// <summary>It is not valid now.</summary>
    Expired,
}

/// <summary>The server's certificate was refused, or no TLS session could be made. Nothing was sent.</summary>
public sealed class TlsVerificationException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="failure">What is wrong.</param>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public TlsVerificationException(TlsFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>What is wrong.</summary>
    public TlsFailure Failure { get; }

    /// <summary>The subject of the certificate the server showed; <see langword="null"/> when it showed none.</summary>
    public string? PresentedSubject { get; init; }

    /// <summary>Who signed the certificate the server showed.</summary>
    public string? PresentedIssuer { get; init; }

    /// <summary>The names and addresses the certificate is for.</summary>
    public IReadOnlyList<string> PresentedNames { get; init; } = [];

    /// <summary>The name it had to be for.</summary>
    public string? ExpectedName { get; init; }
}
