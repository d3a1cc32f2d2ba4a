using System.Collections.Concurrent;
using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Trust;

namespace MeshTools.Verify;

/// <summary>What is read of the clusters to find a failing hop: each thing at most once, and only when it is asked for.</summary>
/// <param name="clusters">The clusters that can be read.</param>
/// <param name="views">The called Service in each of them.</param>
/// <param name="options">What is called.</param>
/// <param name="log">Takes warnings.</param>
internal sealed class MeshFacts(IReadOnlyList<MeshCluster> clusters, IReadOnlyList<ServiceView> views, ConnectivityOptions options, IOperationLog log)
{
    private readonly ConcurrentDictionary<(string, (string, string?)), Task<object?>> _read = new();

    internal ConnectivityOptions Options => options;

    internal ServiceView ViewOf(MeshCluster cluster) => views.First(view => view.Cluster.Entry() == cluster.Entry());

    internal async Task<NetworkView> NetworkAsync(MeshCluster cluster, CancellationToken cancellationToken) =>
        await OnceAsync("network", cluster, () => NetworkView.ReadAsync(cluster, options, log, cancellationToken)).ConfigureAwait(false) ?? new NetworkView("", []);

    /// <summary><see langword="null"/> when it may not be read.</summary>
    internal Task<ClusterExposure?> ExposureAsync(MeshCluster cluster, CancellationToken cancellationToken) =>
        OnceAsync("exposure", cluster, () => ExposureReader.ReadAsync(cluster, cancellationToken));

    /// <summary><see langword="null"/> when it may not be read.</summary>
    internal async Task<TrafficRules> RulesAsync(MeshCluster cluster, CancellationToken cancellationToken) =>
        await OnceAsync("rules", cluster, () => TrafficRules.ReadAsync(cluster, options, cancellationToken)).ConfigureAwait(false) ?? TrafficRules.None;

    /// <summary>What a cluster trusts; <see langword="null"/> when it may not be read.</summary>
    internal Task<ClusterTrust?> TrustAsync(MeshCluster cluster, CancellationToken cancellationToken) =>
        OnceAsync("trust", cluster, () => ClusterTrust.ReadAsync(cluster, options.ControlPlaneNamespace, log, cancellationToken));

    /// <summary>How one cluster's istiod reads another; <see langword="null"/> when it cannot be told.</summary>
    internal async Task<EndpointDiscoveryLink?> LinkAsync(MeshCluster source, MeshCluster target, CancellationToken cancellationToken)
    {
        var links = await OnceAsync("links", clusters[0], () => LinksAsync(cancellationToken)).ConfigureAwait(false) ?? [];
        return links.FirstOrDefault(link => link.Reader.Entry() == source.Entry() && link.Target?.Entry() == target.Entry());
    }

    /// <summary>Pods that a selector meets; empty when they may not be read.</summary>
    internal async Task<IReadOnlyList<KubernetesObject>> PodsAsync(MeshCluster cluster, string ns, string selector, CancellationToken cancellationToken) =>
        await OnceAsync<IReadOnlyList<KubernetesObject>>($"pods {ns} {selector}", cluster, async () => (await cluster.Connect()
            .ListPageAsync(ResourceTypes.Pod, ns, new ListOptions { LabelSelector = selector }, cancellationToken).ConfigureAwait(false)).Items).ConfigureAwait(false) ?? [];

    private async Task<IReadOnlyList<EndpointDiscoveryLink>> LinksAsync(CancellationToken cancellationToken)
    {
        var all = new List<EndpointDiscoveryLink>();
        await foreach (var link in EndpointDiscoveryStatus.GetAsync(clusters, options.ControlPlaneNamespace, options.ThrottleLimit, new Quiet(log), cancellationToken).ConfigureAwait(false))
            all.Add(link);
        return all;
    }

    private async Task<T?> OnceAsync<T>(string what, MeshCluster cluster, Func<Task<T>> read)
        where T : class => await _read.GetOrAdd((what, cluster.Entry()), _ => ReadAsync(what, cluster, read)).ConfigureAwait(false) as T;

    private async Task<object?> ReadAsync<T>(string what, MeshCluster cluster, Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is KubernetesException or MeshException)
        {
            log.Warning($"{ErrorCatalog.Describe(e, cluster).Message}; a fault there ({what}) would not be found.");
            return null;
        }
    }

    // The calls have been made already: what a reader of links reports besides is none of the user's business here.
    private sealed class Quiet(IOperationLog log) : IOperationLog
    {
        public void Verbose(string text) => log.Verbose(text);

        public void Warning(string text) => log.Verbose(text);

        public void Progress(OperationProgress progress)
        {
        }

        public void Failed(Exception error, object? target) => log.Verbose(ErrorCatalog.Describe(error, target).Message);
    }
}
