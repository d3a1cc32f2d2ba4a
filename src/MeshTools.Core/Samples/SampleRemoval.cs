using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Samples;

/// <summary>The sample of one cluster on its way out: its namespace with all in it, or, in a namespace that is not its own, only what it made.</summary>
public sealed class SampleRemoval
{
    private static readonly ResourceType[] s_kinds =
    [
        ResourceTypes.Deployment, ResourceTypes.StatefulSet, ResourceTypes.DaemonSet, ResourceTypes.Job, ResourceTypes.Service, ResourceTypes.PersistentVolumeClaim,
        ResourceTypes.ServiceAccount, ResourceTypes.Secret,
    ];

    private readonly RemovalPlan _plan;
    private readonly string _namespace;
    private readonly bool _whole;

    // Somebody deleted the namespace before; a second request would be refused.
    private bool _going;

    private SampleRemoval(MeshCluster cluster, string ns, bool whole, IEnumerable<ManifestObject> objects)
    {
        Cluster = cluster;
        _namespace = ns;
        _whole = whole;
        _plan = new RemovalPlan(cluster, objects);
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>What would happen; nothing when the cluster has no sample.</summary>
    public IEnumerable<PlannedChange> Changes => _plan.Changes;

    /// <summary>Plans the removal. Only reads.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="ns">The sample's namespace.</param>
    /// <param name="force">
    /// Whether a namespace of the sample's goes together with what others put there, and whether the sample's objects are removed from a namespace that is not its own, which stays.
    /// </param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">The namespace is not the sample's, or holds what others put there, and <paramref name="force"/> was not given.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<SampleRemoval> CreateAsync(MeshCluster cluster, string ns, bool force, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentException.ThrowIfNullOrEmpty(ns);
        var client = cluster.Connect();
        if (await client.FindAsync(ResourceTypes.Namespace, null, ns, cancellationToken).ConfigureAwait(false) is not { } live)
            return new SampleRemoval(cluster, ns, whole: true, []);
        var own = SampleManifest.IsOwn(live);
        if (live.DeletionTimestamp is not null)
            return new SampleRemoval(cluster, ns, whole: true, []) { _going = true };
        if (!own && !force)
            throw new MeshException(ErrorCatalog.SampleNamespaceForeign, $"{cluster.Name}: namespace {ns} is not the sample's: it did not make it", cluster, "Look at what is in it. With -Force only what the sample made there is removed, and the namespace stays.");
        // What controllers make, and what every namespace has, goes with its owner.
        var found = await Task.WhenAll(s_kinds.Select(type => client.ListAllAsync(type, ns, new ListOptions(), cancellationToken))).ConfigureAwait(false);
        KubernetesObject[] objects = [.. found.SelectMany(list => list).Where(item => item.Find("metadata", "ownerReferences") is null)];
        if (!own)
        {
            return new SampleRemoval(cluster, ns, whole: false, objects.Where(SampleManifest.IsOwn).Select(item => new ManifestObject(item, "made by the sample")));
        }

        string[] others = [.. objects.Where(item => !SampleManifest.IsOwn(item) && item.Kind is not ("ServiceAccount" or "Secret")).Select(item => $"{item.Kind} {item.Name}")];
        if (others.Length > 0 && !force)
        {
            throw new MeshException(
                ErrorCatalog.SampleNamespaceForeign, $"{cluster.Name}: namespace {ns} also holds what the sample did not make: {string.Join(", ", others)}", cluster,
                "Move that elsewhere first. With -Force the namespace goes with all that is in it.");
        }

        var description = others.Length == 0 ? "the sample's namespace with all in it" : $"the sample's namespace with all in it, also {string.Join(", ", others)}";
        return new SampleRemoval(cluster, ns, whole: true, [new ManifestObject(live, description)]);
    }

    /// <summary>Removes what was approved, and waits until it is gone.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="timeout">How long it may take until a namespace is gone.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests and the wait.</param>
    /// <returns>The sample as it was, with <see cref="ChangeOutcome.Removed"/>; <see cref="ChangeOutcome.Unchanged"/> when there was none.</returns>
    /// <exception cref="MeshException">The namespace is not gone in time; the message says what holds it.</exception>
    /// <exception cref="KubernetesException">A request fails.</exception>
    public async Task<MeshSample> ExecuteAsync(Func<PlannedChange, bool> approved, TimeSpan timeout, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        var result = new MeshSample(Cluster, _namespace) { Change = ChangeOutcome.Unchanged };
        if (!_going && !_plan.Changes.Any(approved))
            return result;
        await _plan.ExecuteAsync(approved, log, cancellationToken).ConfigureAwait(false);
        if (_whole)
            await WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        log.Verbose($"{Cluster.Name}: the sample is gone from namespace {_namespace}");
        return result with { Change = ChangeOutcome.Removed };
    }

    private async Task WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await Cluster.Connect().WaitAsync(ResourceTypes.Namespace, null, _namespace, WaitCondition.Deleted, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (WaitTimeoutException e)
        {
            // A namespace that cannot go says why in its conditions (k8s pkg/controller/namespace/deletion).
            var reasons = (e.LastSeen?.Json.FindArray("status", "conditions") ?? []).Where(item => item.FindString("status") is "True").Select(item => item.FindString("message"));
            throw new MeshException(
                ErrorCatalog.MeshWaitTimeout, $"{Cluster.Name}: namespace {_namespace} is still being deleted{string.Concat(reasons.Select(reason => ": " + reason))}", Cluster, innerException: e);
        }
    }
}
