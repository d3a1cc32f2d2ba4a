namespace MeshTools.Kubernetes;

/// <summary>A rollout cannot succeed any more: its deadline passed, its object is gone, or its strategy has no status.</summary>
public sealed class RolloutFailedException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="reference">The workload.</param>
    /// <param name="message">What happened.</param>
    /// <param name="lastSeen">The workload as last seen.</param>
    public RolloutFailedException(ObjectReference reference, string message, KubernetesObject? lastSeen)
        : base(message, innerException: null)
    {
        Reference = reference;
        LastSeen = lastSeen;
    }

    /// <summary>The workload.</summary>
    public ObjectReference Reference { get; }

    /// <summary>The workload as last seen.</summary>
    public KubernetesObject? LastSeen { get; }
}
