using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Operations;

/// <summary>Objects of one cluster that are to go. Made from what is live, so an object that somebody replaced in between is not deleted.</summary>
internal sealed class RemovalPlan
{
    private readonly MeshCluster _cluster;
    private readonly IReadOnlyList<(KubernetesObject Live, PlannedChange Change)> _items;

    /// <summary>Makes the plan.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="objects">What is live and is to go, in the order of deletion, each with what it was for.</param>
    internal RemovalPlan(MeshCluster cluster, IEnumerable<ManifestObject> objects)
    {
        _cluster = cluster;
        _items = [.. objects.Select(item => (item.Object, new PlannedChange(cluster, item.Object.Reference, ChangeKind.Delete, item.Description)))];
    }

    /// <summary>What would happen, in order.</summary>
    internal IEnumerable<PlannedChange> Changes => _items.Select(item => item.Change);

    /// <summary>Whether an object is among those that go.</summary>
    internal bool Removes(ObjectReference reference) => _items.Any(item => item.Change.Object == reference);

    /// <summary>Deletes what was approved. What is gone already is as it should be.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests; what was deleted by then stays deleted.</param>
    /// <exception cref="KubernetesException">A request fails. What was deleted before stays deleted, and a rerun goes on from there.</exception>
    internal async Task ExecuteAsync(Func<PlannedChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        var client = _cluster.Connect();
        foreach (var (live, change) in _items.Where(item => approved(item.Change)))
        {
            var type = await client.TypeOfAsync(live, cancellationToken).ConfigureAwait(false);
            var options = new DeleteOptions { Preconditions = new DeletePreconditions(live.Uid) };
            await client.DeleteAsync(type, live.Namespace, live.Name, options, cancellationToken).ConfigureAwait(false);
            log.Verbose($"{_cluster.Name}: {change.Object} deleted");
        }
    }
}
