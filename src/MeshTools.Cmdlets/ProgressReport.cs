using System.Diagnostics;
using System.Management.Automation;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Shows the progress of one run: at most five times a second, and always completed. Used on the pipeline thread only.</summary>
internal sealed class ProgressReport(Cmdlet cmdlet)
{
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private const int ActivityId = 0x6d657368;

    private OperationProgress? _waiting;
    private string? _activity;
    private long _shownAt;

    /// <summary>Whether a state has not been shown because the one before it is too recent.</summary>
    internal bool IsBehind => _waiting is not null;

    internal void Show(OperationProgress progress)
    {
        _waiting = progress;
        if (_activity is null || Stopwatch.GetElapsedTime(_shownAt) >= Interval)
            CatchUp();
    }

    internal void CatchUp()
    {
        if (_waiting is not { } progress)
            return;
        _waiting = null;
        _activity = progress.Activity;
        _shownAt = Stopwatch.GetTimestamp();
        cmdlet.WriteProgress(new ProgressRecord(ActivityId, progress.Activity, Redaction.Apply(progress.Status))
        {
            PercentComplete = progress.Total > 0 ? Math.Clamp(progress.Done * 100 / progress.Total, 0, 100) : -1,
            CurrentOperation = progress.Cluster,
        });
    }

    internal void Complete()
    {
        _waiting = null;
        if (_activity is { } activity)
            cmdlet.WriteProgress(new ProgressRecord(ActivityId, activity, "done") { RecordType = ProgressRecordType.Completed });
        _activity = null;
    }

    /// <summary>Completes while an exception is on its way through the pipeline thread; PowerShell may no longer take anything.</summary>
    internal void Abandon()
    {
        try
        {
            Complete();
        }
        catch (PipelineStoppedException)
        {
            // The exception that is under way already says so and goes on.
        }
    }
}
