using System.Collections.Concurrent;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>Clusters that are about to be joined or parted: each once, probed, and told apart.</summary>
internal sealed class ClusterSet
{
    private ClusterSet(IReadOnlyList<MeshCluster> members, IReadOnlyDictionary<(string, string?), Exception> failures)
    {
        Members = members;
        Failures = failures;
    }

    /// <summary>All clusters in the order given, those included that do not answer.</summary>
    internal IReadOnlyList<MeshCluster> Members { get; }

    /// <summary>Why clusters do not answer.</summary>
    internal IReadOnlyDictionary<(string, string?), Exception> Failures { get; }

    /// <summary>Probes what has not been probed and refuses what istiod would mix up. A cluster that does not answer is reported and kept as failed.</summary>
    /// <exception cref="MeshException"><c>DuplicateCluster</c> or <c>DuplicateClusterId</c>.</exception>
    internal static async Task<ClusterSet> CreateAsync(
        IReadOnlyList<MeshCluster> clusters, string ns, int throttleLimit, IOperationLog log, CancellationToken cancellationToken)
    {
        MeshCluster[] distinct = [.. clusters.DistinctBy(cluster => cluster.Entry())];
        var probed = new ConcurrentDictionary<(string, string?), MeshCluster>();
        var failures = new ConcurrentDictionary<(string, string?), Exception>();
        await Parallel.ForEachAsync(
            distinct.Where(cluster => ClusterProbe.IsNeeded(cluster, ns)),
            new ParallelOptions { MaxDegreeOfParallelism = throttleLimit, CancellationToken = cancellationToken },
            async (cluster, token) =>
            {
                try
                {
                    probed[cluster.Entry()] = await ClusterProbe.EnsureAsync(cluster, ns, log, token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is KubernetesException or MeshException)
                {
                    failures[cluster.Entry()] = e;
                    log.Failed(e, cluster);
                }
            }).ConfigureAwait(false);
        MeshCluster[] members = [.. distinct.Select(cluster => probed.GetValueOrDefault(cluster.Entry(), cluster))];
        RefuseDuplicates([.. members.Where(cluster => !failures.ContainsKey(cluster.Entry()))]);
        return new ClusterSet(members, failures);
    }

    /// <summary>Refuses two contexts of one cluster: what is done by one of them must not be done twice.</summary>
    /// <param name="clusters">The clusters, probed.</param>
    /// <exception cref="MeshException"><c>DuplicateCluster</c>.</exception>
    internal static void RefuseSame(IReadOnlyList<MeshCluster> clusters)
    {
        if (Repeated(clusters, cluster => cluster.Uid) is [var first, var second, ..])
        {
            throw new MeshException(
                ErrorCatalog.DuplicateCluster,
                $"{Named(first)} and {Named(second)} lead to the same cluster (UID {first.Uid} of namespace kube-system)",
                second);
        }
    }

    private static void RefuseDuplicates(IReadOnlyList<MeshCluster> clusters)
    {
        RefuseSame(clusters);
        if (Repeated(clusters, RemoteSecret.ClusterIdOf) is [var one, var other, ..])
        {
            var id = RemoteSecret.ClusterIdOf(one);
            throw new MeshException(
                ErrorCatalog.DuplicateClusterId,
                $"{Named(one)} and {Named(other)} both have the cluster ID '{id}'; istiod would ignore one of them",
                other,
                string.Equals(id, ControlPlaneRevision.DefaultClusterId, StringComparison.Ordinal)
                    ? $"'{id}' is what istiod uses when it is installed without a cluster ID: install both with values.global.multiCluster.clusterName."
                    : null);
        }
    }

    private static string Named(MeshCluster cluster) => cluster.KubeconfigPath is { } path ? $"'{cluster.Name}' ({path})" : $"'{cluster.Name}'";

    private static MeshCluster[]? Repeated(IReadOnlyList<MeshCluster> clusters, Func<MeshCluster, string?> key) =>
        clusters.Where(cluster => key(cluster) is not null).GroupBy(key, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any())?.ToArray();
}
