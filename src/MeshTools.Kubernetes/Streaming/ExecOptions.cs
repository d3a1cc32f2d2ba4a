namespace MeshTools.Kubernetes;

/// <summary>A command to run in a container.</summary>
/// <param name="Command">The program and its arguments; no shell is involved.</param>
public sealed record ExecOptions(IReadOnlyList<string> Command)
{
    /// <summary>The container; <see langword="null"/> for the pod's default one.</summary>
    public string? Container { get; init; }

    /// <summary>
    /// What the command reads from standard input, up to its end. Servers older than Kubernetes 1.29 do not learn of the end, so a command that reads
    /// to the end does not finish there.
    /// </summary>
    public Stream? Stdin { get; init; }

    /// <summary>Takes standard output as it comes, in place of <see cref="ExecResult.Stdout"/>, which then stays empty; <see cref="OutputLimit"/> holds all the same.</summary>
    public Stream? Stdout { get; init; }

    /// <summary>Run it on a terminal; standard error then comes with standard output.</summary>
    public bool Tty { get; init; }

    /// <summary>The most bytes of standard output and of standard error that are kept; 16 MiB by default. More ends the session with an error.</summary>
    public int OutputLimit { get; init; } = 16 * 1024 * 1024;
}

/// <summary>What a command did.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Stdout">What it printed to standard output, as UTF-8.</param>
/// <param name="Stderr">What it printed to standard error, as UTF-8.</param>
public sealed record ExecResult(int ExitCode, string Stdout, string Stderr);
