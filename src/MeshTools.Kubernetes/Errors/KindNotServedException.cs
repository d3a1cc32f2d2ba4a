namespace MeshTools.Kubernetes;

/// <summary>The cluster does not serve a kind: its CustomResourceDefinition is not installed, or the name is wrong.</summary>
public sealed class KindNotServedException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="kind">What was looked for, for example <c>gateways.networking.istio.io/v1</c>.</param>
    /// <param name="message">The message; a default is made when <see langword="null"/>.</param>
    /// <param name="candidates">What an ambiguous name could mean.</param>
    /// <param name="innerException">The server's answer.</param>
    public KindNotServedException(
        string kind, string? message = null, IReadOnlyList<ResourceType>? candidates = null, Exception? innerException = null)
        : base(message ?? $"the server does not serve {kind}", innerException)
    {
        Kind = kind;
        Candidates = candidates ?? [];
    }

    /// <summary>What was looked for.</summary>
    public string Kind { get; }

    /// <summary>What the name could mean, when it is ambiguous; otherwise empty.</summary>
    public IReadOnlyList<ResourceType> Candidates { get; }
}
