namespace MeshTools.Operations;

/// <summary>Takes what happens while an operation runs. Every member may be called from any thread.</summary>
public interface IOperationLog
{
    /// <summary>A milestone, for those who want to follow.</summary>
    /// <param name="text">One line.</param>
    void Verbose(string text);

    /// <summary>Something that works but deserves a look.</summary>
    /// <param name="text">One line: what, where, and what to do.</param>
    void Warning(string text);

    /// <summary>How far the operation is.</summary>
    /// <param name="progress">The state.</param>
    void Progress(OperationProgress progress);

    /// <summary>One part of the operation failed; the others go on.</summary>
    /// <param name="error">Why.</param>
    /// <param name="target">What failed: a cluster, a link, an object.</param>
    void Failed(Exception error, object? target);
}

/// <summary>How far an operation is.</summary>
/// <param name="Activity">The operation.</param>
/// <param name="Status">What was finished last or is going on.</param>
/// <param name="Done">Finished parts.</param>
/// <param name="Total">All parts.</param>
/// <param name="Cluster">The cluster this is about; <see langword="null"/> for all.</param>
public sealed record OperationProgress(string Activity, string Status, int Done, int Total, string? Cluster = null);
