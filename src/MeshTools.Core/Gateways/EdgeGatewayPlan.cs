using System.Diagnostics;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Workloads;

namespace MeshTools.Gateways;

/// <summary>A gateway at the edge of the mesh on its way into one cluster. Planning only reads.</summary>
public sealed class EdgeGatewayPlan
{
    private const string AddressAdvice =
        "Look at the events of its Service. A cluster without load balancers needs something that provides them, or a gateway with -ServiceType NodePort or ClusterIP.";

    private readonly EdgeGatewayOptions _options;
    private readonly ManifestPlan _manifest;
    private readonly string _revision;

    private EdgeGatewayPlan(MeshCluster cluster, EdgeGatewayOptions options, ManifestPlan manifest, string revision)
    {
        Cluster = cluster;
        _options = options;
        _manifest = manifest;
        _revision = revision;
        Changes = [.. manifest.Changes];
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>Everything that would happen, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; }

    /// <summary>Looks at a cluster and at what a gateway needs there. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">
    /// There is no control plane, its revision is unknown or ambiguous, the namespace's labels lead elsewhere, or an object of the name is something else.
    /// </exception>
    /// <exception cref="KubernetesException">The cluster cannot be read, or refuses a part of the gateway.</exception>
    public static async Task<EdgeGatewayPlan> CreateAsync(MeshCluster cluster, EdgeGatewayOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        RequireNames(options);
        var probed = options.InternalLoadBalancer ? await ClusterProbe.EnsureAsync(cluster, log, cancellationToken).ConfigureAwait(false) : cluster;
        var home = await EdgeGatewayNamespace.PlanAsync(probed, options, log, cancellationToken).ConfigureAwait(false);
        var objects = EdgeGatewayManifest.Render(options, Annotations(probed, options));
        foreach (var live in await EdgeGatewayObjects.FindAsync(probed, objects, cancellationToken).ConfigureAwait(false))
            EdgeGatewayObjects.Require(probed, live.Object, options);
        if (string.Equals(options.Namespace, options.ControlPlaneNamespace, StringComparison.Ordinal))
            log.Warning($"{cluster.Name}: a gateway in {options.Namespace} shares the namespace, and the rights, of the control plane; a namespace of its own is safer.");
        var manifest = await ManifestPlan.CreateAsync(
            probed, [.. home.Change is null ? [] : new[] { home.Change }, .. objects], options.ForceConflicts, cancellationToken).ConfigureAwait(false);
        return new EdgeGatewayPlan(probed, options, manifest, home.Revision);
    }

    /// <summary>Makes the gateway, and waits where that was asked for.</summary>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests and the wait; what was written by then stays, and a rerun goes on from there.</param>
    /// <returns>The gateway as it is then.</returns>
    /// <exception cref="MeshException">Its proxies do not come up, or it gets no address.</exception>
    /// <exception cref="KubernetesException">A request fails.</exception>
    public async Task<EdgeGateway> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        var clock = Stopwatch.StartNew();
        await _manifest.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
        if (_options.Wait)
        {
            var deployment = new ObjectReference("apps/v1", "Deployment", _options.EffectiveName, _options.Namespace);
            await WorkloadRollout.WaitAsync(Cluster, deployment, new RolloutOptions { Timeout = Left(clock), Injected = true }, log, cancellationToken).ConfigureAwait(false);
            if (_options.EffectiveServiceType is "LoadBalancer")
                await ServiceAddressWait.RunAsync(Cluster, _options.Namespace, _options.EffectiveName, Left(clock), AddressAdvice, cancellationToken).ConfigureAwait(false);
        }

        return await ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    private TimeSpan Left(Stopwatch clock) => _options.Timeout - clock.Elapsed is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private async Task<EdgeGateway> ReadAsync(CancellationToken cancellationToken)
    {
        var client = Cluster.Connect();
        var deployment = await client.FindAsync(ResourceTypes.Deployment, _options.Namespace, _options.EffectiveName, cancellationToken).ConfigureAwait(false);
        var service = await client.FindAsync(ResourceTypes.Service, _options.Namespace, _options.EffectiveName, cancellationToken).ConfigureAwait(false);
        var addresses = service is null ? [] : Addresses(service);
        var wanted = deployment?.FindInt64("spec", "replicas") ?? 1;
        return new EdgeGateway(Cluster, _options.EffectiveName, _options.Namespace)
        {
            Direction = _options.Direction,
            Revision = _revision,
            Addresses = addresses,
            Ports = EdgeGatewayManifest.Ports(_options.Direction),
            Selector = new Dictionary<string, string>(_options.Selector, StringComparer.Ordinal),
            Ready = addresses.Count > 0 && wanted > 0 && deployment?.FindInt64("status", "availableReplicas") >= wanted,
            Change = ServiceExposure.Summary(Changes),
        };
    }

    private static IReadOnlyList<string> Addresses(KubernetesObject service) =>
        service.FindString("spec", "type") is "LoadBalancer" || GatewayAddresses.Of(service, []).Count > 0
            ? GatewayAddresses.Of(service, [])
            : service.FindString("spec", "clusterIP") is { Length: > 0 } ip and not "None" ? [ip] : [];

    private static void RequireNames(EdgeGatewayOptions options)
    {
        foreach (var name in (ReadOnlySpan<string>)[options.EffectiveName, options.Namespace])
        {
            if (!DnsLabel.IsValid(name))
                throw new MeshException(ErrorCatalog.GatewayNameInvalid, $"'{name}' cannot be the name of a gateway or a namespace", name);
        }
    }

    private static Dictionary<string, string> Annotations(MeshCluster cluster, EdgeGatewayOptions options)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in options.InternalLoadBalancer ? InternalLoadBalancer.Annotations(cluster) : [])
            annotations[key] = value;
        // What the user says of the same annotation wins.
        foreach (var (key, value) in options.ServiceAnnotations)
            annotations[key] = value;
        return annotations;
    }
}
