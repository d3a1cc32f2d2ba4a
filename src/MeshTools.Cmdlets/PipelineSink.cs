using System.Threading.Channels;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Where workers leave what the pipeline thread is to write. Every member may be called from any thread.</summary>
internal sealed class PipelineSink(ChannelWriter<PipelineRecord> records) : IOperationLog
{
    public void Verbose(string text) => Post(new VerboseRecord(text));

    public void Warning(string text) => Post(new WarningRecord(text));

    public void Failed(Exception error, object? target) => Post(new FailureRecord(error, target));

    public void Progress(OperationProgress progress) => Post(new ProgressStep(progress));

    internal void Output(object value) => Post(new OutputRecord(value));

    /// <summary>Asks, on the pipeline thread, which of these changes may be made: <c>-WhatIf</c>, <c>-Confirm</c> and <c>-Force</c> decide.</summary>
    /// <returns>Those that may.</returns>
    internal Task<IReadOnlyList<Change>> ApproveAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        if (changes.Count == 0)
            return Task.FromResult(changes);
        var question = new Question(changes, new TaskCompletionSource<IReadOnlyList<Change>>(TaskCreationOptions.RunContinuationsAsynchronously));
        Post(question);
        return question.Answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Asks which of these changes may be made.</summary>
    /// <returns>Those that may.</returns>
    internal async Task<IReadOnlySet<PlannedChange>> ApproveAsync(IEnumerable<PlannedChange> changes, CancellationToken cancellationToken)
    {
        var approved = await ApproveAsync([.. changes.Select(Change.Of)], cancellationToken).ConfigureAwait(false);
        return approved.Select(change => change.Planned!).ToHashSet(ReferenceEqualityComparer.Instance as IEqualityComparer<PlannedChange>);
    }

    /// <summary>Runs a step for many items at a time. One that fails is reported with its target; the others go on.</summary>
    /// <returns>What came of those that did not fail, in the order of the items.</returns>
    internal async Task<IReadOnlyList<TResult>> EachAsync<T, TResult>(
        IReadOnlyList<T> items, int limit, Func<T, object?> target, Func<T, CancellationToken, Task<TResult>> step, CancellationToken cancellationToken)
        where TResult : class
    {
        var results = new TResult?[items.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = limit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, items.Count), options, async (i, stop) =>
        {
            try
            {
                results[i] = await step(items[i], stop).ConfigureAwait(false);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                Failed(e, target(items[i]));
            }
        }).ConfigureAwait(false);
        return [.. results.OfType<TResult>()];
    }

    // After a stop nobody reads any more, and what is posted is of no use.
    private void Post(PipelineRecord record) => records.TryWrite(record);
}
