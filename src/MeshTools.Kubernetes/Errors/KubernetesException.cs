namespace MeshTools.Kubernetes;

/// <summary>
/// Everything this library reports as failed, apart from cancellation and wrong arguments. Messages never hold a credential.
/// </summary>
public abstract class KubernetesException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, for a person.</param>
    /// <param name="innerException">What it came from.</param>
    protected KubernetesException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The API server it happened with; <see langword="null"/> when none was involved.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The kubeconfig context it happened with; <see langword="null"/> when not known.</summary>
    public string? ContextName { get; init; }
}
