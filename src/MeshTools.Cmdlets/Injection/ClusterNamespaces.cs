using MeshTools.Clusters;

namespace MeshTools.Cmdlets;

/// <summary>Namespaces of clusters, as objects of the pipeline bring them: each cluster with those that came with it.</summary>
internal sealed class ClusterNamespaces
{
    private readonly List<(MeshCluster Cluster, string Namespace)> _pairs = [];

    internal void Add(IEnumerable<MeshCluster> clusters, IReadOnlyList<string> namespaces) =>
        _pairs.AddRange(clusters.SelectMany(cluster => namespaces.Select(ns => (cluster, ns))));

    /// <summary>What came by the pipeline; for clusters that came otherwise, all the namespaces of the command line.</summary>
    internal IReadOnlyList<(MeshCluster Cluster, string Namespace)> For(IReadOnlyList<MeshCluster> clusters, IReadOnlyList<string> namespaces) =>
    [
        .. (_pairs.Count > 0 ? _pairs : clusters.SelectMany(cluster => namespaces.Select(ns => (Cluster: cluster, Namespace: ns))))
            .DistinctBy(pair => (pair.Cluster.Entry(), pair.Namespace)),
    ];
}
