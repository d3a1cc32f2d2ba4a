using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>The end of what <see cref="EdgeGatewayPlan"/> makes, in one cluster. Planning only reads.</summary>
public sealed class EdgeGatewayRemoval
{
    private readonly EdgeGatewayOptions _options;
    private readonly RemovalPlan _removal;

    private EdgeGatewayRemoval(MeshCluster cluster, EdgeGatewayOptions options, IEnumerable<ManifestObject> going)
    {
        Cluster = cluster;
        _options = options;
        _removal = new RemovalPlan(cluster, going);
        Changes = [.. _removal.Changes];
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>Everything that would happen, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; }

    /// <summary>Looks at what is there. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">Which gateway.</param>
    /// <param name="withNamespace">Whether its namespace goes, too, when nothing else is in it.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan; without changes when nothing of it is there.</returns>
    /// <exception cref="MeshException">An object of the name is something else (<c>ForeignObject</c>).</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<EdgeGatewayRemoval> CreateAsync(
        MeshCluster cluster, EdgeGatewayOptions options, bool withNamespace, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var objects = EdgeGatewayManifest.Render(options, new Dictionary<string, string>(StringComparer.Ordinal));
        var live = await EdgeGatewayObjects.FindAsync(cluster, objects, cancellationToken).ConfigureAwait(false);
        foreach (var item in live)
            EdgeGatewayObjects.Require(cluster, item.Object, options);
        // What brings proxies back goes before the proxies, and what they need after them.
        var going = live.Reverse().ToList();
        if (withNamespace && await NamespaceAsync(cluster, options, live, log, cancellationToken).ConfigureAwait(false) is { } home)
            going.Add(new ManifestObject(home, "nothing else is in it"));
        return new EdgeGatewayRemoval(cluster, options, going);
    }

    /// <summary>Removes what was approved.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests; what was removed by then stays so.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="KubernetesException">A request fails. A rerun goes on from there.</exception>
    public async Task<EdgeGateway> ExecuteAsync(Func<PlannedChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        await _removal.ExecuteAsync(approved, log, cancellationToken).ConfigureAwait(false);
        return new EdgeGateway(Cluster, _options.EffectiveName, _options.Namespace)
        {
            Direction = _options.Direction,
            Change = ServiceExposure.Summary([.. Changes.Where(approved)]),
        };
    }

    private static async Task<KubernetesObject?> NamespaceAsync(
        MeshCluster cluster, EdgeGatewayOptions options, IReadOnlyList<ManifestObject> own, IOperationLog log, CancellationToken cancellationToken)
    {
        if (await cluster.Connect().FindAsync(ResourceTypes.Namespace, null, options.Namespace, cancellationToken).ConfigureAwait(false) is not { } home)
            return null;
        if (options.Namespace is "default" || options.Namespace.StartsWith("kube-", StringComparison.Ordinal) || string.Equals(options.Namespace, options.ControlPlaneNamespace, StringComparison.Ordinal))
        {
            log.Warning($"{cluster.Name}: namespace {options.Namespace} is not the gateway's own, and stays.");
            return null;
        }

        foreach (var type in (ResourceType[])[ResourceTypes.Deployment, ResourceTypes.StatefulSet, ResourceTypes.DaemonSet, ResourceTypes.Job, ResourceTypes.Service, ResourceTypes.PersistentVolumeClaim])
        {
            var objects = await EastWestGateways.ListAsync(cluster, type, options.Namespace, null, cancellationToken).ConfigureAwait(false);
            if (objects.FirstOrDefault(item => !own.Any(mine => string.Equals(mine.Object.Uid, item.Uid, StringComparison.Ordinal))) is { } other)
            {
                log.Warning($"{cluster.Name}: namespace {options.Namespace} stays, because {other.Reference} is in it.");
                return null;
            }
        }

        return home;
    }
}
