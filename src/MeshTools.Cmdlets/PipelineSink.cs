using System.Threading.Channels;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Where workers leave what the pipeline thread is to write. Every member may be called from any thread.</summary>
internal sealed class PipelineSink(ChannelWriter<PipelineRecord> records) : IOperationLog
{
    public void Verbose(string text) => Post(new VerboseRecord(text));

    public void Warning(string text) => Post(new WarningRecord(text));

    public void Failed(Exception error, object? target) => Post(new FailureRecord(error, target));

    // CI hides progress, so the same milestones go to Verbose.
    public void Progress(OperationProgress progress)
    {
        Post(new ProgressStep(progress));
        Post(new VerboseRecord($"{progress.Activity} ({progress.Done}/{progress.Total}): {progress.Status}"));
    }

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

    // After a stop nobody reads any more, and what is posted is of no use.
    private void Post(PipelineRecord record) => records.TryWrite(record);
}
