using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>
/// The removal of east-west gateways from one cluster: everything that makes one, whichever tool made it, and the network label of the control plane's namespace when this
/// module set it and no gateway is left. Planning only reads.
/// </summary>
public sealed class EastWestGatewayRemoval
{
    private readonly RemovalPlan _objects;
    private readonly IReadOnlyList<RemovalPlan> _declarations;
    private readonly PlannedChange? _networkLabel;
    private readonly string _controlPlaneNamespace;

    private EastWestGatewayRemoval(
        MeshCluster cluster,
        IReadOnlyList<EastWestGateway> gateways,
        RemovalPlan objects,
        IReadOnlyList<RemovalPlan> declarations,
        PlannedChange? networkLabel,
        string controlPlaneNamespace)
    {
        Cluster = cluster;
        Gateways = gateways;
        _objects = objects;
        _declarations = declarations;
        _networkLabel = networkLabel;
        _controlPlaneNamespace = controlPlaneNamespace;
        // The declarations first: other clusters must stop calling before nobody answers.
        Changes = [.. declarations.SelectMany(declaration => declaration.Changes), .. objects.Changes, .. networkLabel is null ? [] : new[] { networkLabel }];
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>The gateways.</summary>
    public IReadOnlyList<EastWestGateway> Gateways { get; }

    /// <summary>Everything that would happen, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; }

    /// <summary>Looks at what is there. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="gateways">Gateways of it, as they were read.</param>
    /// <param name="peers">The clusters in which their addresses may have been declared.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <param name="controlPlaneNamespace">The control plane's namespace.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">What has a gateway's name is something else (<c>ForeignObject</c>).</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<EastWestGatewayRemoval> PlanAsync(
        MeshCluster cluster,
        IReadOnlyList<EastWestGateway> gateways,
        IReadOnlyList<MeshCluster> peers,
        IOperationLog log,
        CancellationToken cancellationToken,
        string controlPlaneNamespace = ControlPlaneRevision.DefaultNamespace)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(gateways);
        ArgumentNullException.ThrowIfNull(peers);
        ArgumentNullException.ThrowIfNull(log);
        var objects = new List<ManifestObject>();
        foreach (var gateway in gateways)
            objects.AddRange(await PartsAsync(cluster, gateway, controlPlaneNamespace, log, cancellationToken).ConfigureAwait(false));
        if (peers.Count == 0 && objects.Exists(item => GatewayAddresses.Advertised(item.Object).Count > 0))
            log.Warning($"{cluster.Name}: other clusters may still say where its network is entered; name them with -Peer, and what was declared there goes too.");
        var declarations = new List<RemovalPlan>();
        foreach (var peer in peers.Where(peer => peer.Entry() != cluster.Entry()))
            declarations.Add(new RemovalPlan(peer, await DeclarationsAsync(peer, gateways, controlPlaneNamespace, cancellationToken).ConfigureAwait(false)));
        var label = await NetworkLabelAsync(cluster, gateways, controlPlaneNamespace, log, cancellationToken).ConfigureAwait(false);
        return new EastWestGatewayRemoval(cluster, gateways, new RemovalPlan(cluster, objects), declarations, label, controlPlaneNamespace);
    }

    /// <summary>Makes the changes that were approved.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests; a rerun goes on from there.</param>
    /// <returns>The gateways that were removed.</returns>
    /// <exception cref="KubernetesException">A request fails.</exception>
    public async Task<IReadOnlyList<EastWestGateway>> ExecuteAsync(Func<PlannedChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        foreach (var declaration in _declarations)
            await declaration.ExecuteAsync(approved, log, cancellationToken).ConfigureAwait(false);
        await _objects.ExecuteAsync(approved, log, cancellationToken).ConfigureAwait(false);
        if (_networkLabel is not null && approved(_networkLabel))
            await GatewayNetwork.TakeBackAsync(Cluster, _controlPlaneNamespace, log, cancellationToken).ConfigureAwait(false);
        return [.. Gateways.Select(gateway => gateway with { Change = ChangeOutcome.Removed, Ready = false, Problems = [] })];
    }

    /// <summary>Waits until nothing of it is left, pods included: a load balancer and a proxy that drains take a while.</summary>
    /// <param name="timeout">How long.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task.</returns>
    /// <exception cref="WaitTimeoutException">Something is left.</exception>
    public async Task WaitAsync(TimeSpan timeout, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var client = Cluster.Connect();
        foreach (var gateway in Gateways)
        {
            var byIstiod = gateway.Form is EastWestGatewayForm.GatewayApi or EastWestGatewayForm.Ambient;
            var selector = byIstiod ? $"{EastWestGatewayReading.GatewayNameLabel}={gateway.Name}" : $"app={gateway.Name},{EastWestGateways.SelectorKey}={EastWestGateways.SelectorValue}";
            foreach (var type in new[] { ResourceTypes.Service, ResourceTypes.Deployment, ResourceTypes.Pod })
            {
                foreach (var left in await EastWestGateways.ListAsync(Cluster, type, gateway.Namespace, selector, cancellationToken).ConfigureAwait(false))
                {
                    var time = timeout - clock.Elapsed is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
                    await client.WaitAsync(type, left.Namespace ?? "", left.Name, WaitCondition.Deleted, time, cancellationToken).ConfigureAwait(false);
                }
            }

            log.Verbose($"{gateway}: nothing of it is left");
        }
    }

    private static async Task<IReadOnlyList<ManifestObject>> PartsAsync(
        MeshCluster cluster, EastWestGateway gateway, string controlPlaneNamespace, IOperationLog log, CancellationToken cancellationToken)
    {
        var objects = new List<ManifestObject>();
        foreach (var (type, ns, name) in await NamesAsync(cluster, gateway, controlPlaneNamespace, cancellationToken).ConfigureAwait(false))
        {
            if (await cluster.Connect().FindAsync(type, ns, name, cancellationToken).ConfigureAwait(false) is not { } live)
                continue;
            if (GatewayOwnership.WhyForeign(live) is not { } why)
                objects.Add(new ManifestObject(live, $"part of east-west gateway {gateway.Name}"));
            else if (objects.Count == 0)
                throw new MeshException(ErrorCatalog.ForeignObject, $"{cluster.Name}: {live.Reference} {why}", gateway);
            else
                log.Warning($"{cluster.Name}: {live.Reference} stays: it {why}.");
        }

        return objects;
    }

    // The Service first, so that a gateway that was cut off halfway is not found as one that works; the account last, since pods use it.
    private static async Task<IEnumerable<(ResourceType Type, string Namespace, string Name)>> NamesAsync(
        MeshCluster cluster, EastWestGateway gateway, string controlPlaneNamespace, CancellationToken cancellationToken)
    {
        var parts = new GatewaySpecification { Name = gateway.Name, Namespace = gateway.Namespace };
        if (gateway.Form is not (EastWestGatewayForm.GatewayApi or EastWestGatewayForm.Ambient))
        {
            return
            [
                (ResourceTypes.Service, gateway.Namespace, gateway.Name),
                (ResourceTypes.HorizontalPodAutoscaler, gateway.Namespace, gateway.Name),
                (ResourceTypes.PodDisruptionBudget, gateway.Namespace, gateway.Name),
                (ResourceTypes.Deployment, gateway.Namespace, gateway.Name),
                (ResourceTypes.RoleBinding, gateway.Namespace, parts.SecretsRole),
                (ResourceTypes.Role, gateway.Namespace, parts.SecretsRole),
                (ResourceTypes.ServiceAccount, gateway.Namespace, parts.ServiceAccount),
            ];
        }

        var types = await GatewayApiTypes.RequireAsync(cluster, cancellationToken).ConfigureAwait(false);
        var routes = types.TlsRoute is { } route
            ? GatewayApiManifest.RouteNames(gateway.Name).Select(name => (route, controlPlaneNamespace, name))
            : [];
        return [(types.Gateway, gateway.Namespace, gateway.Name), .. routes];
    }

    private static async Task<IReadOnlyList<ManifestObject>> DeclarationsAsync(
        MeshCluster peer, IReadOnlyList<EastWestGateway> gateways, string controlPlaneNamespace, CancellationToken cancellationToken)
    {
        if (await GatewayApiTypes.FindAsync(peer, cancellationToken).ConfigureAwait(false) is not { } types)
            return [];
        var found = new List<ManifestObject>();
        foreach (var gateway in gateways.Where(gateway => gateway.Network is not null))
        {
            var name = GatewayApiManifest.DeclarationName(gateway.Name, gateway.Network!);
            var live = await peer.Connect().FindAsync(types.Gateway, controlPlaneNamespace, name, cancellationToken).ConfigureAwait(false);
            if (live?.FindString("spec", "gatewayClassName") is GatewayApiManifest.RemoteClass)
                found.Add(new ManifestObject(live, $"says where network {gateway.Network} is entered"));
        }

        return found;
    }

    private static async Task<PlannedChange?> NetworkLabelAsync(
        MeshCluster cluster, IReadOnlyList<EastWestGateway> going, string controlPlaneNamespace, IOperationLog log, CancellationToken cancellationToken)
    {
        var home = await new PermittedReads(cluster, log).FindAsync(ResourceTypes.Namespace, null, controlPlaneNamespace, cancellationToken).ConfigureAwait(false);
        if (home is null || !GatewayNetwork.IsOurs(home))
            return null;
        var all = await EastWestGateways.ReadAsync(cluster, log, cancellationToken, controlPlaneNamespace).ConfigureAwait(false);
        var names = going.Select(gateway => (gateway.Namespace, gateway.Name)).ToHashSet();
        if (!all.All(gateway => names.Contains((gateway.Namespace, gateway.Name))))
            return null;
        return new PlannedChange(cluster, home.Reference, ChangeKind.Update, "takes back the network that was set with the gateway")
        {
            Fields = [$"metadata.labels['{EastWestGateways.NetworkLabel}']"],
        };
    }
}
