using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Samples;

/// <summary>The sample on its way into any number of clusters.</summary>
public sealed class SampleInstallation
{
    private readonly SampleOptions _options;
    private readonly IReadOnlyList<ClusterSample> _clusters;

    private SampleInstallation(SampleOptions options, IReadOnlyList<ClusterSample> clusters)
    {
        _options = options;
        _clusters = clusters;
    }

    /// <summary>What would happen, by cluster.</summary>
    public IEnumerable<PlannedChange> Changes => _clusters.SelectMany(cluster => cluster.Changes);

    /// <summary>Reads all clusters and compares. Nothing is written. A cluster that fails is reported, and the others go on.</summary>
    /// <param name="clusters">The clusters. Versions are dealt out in the order of their names, whatever order they arrive in; one that cannot be read has its turn too.</param>
    /// <param name="options">What the sample is made of.</param>
    /// <param name="log">Takes warnings and failures.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    public static async Task<SampleInstallation> CreateAsync(
        IReadOnlyList<MeshCluster> clusters, SampleOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        MeshCluster[] ordered = [.. clusters.OrderBy(cluster => cluster.Name, NaturalOrder.Comparer).ThenBy(cluster => cluster.Server?.AbsoluteUri, StringComparer.Ordinal)];
        var states = await EachAsync(ordered, options, log, cluster => cluster, (cluster, stop) => SampleState.ReadAsync(cluster, options.Namespace, stop), cancellationToken)
            .ConfigureAwait(false);
        var versions = SampleVersions.Deal([.. states.Select(state => state?.Versions ?? [])], options.Versions);
        (SampleState State, IReadOnlyList<string> Versions)[] read = [.. states.Zip(versions).Where(pair => pair.First is not null).Select(pair => (pair.First!, pair.Second))];
        var plans = await EachAsync(read, options, log, pair => pair.State.Cluster, (pair, stop) => ClusterSample.PlanAsync(pair.State, pair.Versions, options, stop), cancellationToken)
            .ConfigureAwait(false);
        return new SampleInstallation(options, [.. plans.OfType<ClusterSample>()]);
    }

    /// <summary>Makes what was approved, in all clusters at a time, and waits until the pods run with their proxies.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones and failures.</param>
    /// <param name="cancellationToken">Cancels the requests and waits.</param>
    /// <returns>The sample of each cluster where it runs, as they get ready. A cluster where it does not is reported with the reason.</returns>
    public async IAsyncEnumerable<MeshSample> ExecuteAsync(
        Func<PlannedChange, bool> approved, IOperationLog log, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        var done = 0;
        await foreach (var (cluster, sample) in FanOut.RunAsync(_clusters, _options.ThrottleLimit, RunAsync, cancellationToken).ConfigureAwait(false))
        {
            log.Progress(new OperationProgress("Installing the sample", $"{cluster.Name}: {(sample is null ? "failed" : "ready")}", ++done, _clusters.Count));
            if (sample is not null)
                yield return sample;
        }

        async Task<(MeshCluster Cluster, MeshSample? Sample)> RunAsync(ClusterSample item, CancellationToken stop)
        {
            try
            {
                return (item.Cluster, await item.ExecuteAsync(approved, log, stop).ConfigureAwait(false));
            }
            catch (Exception e) when (e is KubernetesException or MeshException)
            {
                log.Failed(e, item.Cluster);
                return (item.Cluster, null);
            }
        }
    }

    // In the order of the items; null for one that failed.
    private static async Task<IReadOnlyList<TResult?>> EachAsync<T, TResult>(
        IReadOnlyList<T> items, SampleOptions options, IOperationLog log, Func<T, MeshCluster> cluster, Func<T, CancellationToken, Task<TResult>> step, CancellationToken cancellationToken)
        where TResult : class
    {
        var results = new TResult?[items.Count];
        await foreach (var (index, result) in FanOut.RunAsync([.. Enumerable.Range(0, items.Count)], options.ThrottleLimit, RunAsync, cancellationToken).ConfigureAwait(false))
            results[index] = result;
        return results;

        async Task<(int Index, TResult? Result)> RunAsync(int index, CancellationToken stop)
        {
            try
            {
                return (index, await step(items[index], stop).ConfigureAwait(false));
            }
            catch (Exception e) when (e is KubernetesException or MeshException)
            {
                log.Failed(e, cluster(items[index]));
                return (index, null);
            }
        }
    }
}
