using System.Management.Automation;
using System.Management.Automation.Host;
using System.Threading.Channels;
using MeshTools.Errors;

namespace MeshTools.Cmdlets;

/// <summary>
/// The bridge between workers and PowerShell. Work runs on the thread pool and posts records; the pipeline thread takes them and is the only one that calls
/// PowerShell. Ctrl+C, and a downstream command that has enough, cancel the work.
/// </summary>
public abstract class MeshCmdlet : PSCmdlet, IDisposable
{
    // Long enough for a worker to end a child process, short enough for Ctrl+C to feel immediate.
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(400);

    private readonly CancellationTokenSource _stop = new();

    /// <summary>Cancels the work and returns at once.</summary>
    protected sealed override void StopProcessing() => Cancel();

    /// <summary>Ends what may still run; PowerShell calls this also when the pipeline ended early.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what may still run.</summary>
    /// <param name="disposing">Whether this was called and not found by the collector.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Cancel();
        _stop.Dispose();
    }

    /// <summary>Whether changes are only to be named (<c>-WhatIf</c>).</summary>
    private protected bool OnlyAsking { get; private set; }

    /// <summary>Whether this command was told not to ask; a command with such a parameter says so here.</summary>
    private protected virtual bool AskNothing => false;

    /// <summary>What a command that was stopped has to say of what it did until then; <see langword="null"/> for nothing.</summary>
    private protected virtual string? LastWords() => null;

    /// <summary>The file system path behind a PowerShell path, which need not exist.</summary>
    private protected string PathOf(string path) => SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>The file system paths behind PowerShell paths; wildcards give the files they match.</summary>
    private protected IReadOnlyList<string> PathsOf(IEnumerable<string>? paths) =>
    [
        .. (paths ?? []).SelectMany(path => WildcardPattern.ContainsWildcardCharacters(path) && !File.Exists(PathOf(path))
            ? SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _)
            : (IEnumerable<string>)[PathOf(path)]),
    ];

    /// <summary>
    /// Runs work and writes what it posts. Errors of single clusters are written after everything else: under <c>-ErrorAction Stop</c> the first one ends the pipeline,
    /// and would take the results of the other clusters with it. An exception of the work itself ends the command.
    /// </summary>
    private protected void Run(Func<PipelineSink, CancellationToken, Task> work)
    {
        // Preferences are the pipeline thread's to read.
        OnlyAsking = MyInvocation.BoundParameters.TryGetValue("WhatIf", out var bound)
            ? LanguagePrimitives.IsTrue(bound)
            : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));
        var records = Channel.CreateUnbounded<PipelineRecord>(new UnboundedChannelOptions { SingleReader = true });
        var sink = new PipelineSink(records.Writer);
        var stop = _stop.Token;
        var running = Task.Run(() => CompleteAsync(work, sink, records.Writer, stop), CancellationToken.None);
        var progress = new ProgressReport(this);
        var failures = new List<ErrorRecord>();
        try
        {
            Drain(records.Reader, progress, failures, stop);
            progress.Complete();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl+C: PowerShell knows, and takes nothing more for the pipeline. What there is to say goes to who pressed it.
            Leave(running);
            SayLastWords();
            return;
        }
        catch (MeshException e)
        {
            Cancel();
            progress.Complete();
            Leave(running);
            ThrowTerminatingError(ErrorRecords.From(e, null));
        }
        catch
        {
            // A downstream command has enough; its exception passes through here.
            Cancel();
            progress.Abandon();
            Leave(running);
            throw;
        }

        foreach (var failure in failures)
            WriteError(failure);
        if (Outcome(running) is { } fatal)
            ThrowTerminatingError(ErrorRecords.From(fatal, null));
    }

    private void SayLastWords()
    {
        if (LastWords() is not { } words)
            return;
        try
        {
            Host.UI.WriteWarningLine(Redaction.Apply(words));
        }
        catch (Exception e) when (e is HostException or PSInvalidOperationException or PSNotImplementedException or PipelineStoppedException)
        {
            // A host without a screen has nobody to tell.
        }
    }

    // The channel is completed a moment before the task is.
    private static Exception? Outcome(Task running)
    {
        try
        {
            running.GetAwaiter().GetResult();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static async Task CompleteAsync(
        Func<PipelineSink, CancellationToken, Task> work, PipelineSink sink, ChannelWriter<PipelineRecord> writer, CancellationToken stop)
    {
        try
        {
            await work(sink, stop).ConfigureAwait(false);
        }
        finally
        {
            writer.Complete();
        }
    }

    private static void Leave(Task running)
    {
        try
        {
            running.Wait(Farewell);
        }
        catch (AggregateException)
        {
            // What a cancelled worker says on its way out is of no interest.
        }
    }

    private void Drain(ChannelReader<PipelineRecord> reader, ProgressReport progress, List<ErrorRecord> failures, CancellationToken stop)
    {
        while (Wait(reader, progress, stop))
        {
            while (reader.TryRead(out var record))
            {
                stop.ThrowIfCancellationRequested();
                Write(record, progress, failures);
            }
        }
    }

    private static bool Wait(ChannelReader<PipelineRecord> reader, ProgressReport progress, CancellationToken stop)
    {
        var more = reader.WaitToReadAsync(stop).AsTask();
        if (progress.IsBehind && Task.WaitAny([more], ProgressReport.Interval) < 0)
            progress.CatchUp();
        return more.GetAwaiter().GetResult();
    }

    private void Write(PipelineRecord record, ProgressReport progress, List<ErrorRecord> failures)
    {
        switch (record)
        {
            case OutputRecord output:
                WriteObject(output.Value);
                break;
            case FailureRecord failure:
                failures.Add(ErrorRecords.From(failure.Error, failure.Target));
                break;
            case WarningRecord warning:
                WriteWarning(Redaction.Apply(warning.Text));
                break;
            case VerboseRecord verbose:
                WriteVerbose(Redaction.Apply(verbose.Text));
                break;
            case ProgressStep step:
                progress.Show(step.Progress);
                break;
            case Question question:
                Answer(question);
                break;
        }
    }

    // Here, on the pipeline thread, while the worker that asked waits: no worker can be past its question before it is answered.
    private void Answer(Question question)
    {
        try
        {
            question.Answer.SetResult([.. question.Changes.Where(Approve)]);
        }
        catch
        {
            question.Answer.TrySetCanceled();
            throw;
        }
    }

    private bool Approve(Change change)
    {
        if (!change.Writes && !OnlyAsking)
            return true;
        if (AskNothing && !OnlyAsking && !MyInvocation.BoundParameters.ContainsKey("Confirm"))
        {
            WriteVerbose(Redaction.Apply(change.Text));
            return true;
        }

        var text = Redaction.Apply(change.Text);
        try
        {
            return ShouldProcess(text, text + "?", "Confirm");
        }
        catch (Exception e) when (e is HostException or PSInvalidOperationException or PSNotImplementedException)
        {
            throw new MeshException(ErrorCatalog.ConfirmationImpossible, $"nobody can be asked here whether to go on: {text}", innerException: e);
        }
    }

    private void Cancel()
    {
        try
        {
            // Not Cancel: that would run whatever waits for it here, on the thread that must return at once.
            _ = _stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The command is over already.
        }
    }
}
