namespace MeshTools.Kubernetes;

/// <summary>What went wrong with a credential plugin.</summary>
public enum ExecPluginProblem
{
    /// <summary>Its executable is not there.</summary>
    NotFound,

    /// <summary>It ended with an error.</summary>
    Failed,

    /// <summary>What it printed is no credential.</summary>
    BadOutput,

    /// <summary>It has to talk to a person, and there is no terminal.</summary>
    NotInteractive,

    /// <summary>It answered for, or is configured for, a version that is not supported.</summary>
    UnsupportedVersion,
}

/// <summary>A kubeconfig's credential plugin gave no credential.</summary>
public sealed class ExecPluginException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="command">The plugin's command.</param>
    /// <param name="problem">What went wrong.</param>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What it came from.</param>
    public ExecPluginException(string command, ExecPluginProblem problem, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Command = command;
        Problem = problem;
    }

    /// <summary>The plugin's command, without its arguments.</summary>
    public string Command { get; }

    /// <summary>What went wrong.</summary>
    public ExecPluginProblem Problem { get; }

    /// <summary>How the kubeconfig says to install it; control characters are removed.</summary>
    public string? InstallHint { get; init; }

    /// <summary>What it printed to standard error, at most the last 4096 characters.</summary>
    public string Stderr { get; init; } = "";
}
