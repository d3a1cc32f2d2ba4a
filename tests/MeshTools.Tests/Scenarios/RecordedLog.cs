using System.Collections.Concurrent;
using MeshTools.Operations;

namespace MeshTools.Tests.Scenarios;

/// <summary>Keeps what an operation says.</summary>
internal sealed class RecordedLog : IOperationLog
{
    private readonly ConcurrentQueue<string> _verbose = new();
    private readonly ConcurrentQueue<string> _warnings = new();
    private readonly ConcurrentQueue<(Exception Error, object? Target)> _failures = new();
    private readonly ConcurrentQueue<OperationProgress> _progress = new();

    public IReadOnlyCollection<string> VerboseLines => _verbose;

    public IReadOnlyCollection<string> Warnings => _warnings;

    public IReadOnlyCollection<(Exception Error, object? Target)> Failures => _failures;

    public IReadOnlyCollection<OperationProgress> ProgressUpdates => _progress;

    public void Verbose(string text) => _verbose.Enqueue(text);

    public void Warning(string text) => _warnings.Enqueue(text);

    public void Progress(OperationProgress progress) => _progress.Enqueue(progress);

    public void Failed(Exception error, object? target) => _failures.Enqueue((error, target));
}
