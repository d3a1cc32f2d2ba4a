using MeshTools.Clusters;

namespace MeshTools.Discovery;

/// <summary>
/// Bounds how many steps run at once over all clusters. One cluster gets at most half of the slots (at least one), so that a slow one cannot keep the
/// others waiting.
/// </summary>
internal sealed class StepSlots : IDisposable
{
    private readonly SemaphoreSlim _all;
    private readonly Dictionary<(string, string?), SemaphoreSlim> _ofCluster;

    internal StepSlots(int limit, IEnumerable<MeshCluster> clusters)
    {
        _all = new SemaphoreSlim(limit);
        _ofCluster = clusters.Select(cluster => cluster.Entry()).Distinct().ToDictionary(entry => entry, _ => new SemaphoreSlim(Math.Max(1, limit / 2)));
    }

    /// <summary>Runs a step at a cluster when there is a slot for it.</summary>
    internal async Task<T> RunAsync<T>(MeshCluster cluster, Func<Task<T>> step, CancellationToken cancellationToken)
    {
        // The cluster's own slot first: who waits for a slow cluster holds none of the common ones.
        var own = _ofCluster[cluster.Entry()];
        await own.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _all.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await step().ConfigureAwait(false);
            }
            finally
            {
                _all.Release();
            }
        }
        finally
        {
            own.Release();
        }
    }

    public void Dispose()
    {
        _all.Dispose();
        foreach (var own in _ofCluster.Values)
            own.Dispose();
    }
}
