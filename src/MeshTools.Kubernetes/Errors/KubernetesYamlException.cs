namespace MeshTools.Kubernetes;

/// <summary>A text is not the YAML (or JSON) that Kubernetes reads.</summary>
public sealed class KubernetesYamlException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="problem">What is wrong, without the place.</param>
    /// <param name="source">Where the text came from, for example a path.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="column">The column, from 1.</param>
    /// <param name="innerException">What it came from.</param>
    public KubernetesYamlException(string problem, string? source, int line, int column, Exception? innerException = null)
        : base($"{(source is null ? "" : source + ": ")}line {line}, column {column}: {problem}", innerException)
    {
        ProblemText = problem;
        SourceName = source;
        Line = line;
        Column = column;
    }

    /// <summary>What is wrong, without the place.</summary>
    public string ProblemText { get; }

    /// <summary>Where the text came from; <see langword="null"/> when the caller did not say.</summary>
    public string? SourceName { get; }

    /// <summary>The line, from 1.</summary>
    public int Line { get; }

    /// <summary>The column, from 1.</summary>
    public int Column { get; }
}
