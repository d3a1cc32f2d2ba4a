using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>The end of what <see cref="ServiceExposurePlan"/> makes, in one cluster. Planning only reads.</summary>
public sealed class ServiceExposureRemoval
{
    private readonly ServiceExposureOptions _options;
    private readonly RemovalPlan _removal;

    private ServiceExposureRemoval(MeshCluster cluster, ServiceExposureOptions options, IEnumerable<ManifestObject> going)
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
    /// <param name="options">What is to end.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan; without changes when nothing of it is there.</returns>
    /// <exception cref="MeshException">An object of the name is something else (<c>ForeignObject</c>).</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<ServiceExposureRemoval> CreateAsync(
        MeshCluster cluster, ServiceExposureOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        if (await ExposureState.ReadAsync(cluster, options.Namespace, log, cancellationToken).ConfigureAwait(false) is not { } state)
            return new ServiceExposureRemoval(cluster, options, []);
        var going = new List<ManifestObject>();
        if (state.Gateway(options.Namespace, ExposureManifest.ServicesName) is { } services)
        {
            var servers = ExposureReader.OfIstio(services).ToArray();
            Require(cluster, services, Array.Exists(servers, server => server.IsCrossNetwork));
            going.Add(new ManifestObject(services, $"lets in {string.Join(", ", servers.SelectMany(server => server.Hosts))}"));
        }

        var gateway = state.Gateway(options.Namespace, ExposureManifest.ControlPlaneName);
        if (options.ControlPlane)
            going.AddRange(ControlPlane(state, gateway, options));
        else if (gateway is not null)
            log.Warning($"{cluster.Name}: the control plane stays exposed by {gateway.Reference}; -ControlPlane ends that, too.");
        return new ServiceExposureRemoval(cluster, options, going);
    }

    /// <summary>Removes what was approved.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests; what was removed by then stays so.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="KubernetesException">A request fails. A rerun goes on from there.</exception>
    public async Task<ServiceExposure> ExecuteAsync(Func<PlannedChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        await _removal.ExecuteAsync(approved, log, cancellationToken).ConfigureAwait(false);
        PlannedChange[] done = [.. Changes.Where(approved)];
        return new ServiceExposure(Cluster, ExposureManifest.ServicesName, _options.Namespace)
        {
            Objects = [.. done.Select(change => change.Object)],
            Change = ServiceExposure.Summary(done),
        };
    }

    private static List<ManifestObject> ControlPlane(ExposureState state, KubernetesObject? gateway, ServiceExposureOptions options)
    {
        var going = new List<ManifestObject>();
        KubernetesObject[] routes = [.. state.Routes.Where(route => route.Json.FindStrings("spec", "gateways").Any(name => Leads(name, options.Namespace)))];
        KubernetesObject[] own = [.. routes.Where(route => IsRoute(route, options.Revision))];
        going.AddRange(own.Select(route => new ManifestObject(route, "leads to istiod")));
        // Another revision's route, or somebody else's, still needs the Gateway.
        if (gateway is not null && own.Length == routes.Length)
        {
            Require(state.Cluster, gateway, ExposureReader.OfIstio(gateway).Any(server => server.Port == ExposureManifest.DiscoveryPort));
            going.Add(new ManifestObject(gateway, "lets clusters without a control plane reach this one"));
        }

        return going;
    }

    private static bool Leads(string gateway, string ns) => gateway is ExposureManifest.ControlPlaneName || string.Equals(gateway, $"{ns}/{ExposureManifest.ControlPlaneName}", StringComparison.Ordinal);

    private static bool IsRoute(KubernetesObject route, string? revision) => revision is null
        ? route.Name is "istiod-vs" || route.Name.StartsWith("istiod-vs-", StringComparison.Ordinal)
        : string.Equals(route.Name, ExposureManifest.RouteName(revision), StringComparison.Ordinal);

    private static void Require(MeshCluster cluster, KubernetesObject live, bool isExposure)
    {
        if (!ExposureState.IsOwn(live) && !isExposure)
        {
            throw new MeshException(
                ErrorCatalog.ForeignObject, $"{cluster.Name}: {live.Reference} is there and lets nothing in from other networks", cluster, "Look at it, and remove it yourself if nobody needs it.");
        }
    }
}
