namespace MeshTools.Kubernetes;

/// <summary>An exec or port-forward session was opened and then failed, or the server does not offer it.</summary>
public sealed class StreamingException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public StreamingException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>The Status the server sent on the session's error channel, where it did.</summary>
    public Status? Status { get; init; }
}
