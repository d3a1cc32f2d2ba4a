using MeshTools.Fleet;

namespace MeshTools.Cmdlets;

/// <summary>Asks for leave to change things on Google's side.</summary>
internal static class CloudApproval
{
    /// <summary>Asks which of these changes may be made.</summary>
    /// <returns>Those that may.</returns>
    internal static async Task<IReadOnlySet<CloudChange>> AskAsync(PipelineSink sink, IEnumerable<CloudChange> changes, CancellationToken cancellationToken)
    {
        var questions = changes.ToDictionary(change => new Change(change.ToString(), change.Writes), change => change, ReferenceEqualityComparer.Instance as IEqualityComparer<Change>);
        var approved = await sink.ApproveAsync([.. questions.Keys], cancellationToken).ConfigureAwait(false);
        return approved.Select(question => questions[question]).ToHashSet(ReferenceEqualityComparer.Instance as IEqualityComparer<CloudChange>);
    }
}
