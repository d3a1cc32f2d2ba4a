using System.Collections.Concurrent;
using MeshTools.Clusters;
using MeshTools.Operations;

namespace MeshTools.Trust;

/// <summary>Reads what many clusters trust, at a time.</summary>
internal static class TrustReading
{
    /// <returns>Those that could be read, in the order of the clusters; the others are reported.</returns>
    internal static async Task<IReadOnlyList<ClusterTrust>> ReadAllAsync(
        IReadOnlyList<MeshCluster> clusters, string ns, int limit, IOperationLog log, CancellationToken cancellationToken)
    {
        var read = new ConcurrentDictionary<int, ClusterTrust>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = limit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, clusters.Count), options, async (i, stop) =>
        {
            try
            {
                read[i] = await ClusterTrust.ReadAsync(clusters[i], ns, log, stop).ConfigureAwait(false);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                log.Failed(e, clusters[i]);
            }
        }).ConfigureAwait(false);
        return [.. read.OrderBy(pair => pair.Key).Select(pair => pair.Value)];
    }
}
