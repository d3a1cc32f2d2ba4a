using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Operations;

/// <summary>An object as it should be, and what it is for.</summary>
/// <param name="Object">The complete intent.</param>
/// <param name="Description">What it is for; holds no secret.</param>
internal sealed record ManifestObject(KubernetesObject Object, string Description)
{
    /// <summary>Whether what is there will have been removed before this is applied: then it is made, and not compared.</summary>
    internal bool Anew { get; init; }
}

/// <summary>What one object of a manifest is in the cluster, and what applying it would make of it.</summary>
/// <param name="Desired">The intent.</param>
/// <param name="Live">What is there; <see langword="null"/> when nothing is.</param>
/// <param name="Change">What would happen.</param>
internal sealed record ManifestItem(KubernetesObject Desired, KubernetesObject? Live, PlannedChange Change);

/// <summary>
/// Objects on their way into one cluster by server-side apply. Planning reads what is there and lets the server say, by a dry run, what applying would change; so defaults,
/// admission and other managers' fields count as they will.
/// </summary>
internal sealed class ManifestPlan
{
    private readonly MeshCluster _cluster;
    private readonly ApplyOptions _options;

    private ManifestPlan(MeshCluster cluster, ApplyOptions options, IReadOnlyList<ManifestItem> items)
    {
        _cluster = cluster;
        _options = options;
        Items = items;
    }

    /// <summary>The objects, in the order in which they are applied.</summary>
    internal IReadOnlyList<ManifestItem> Items { get; }

    /// <summary>What would happen, in that order.</summary>
    internal IEnumerable<PlannedChange> Changes => Items.Select(item => item.Change);

    /// <summary>Compares objects with what is live. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="objects">The objects, in the order in which they must be applied: a namespace or a definition before what needs it.</param>
    /// <param name="forceConflicts">Whether fields that other managers own are taken over.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="KubernetesException">The cluster cannot be read, a kind is not served, another manager owns a field, or admission refuses an object.</exception>
    internal static Task<ManifestPlan> CreateAsync(
        MeshCluster cluster, IReadOnlyList<ManifestObject> objects, bool forceConflicts, CancellationToken cancellationToken) =>
        CreateAsync(cluster, objects, new ApplyOptions { ForceConflicts = forceConflicts }, cancellationToken);

    /// <summary>Compares objects with what is live, as one field manager or another would apply them. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="objects">The objects, in the order in which they must be applied.</param>
    /// <param name="options">As whom, and whether fields of others are taken over.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="KubernetesException">As for the other form.</exception>
    internal static async Task<ManifestPlan> CreateAsync(
        MeshCluster cluster, IReadOnlyList<ManifestObject> objects, ApplyOptions options, CancellationToken cancellationToken)
    {
        var items = await Task.WhenAll(objects.Select(item => CompareAsync(cluster, item, options, cancellationToken))).ConfigureAwait(false);
        return new ManifestPlan(cluster, options, items);
    }

    /// <summary>Applies what was approved and would change something.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests; what was applied by then stays.</param>
    /// <returns>The objects as they are now, in order; those that were not approved as they were, without those that are not there.</returns>
    /// <exception cref="KubernetesException">A request fails. What was applied before stays, and a rerun goes on from there.</exception>
    internal async Task<IReadOnlyList<KubernetesObject>> ExecuteAsync(Func<PlannedChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        var result = new List<KubernetesObject>();
        foreach (var item in Items)
        {
            if (!item.Change.Writes || !approved(item.Change))
            {
                if (item.Live is not null)
                    result.Add(item.Live);
                continue;
            }

            var applied = await _cluster.Connect().ApplyAsync(item.Desired, _options, cancellationToken).ConfigureAwait(false);
            log.Verbose($"{_cluster.Name}: {item.Change.Object} {(applied.Created ? "created" : "updated")}");
            result.Add(applied.Object);
        }

        return result;
    }

    private static async Task<ManifestItem> CompareAsync(MeshCluster cluster, ManifestObject item, ApplyOptions options, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var desired = item.Object;
        var type = await client.TypeOfAsync(desired, cancellationToken).ConfigureAwait(false);
        var live = await client.FindAsync(type, desired.Namespace, desired.Name, cancellationToken).ConfigureAwait(false);
        // What is not there cannot be tried: its namespace may be an earlier object of the same manifest.
        if (live is null || item.Anew)
            return new ManifestItem(desired, live, new PlannedChange(cluster, desired.Reference, ChangeKind.Create, item.Description));
        var after = await client.ApplyAsync(desired, options with { DryRun = true }, cancellationToken).ConfigureAwait(false);
        var fields = FieldDifference.Between(live, after.Object);
        var kind = fields.Count == 0 ? ChangeKind.Unchanged : ChangeKind.Update;
        return new ManifestItem(desired, live, new PlannedChange(cluster, desired.Reference, kind, item.Description) { Fields = fields });
    }
}
