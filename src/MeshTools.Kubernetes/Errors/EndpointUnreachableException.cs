namespace MeshTools.Kubernetes;

/// <summary>Why no answer came.</summary>
public enum UnreachableKind
{
    /// <summary>Something else on the way; the inner exception says what.</summary>
    Other,

    /// <summary>The host name has no address.</summary>
    NameResolution,

    /// <summary>Nothing listens there, or a firewall refuses.</summary>
    ConnectionRefused,

    /// <summary>No connection or no answer within the time allowed.</summary>
    Timeout,

    /// <summary>The connection was cut before the answer was complete.</summary>
    Reset,

    /// <summary>The proxy could not be reached or refused.</summary>
    Proxy,
}

/// <summary>The API server could not be reached, or did not finish its answer.</summary>
public sealed class EndpointUnreachableException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="kind">Why.</param>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public EndpointUnreachableException(UnreachableKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>Why.</summary>
    public UnreachableKind Kind { get; }
}
