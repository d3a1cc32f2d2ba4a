namespace MeshTools.Kubernetes;

/// <summary>What is wrong with a kubeconfig.</summary>
public enum KubeconfigProblem
{
    /// <summary>A file that was named does not exist.</summary>
    NotFound,

    /// <summary>A file cannot be read or written.</summary>
    Unreadable,

    /// <summary>A file is not valid YAML.</summary>
    Syntax,

    /// <summary>An entry is missing, contradictory or not supported.</summary>
    Invalid,

    /// <summary>The context asked for is not there, or none was asked for and none is current.</summary>
    ContextNotFound,

    /// <summary>Another program holds the file's lock.</summary>
    Locked,
}

/// <summary>A kubeconfig cannot be used.</summary>
public sealed class KubeconfigException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="problem">What is wrong.</param>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public KubeconfigException(KubeconfigProblem problem, string message, Exception? innerException = null)
        : base(message, innerException) => Problem = problem;

    /// <summary>What is wrong.</summary>
    public KubeconfigProblem Problem { get; }

    /// <summary>The file; <see langword="null"/> when no single file is to blame.</summary>
    public string? Path { get; init; }

    /// <summary>The line, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>The column, from 1.</summary>
    public int? Column { get; init; }

    /// <summary>The contexts there are.</summary>
    public IReadOnlyList<string> AvailableContexts { get; init; } = [];
}
