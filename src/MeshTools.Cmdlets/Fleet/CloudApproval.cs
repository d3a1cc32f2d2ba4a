using MeshTools.Fleet;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Leave to change things on Google's side and in clusters.</summary>
internal sealed class CloudApproval
{
    private readonly IReadOnlySet<CloudChange> _cloud;
    private readonly IReadOnlySet<PlannedChange> _objects;

    private CloudApproval(IReadOnlySet<CloudChange> cloud, IReadOnlySet<PlannedChange> objects)
    {
        _cloud = cloud;
        _objects = objects;
    }

    /// <summary>Asks which of these changes may be made, Google's first; what several clusters need is asked once.</summary>
    /// <returns>The answer.</returns>
    internal static async Task<CloudApproval> AskAsync(PipelineSink sink, IEnumerable<CloudChange> cloud, IEnumerable<PlannedChange> objects, CancellationToken cancellationToken)
    {
        var shared = cloud.GroupBy(change => (change.Area, change.Resource, change.Kind, change.Description)).Select(group => (Question: QuestionOf([.. group]), Changes: group.ToArray())).ToArray();
        var approved = await sink.ApproveAsync([.. shared.Select(item => item.Question), .. objects.Select(Change.Of)], cancellationToken).ConfigureAwait(false);
        var yes = approved.ToHashSet(ReferenceEqualityComparer.Instance as IEqualityComparer<Change>);
        return new CloudApproval(
            shared.Where(item => yes.Contains(item.Question)).SelectMany(item => item.Changes).ToHashSet(ReferenceEqualityComparer.Instance as IEqualityComparer<CloudChange>),
            approved.Select(change => change.Planned).OfType<PlannedChange>().ToHashSet(ReferenceEqualityComparer.Instance as IEqualityComparer<PlannedChange>));
    }

    /// <summary>Asks which of these changes may be made.</summary>
    /// <returns>Those that may.</returns>
    internal static async Task<IReadOnlySet<CloudChange>> AskAsync(PipelineSink sink, IEnumerable<CloudChange> changes, CancellationToken cancellationToken) =>
        (await AskAsync(sink, changes, [], cancellationToken).ConfigureAwait(false))._cloud;

    /// <summary>Whether all changes of a plan may be made.</summary>
    internal bool Covers(IReadOnlyList<CloudChange> cloud, IReadOnlyList<PlannedChange> objects) => cloud.All(_cloud.Contains) && objects.All(_objects.Contains);

    private static Change QuestionOf(CloudChange[] changes) => changes.Length == 1
        ? new Change(changes[0].ToString(), changes[0].Writes)
        : new Change($"{(changes[0].Writes ? "" : "Leave as it is: ")}{changes[0].Resource}: {changes[0].Description} (for {string.Join(", ", changes.Select(change => change.Cluster.Name))})", changes[0].Writes);
}
