using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>What a worker has for the pipeline thread.</summary>
internal abstract record PipelineRecord;

internal sealed record OutputRecord(object Value) : PipelineRecord;

internal sealed record FailureRecord(Exception Error, object? Target) : PipelineRecord;

internal sealed record WarningRecord(string Text) : PipelineRecord;

internal sealed record VerboseRecord(string Text) : PipelineRecord;

internal sealed record ProgressStep(OperationProgress Progress) : PipelineRecord;

/// <summary>Asks for leave to make changes; answered with those that may be made.</summary>
internal sealed record Question(IReadOnlyList<Change> Changes, TaskCompletionSource<IReadOnlyList<Change>> Answer) : PipelineRecord;

/// <summary>Something that a command is about to do.</summary>
/// <param name="Text">One line for <c>-WhatIf</c> and <c>-Confirm</c>.</param>
/// <param name="Writes">Whether it changes anything.</param>
/// <param name="Planned">The change of an object, when it is one.</param>
internal sealed record Change(string Text, bool Writes, PlannedChange? Planned = null)
{
    private const int FieldsShown = 8;

    internal static Change Of(PlannedChange change) => new(
        $"{Verb(change.Kind)} {change.Object} in {change.Cluster.Name} ({change.Description}{FieldsOf(change)})", change.Writes, change);

    // What changes is what a reader of -WhatIf wants to see; all of a long list nobody reads.
    private static string FieldsOf(PlannedChange change) => change.Kind is not ChangeKind.Update || change.Fields.Count == 0
        ? ""
        : $": {string.Join(", ", change.Fields.Take(FieldsShown))}{(change.Fields.Count > FieldsShown ? $" and {change.Fields.Count - FieldsShown} more" : "")}";

    private static string Verb(ChangeKind kind) => kind is ChangeKind.Unchanged ? "Leave as it is:" : kind.ToString();
}
