namespace MeshTools.Kubernetes;

/// <summary>A credential that the configuration names cannot be used: an empty token file, an unreadable certificate.</summary>
public sealed class CredentialException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public CredentialException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>The file; <see langword="null"/> for inline data.</summary>
    public string? Path { get; init; }
}
