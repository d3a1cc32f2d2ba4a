using System.Collections.Concurrent;

namespace MeshTools.Lab;

/// <summary>What istiod told a proxy about the world outside it.</summary>
/// <param name="Clusters">The clusters whose endpoints are known, the proxy's own first, by the ID that istiod has for them.</param>
/// <param name="Gateways">Ways into networks.</param>
/// <param name="TrustDomains">The trust domains that are accepted.</param>
/// <param name="Mesh">The configuration of the mesh.</param>
internal sealed record ProxyView(
    IReadOnlyList<(string Id, LabCluster Cluster)> Clusters, IReadOnlyList<NetworkGateway> Gateways, IReadOnlyList<string> TrustDomains,
    System.Text.Json.Nodes.JsonObject Mesh);

/// <summary>
/// The views of a cluster's proxies, one for each revision. A remote cluster counts while it is <c>synced</c>; what runs in it is looked up
/// where it runs. While no istiod runs, proxies go on with what they were told last.
/// </summary>
internal sealed class ProxyViews(LabCluster cluster, LabFabric fabric)
{
    private readonly ConcurrentDictionary<string, ProxyView> last = new(StringComparer.Ordinal);

    public ProxyView Of(StoredObject pod)
    {
        var revision = pod.Json.Annotation(SidecarInjector.RevisionAnnotation) ?? "default";
        if (cluster.Istiod.Of(revision) is not { } replica)
        {
            return last.GetValueOrDefault(revision) ?? new ProxyView([(cluster.ClusterId, cluster)], [], [], []);
        }

        var clusters = new List<(string, LabCluster)> { (replica.Settings.ClusterId, cluster) };
        foreach (var remote in replica.Remotes.All.Where(remote => remote.Status is SyncStatus.Synced))
        {
            if (fabric.At(remote.Server) is { } other && !clusters.Exists(known => ReferenceEquals(known.Item2, other)))
            {
                clusters.Add((remote.Id, other));
            }
        }

        var mesh = MeshConfiguration.Read(cluster.Store, replica.Settings);
        var view = new ProxyView(
            clusters,
            NetworkGateways.Known(cluster.Store, replica.Settings, replica.Remotes),
            MeshConfiguration.TrustDomains(mesh),
            mesh);
        last[revision] = view;
        return view;
    }
}
