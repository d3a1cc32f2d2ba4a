using System.Collections.Concurrent;
using MeshTools.Operations;

namespace MeshTools.Verify;

/// <summary>Keeps warnings and failures of one attempt until it is known whether there will be another.</summary>
internal sealed class HeldLog(IOperationLog log) : IOperationLog
{
    private readonly ConcurrentQueue<Action> _held = new();

    public void Verbose(string text) => log.Verbose(text);

    public void Progress(OperationProgress progress) => log.Progress(progress);

    public void Warning(string text) => _held.Enqueue(() => log.Warning(text));

    public void Failed(Exception error, object? target) => _held.Enqueue(() => log.Failed(error, target));

    /// <summary>Passes on what was kept.</summary>
    internal void Release()
    {
        while (_held.TryDequeue(out var held))
            held();
    }
}
