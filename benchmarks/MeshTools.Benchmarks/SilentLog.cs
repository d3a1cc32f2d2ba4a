using MeshTools.Operations;

namespace MeshTools.Benchmarks;

/// <summary>Says nothing; a failure ends the benchmark, for a run that fails has no figures.</summary>
internal sealed class SilentLog : IOperationLog
{
    public void Verbose(string text)
    {
        // Not what is measured.
    }

    public void Warning(string text)
    {
        // Not what is measured.
    }

    public void Progress(OperationProgress progress)
    {
        // Not what is measured.
    }

    public void Failed(Exception error, object? target) => throw new InvalidOperationException($"{target}: {error.Message}", error);
}
