using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Gateways;

/// <summary>What lets calls from other networks into one cluster, on its way there. Planning only reads.</summary>
public sealed class ServiceExposurePlan
{
    private readonly ServiceExposureOptions _options;
    private readonly ManifestPlan _manifest;
    private readonly ExposedServer? _listener;
    private readonly string? _revision;

    private ServiceExposurePlan(MeshCluster cluster, ServiceExposureOptions options, ManifestPlan manifest, ExposedServer? listener, string? revision)
    {
        Cluster = cluster;
        _options = options;
        _manifest = manifest;
        _listener = listener;
        _revision = revision;
        Changes = [.. manifest.Changes];
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>Everything that would happen, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; }

    /// <summary>Refuses hosts that cannot stand in a Gateway, before any cluster is asked.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <exception cref="MeshException">One cannot (<c>GatewayHostInvalid</c>).</exception>
    public static void RequireHosts(IReadOnlyList<string> hosts)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        if (hosts.Count == 0)
            throw new MeshException(ErrorCatalog.GatewayHostInvalid, "no host is given", hosts);
        foreach (var host in hosts)
        {
            if (HostPattern.Problem(host) is { } problem)
                throw new MeshException(ErrorCatalog.GatewayHostInvalid, $"'{host}' cannot be a host of a Gateway: {problem}", host);
        }
    }

    /// <summary>Looks at what is there. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">What to let in.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">
    /// Istio's definitions are not installed, another Gateway does the same, an object of the name is something else, a host cannot be, or the control plane is not there or ambiguous.
    /// </exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<ServiceExposurePlan> CreateAsync(
        MeshCluster cluster, ServiceExposureOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        RequireHosts(options.Hosts);
        var state = await ExposureState.ReadAsync(cluster, options.Namespace, log, cancellationToken).ConfigureAwait(false) ?? throw ExposureState.DefinitionsMissing(cluster);
        await RequireNamespaceAsync(cluster, options.Namespace, cancellationToken).ConfigureAwait(false);
        var revision = options.ControlPlane ? await RevisionAsync(cluster, options, log, cancellationToken).ConfigureAwait(false) : null;
        var proxies = await ExposedProxies.FindAsync(cluster, options.Selector, log, cancellationToken).ConfigureAwait(false);
        var listener = proxies.Count > 0 ? null : ByListener(state, options, log);
        var wanted = new List<(KubernetesObject Desired, KubernetesObject? Live, string Description)>();
        if (listener is null)
        {
            var gateway = ExposureManifest.Services(state.GatewayType, options.Namespace, options.Selector, options.Hosts);
            ExposureConflicts.Require(state, gateway, proxies);
            wanted.Add((gateway, state.Gateway(options.Namespace, gateway.Name), $"lets in {string.Join(", ", options.Hosts)} on port {ExposedServer.CrossNetworkPort}"));
        }

        if (revision is not null)
        {
            var gateway = ExposureManifest.ControlPlane(state.GatewayType, options.Namespace, options.Selector);
            ExposureConflicts.Require(state, gateway, proxies);
            wanted.Add((gateway, state.Gateway(options.Namespace, gateway.Name), "lets clusters without a control plane reach this one"));
            var route = ExposureManifest.Route(state.RouteType, options.Namespace, revision);
            wanted.Add((route, state.Route(route.Name), $"leads them to istiod of revision {revision}"));
        }

        if (listener is null || revision is not null)
            await ExposedProxies.WarnAsync(cluster, options, proxies, log, cancellationToken).ConfigureAwait(false);
        var manifest = await ManifestPlan.CreateAsync(
            cluster, [.. wanted.Select(item => new ManifestObject(Acceptable(cluster, item.Desired, item.Live, options), item.Description))], options.ForceConflicts, cancellationToken).ConfigureAwait(false);
        return new ServiceExposurePlan(cluster, options, manifest, listener, revision);
    }

    /// <summary>Makes what was approved.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests; what was written by then stays.</param>
    /// <returns>What the cluster lets in now.</returns>
    /// <exception cref="KubernetesException">A request fails. What was written before stays, and a rerun goes on from there.</exception>
    public async Task<ServiceExposure> ExecuteAsync(Func<PlannedChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        var objects = await _manifest.ExecuteAsync(approved, log, cancellationToken).ConfigureAwait(false);
        var done = Changes.Where(change => !change.Writes || approved(change)).ToArray();
        return new ServiceExposure(Cluster, _listener?.Gateway.Name ?? ExposureManifest.ServicesName, _listener?.Gateway.Namespace ?? _options.Namespace)
        {
            Hosts = _listener?.Hosts ?? _options.Hosts,
            Selector = _listener?.Selector ?? _options.Selector,
            ControlPlane = _revision,
            Objects = [.. _listener is null ? [] : new[] { _listener.Gateway }, .. objects.Select(item => item.Reference)],
            Change = ServiceExposure.Summary(done),
        };
    }

    private static ExposedServer? ByListener(ExposureState state, ServiceExposureOptions options, IOperationLog log)
    {
        var listener = state.Listeners.FirstOrDefault(server => server.IsCrossNetwork && options.Hosts.All(server.Covers));
        if (listener is null)
            return null;
        log.Verbose($"{state.Cluster.Name}: {listener.Gateway} lets in {string.Join(", ", listener.Hosts)} by its own listener");
        if (!listener.Hosts.All(host => options.Hosts.Any(asked => HostPattern.Covers(asked, host))))
            log.Warning($"{state.Cluster.Name}: {listener.Gateway} already lets in {string.Join(", ", listener.Hosts)}; to let in less, change the host name of its listener.");
        return listener;
    }

    /// <summary>What to apply: the intent, or what is there when somebody else wrote just that.</summary>
    private static KubernetesObject Acceptable(MeshCluster cluster, KubernetesObject desired, KubernetesObject? live, ServiceExposureOptions options)
    {
        if (live is null || ExposureState.IsOwn(live))
            return desired;
        if (ExposureState.Same(live, desired))
            return live.WithoutServerFields();
        var kept = JsonAccess.ToStringMap(live.Find("spec", "selector")).Keys.Except(options.Selector.Keys, StringComparer.Ordinal).ToArray();
        if (!options.ForceConflicts || kept.Length > 0)
        {
            throw new MeshException(
                ErrorCatalog.ForeignObject,
                $"{cluster.Name}: {live.Reference} is there and says something else ({string.Join("; ", ExposureReader.OfIstio(live))})",
                cluster,
                kept.Length > 0 ? "Remove it, or give other labels with -Selector." : "Remove it, or take it over with -ForceConflicts.");
        }

        return desired;
    }

    private static async Task RequireNamespaceAsync(MeshCluster cluster, string ns, CancellationToken cancellationToken)
    {
        try
        {
            if (await cluster.Connect().FindAsync(ResourceTypes.Namespace, null, ns, cancellationToken).ConfigureAwait(false) is null)
                throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{cluster.Name}: namespace {ns} does not exist", cluster);
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            // Who may not look learns it when the object is made.
        }
    }

    private static async Task<string> RevisionAsync(MeshCluster cluster, ServiceExposureOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        var reading = await RevisionReading.ReadAsync(cluster, options.Namespace, log, cancellationToken).ConfigureAwait(false);
        string[] running = [.. reading.Deployments.Select(RevisionReading.RevisionOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (running.Length == 0)
            throw MeshErrors.ControlPlaneNotFound(cluster, options.Namespace);
        if (options.Revision is { } asked)
        {
            var revision = running.Contains(asked, StringComparer.Ordinal) ? asked : reading.Resolve(asked);
            return revision is not null && running.Contains(revision, StringComparer.Ordinal)
                ? revision
                : throw new MeshException(ErrorCatalog.RevisionNotFound, $"{cluster.Name}: no istiod of revision {asked} runs there; {string.Join(", ", running)} do", cluster);
        }

        return running.Length == 1
            ? running[0]
            : throw new MeshException(ErrorCatalog.RevisionAmbiguous, $"{cluster.Name}: istiod runs in revisions {string.Join(", ", running)}", cluster);
    }
}
