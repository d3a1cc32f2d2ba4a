using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>An east-west gateway on its way into one cluster. Planning only reads.</summary>
public sealed class EastWestGatewayPlan
{
    private readonly EastWestGatewayOptions _options;
    private readonly GatewaySpecification _gateway;
    private readonly PlannedChange? _networkLabel;
    private readonly RemovalPlan? _outdated;
    private readonly ManifestPlan _manifest;
    private readonly IReadOnlyList<ManifestPlan> _declarations;

    private EastWestGatewayPlan(
        MeshCluster cluster,
        EastWestGatewayOptions options,
        GatewaySpecification gateway,
        PlannedChange? networkLabel,
        RemovalPlan? outdated,
        ManifestPlan manifest,
        IReadOnlyList<ManifestPlan> declarations)
    {
        Cluster = cluster;
        _options = options;
        _gateway = gateway;
        _networkLabel = networkLabel;
        _outdated = outdated;
        _manifest = manifest;
        _declarations = declarations;
        Changes =
        [
            .. networkLabel is null ? [] : new[] { networkLabel },
            .. outdated?.Changes ?? [],
            .. manifest.Changes,
            .. declarations.SelectMany(declaration => declaration.Changes),
        ];
    }

    /// <summary>The cluster, with the network and revision of its gateway.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>Everything that would happen, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; }

    /// <summary>Looks at a cluster and at what a gateway needs there. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">How.</param>
    /// <param name="peers">The clusters in which its address is declared; only with <see cref="EastWestGatewayOptions.AdvertisedAddresses"/>.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">Something in the cluster stands against it; the message says what.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read, or refuses a part of the gateway.</exception>
    public static async Task<EastWestGatewayPlan> CreateAsync(
        MeshCluster cluster, EastWestGatewayOptions options, IReadOnlyList<MeshCluster> peers, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(peers);
        ArgumentNullException.ThrowIfNull(log);
        options.Validate();
        // Anew, since the network and the revision may have changed since somebody looked.
        var probed = await ClusterProbe.ProbeAsync(cluster, cluster.Said, log, cancellationToken).ConfigureAwait(false);
        var injector = await GatewayInjector.ReadAsync(probed, options.ControlPlaneNamespace, log, cancellationToken).ConfigureAwait(false);
        var gateway = GatewaySpecification.From(probed, options, injector.Choose(options.Revision ?? probed.Revision));
        var described = probed with { Network = gateway.Network ?? probed.Network, Revision = gateway.Revision ?? "default" };
        var homes = await GatewayNamespaces.ReadAsync(described, options, cancellationToken).ConfigureAwait(false);
        var networkLabel = gateway.Network is { } network ? GatewayNetwork.Plan(described, homes.ControlPlane, network) : null;
        var types = await GatewayTypesAsync(described, options, cancellationToken).ConfigureAwait(false);
        if (types is null && options.Image is null)
            injector.Require((options.Namespace, homes.Own?.Labels ?? new Dictionary<string, string>(StringComparer.Ordinal)), GatewayManifest.PodLabels(gateway), gateway.Revision, log);
        if (gateway.Network is not null)
        {
            await GatewayNetwork.WarnOfPodsAsync(
                described, options.ControlPlaneNamespace, gateway.Network, gateway.Revision, networkLabel is not null, log, cancellationToken).ConfigureAwait(false);
        }

        var objects = GatewayDocuments.Render(options.Form, gateway, types, described, log);
        var outdated = await RequireOwnAsync(described, objects, options, cancellationToken).ConfigureAwait(false);
        // istioctl takes everything over by force.
        var force = options.ForceConflicts || options.Form is EastWestGatewayForm.IstioOperator;
        var manifest = await ManifestPlan.CreateAsync(
            described, [.. homes.Missing, .. objects.Select(item => item with { Anew = outdated?.Removes(item.Object.Reference) ?? false })], force, cancellationToken).ConfigureAwait(false);
        var declarations = gateway.AdvertisedAddresses.Count == 0
            ? []
            : await Task.WhenAll(peers.Select(peer => DeclareAsync(peer, gateway, options, cancellationToken))).ConfigureAwait(false);
        return new EastWestGatewayPlan(described, options, gateway, networkLabel, outdated, manifest, declarations);
    }

    /// <summary>
    /// The gateway as YAML that kubectl (or, of form IstioOperator, istioctl) takes. A cluster is asked only for what was not said: its network, its revision, the versions
    /// that it serves.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The documents.</returns>
    /// <exception cref="MeshException">What was not said is not to be found out.</exception>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    public static Task<string> RenderAsync(MeshCluster cluster, EastWestGatewayOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        options.Validate();
        return GatewayDocuments.TextAsync(cluster, options, log, cancellationToken);
    }

    /// <summary>Warns of clusters of one run that share a network's name and would pass over each other's gateways.</summary>
    /// <param name="plans">The plans of one run.</param>
    /// <param name="log">Takes the warnings.</param>
    public static void WarnOfSharedNetworks(IReadOnlyList<EastWestGatewayPlan> plans, IOperationLog log)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(log);
        GatewayNetwork.WarnOfSharedNames(from plan in plans where plan._gateway.Network is not null select (plan.Cluster, plan._gateway.Network!), log);
    }

    /// <summary>Makes the changes, and waits where that was asked for.</summary>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests and the wait; what was written by then stays, and a rerun goes on from there.</param>
    /// <returns>The gateway as it is then.</returns>
    /// <exception cref="MeshException">Its proxies do not come up, it gets no address, or istioctl fails.</exception>
    /// <exception cref="KubernetesException">A request fails.</exception>
    public async Task<EastWestGateway> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (_networkLabel is not null)
            await GatewayNetwork.SetAsync(Cluster, _options.ControlPlaneNamespace, _gateway.Network!, log, cancellationToken).ConfigureAwait(false);
        if (_outdated is not null)
            await _outdated.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
        if (_options.Form is EastWestGatewayForm.IstioOperator)
            await GatewayIstioctl.InstallAsync(Cluster, _gateway, _options, _manifest, log, cancellationToken).ConfigureAwait(false);
        else
            await _manifest.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
        foreach (var declaration in _declarations)
            await declaration.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
        var wait = new GatewayWait(Cluster, _gateway, _options, log);
        if (_options.Wait)
            await wait.RunAsync(cancellationToken).ConfigureAwait(false);
        return await wait.ReadAsync(cancellationToken).ConfigureAwait(false) with { Change = Change };
    }

    private ChangeOutcome Change => Changes switch
    {
        _ when !Changes.Any(change => change.Writes) => ChangeOutcome.Unchanged,
        _ when _manifest.Items.Any(item => item.Live is null && item.Desired.Kind is "Service" or "Gateway") => ChangeOutcome.Created,
        _ => ChangeOutcome.Updated,
    };

    private static async Task<GatewayApiTypes?> GatewayTypesAsync(MeshCluster cluster, EastWestGatewayOptions options, CancellationToken cancellationToken)
    {
        if (options.Form is not (EastWestGatewayForm.GatewayApi or EastWestGatewayForm.Ambient))
            return null;
        var types = await GatewayApiTypes.RequireAsync(cluster, cancellationToken).ConfigureAwait(false);
        var className = options.Form is EastWestGatewayForm.Ambient ? GatewayApiManifest.AmbientClass : GatewayApiManifest.IstioClass;
        await types.RequireClassAsync(cluster, className, cancellationToken).ConfigureAwait(false);
        return types;
    }

    // Looks at everything that has one of the names: others' objects are refused, and a Deployment that selects other pods can only be made anew.
    private static async Task<RemovalPlan?> RequireOwnAsync(
        MeshCluster cluster, IReadOnlyList<ManifestObject> objects, EastWestGatewayOptions options, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var pairs = await Task.WhenAll(objects.Select(async item =>
        {
            var type = await client.TypeOfAsync(item.Object, cancellationToken).ConfigureAwait(false);
            return (Desired: item.Object, Live: await client.FindAsync(type, item.Object.Namespace, item.Object.Name, cancellationToken).ConfigureAwait(false));
        })).ConfigureAwait(false);
        foreach (var (_, live) in pairs)
        {
            if (live is not null)
                GatewayOwnership.Require(cluster, live);
        }

        var changed = Array.Find(pairs, pair => pair.Live is { Kind: "Deployment" } live && !SameSelector(pair.Desired, live)).Live;
        if (changed is null)
            return null;
        return options.Recreate ? new RemovalPlan(cluster, [new ManifestObject(changed, "made anew, because its selector cannot be changed")]) : throw new MeshException(
            ErrorCatalog.GatewayRecreationNeeded,
            $"{cluster.Name}: {changed.Reference} selects pods with {Selector(changed)}, and would have to select others",
            cluster);
    }

    private static bool SameSelector(KubernetesObject desired, KubernetesObject live) => string.Equals(Selector(desired), Selector(live), StringComparison.Ordinal);

    private static string Selector(KubernetesObject deployment) => string.Join(
        ",", JsonAccess.ToStringMap(deployment.Find("spec", "selector", "matchLabels")).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));

    private static async Task<ManifestPlan> DeclareAsync(MeshCluster peer, GatewaySpecification gateway, EastWestGatewayOptions options, CancellationToken cancellationToken)
    {
        var types = await GatewayApiTypes.RequireAsync(peer, cancellationToken).ConfigureAwait(false);
        return await ManifestPlan.CreateAsync(
            peer, [GatewayApiManifest.Declaration(gateway, types.Gateway.ApiVersion)], options.ForceConflicts, cancellationToken).ConfigureAwait(false);
    }
}
