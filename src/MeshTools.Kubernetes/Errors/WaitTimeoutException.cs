namespace MeshTools.Kubernetes;

/// <summary>An object did not become what was waited for in time.</summary>
public sealed class WaitTimeoutException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="reference">The object.</param>
    /// <param name="message">What happened.</param>
    /// <param name="lastSeen">The object as last seen.</param>
    /// <param name="unmet">What was still missing.</param>
    public WaitTimeoutException(ObjectReference reference, string message, KubernetesObject? lastSeen, IReadOnlyList<string> unmet)
        : base(message, innerException: null)
    {
        Reference = reference;
        LastSeen = lastSeen;
        Unmet = unmet;
    }

    /// <summary>The object waited for.</summary>
    public ObjectReference Reference { get; }

    /// <summary>The object as last seen; <see langword="null"/> when it was not there.</summary>
    public KubernetesObject? LastSeen { get; }

    /// <summary>What was still missing, for people.</summary>
    public IReadOnlyList<string> Unmet { get; }
}
