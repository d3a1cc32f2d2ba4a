using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Samples;

/// <summary>What one cluster has of the sample.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Namespace">The sample's namespace; <see langword="null"/> when it is not there.</param>
/// <param name="Deployments">The Deployments in it that the sample made.</param>
internal sealed record SampleState(MeshCluster Cluster, KubernetesObject? Namespace, IReadOnlyList<KubernetesObject> Deployments)
{
    /// <summary>The versions that answer.</summary>
    internal IReadOnlyList<string> Versions => [.. Answering.Select(deployment => deployment.Labels.GetValueOrDefault("version") ?? "").Where(version => version.Length > 0).Order(StringComparer.Ordinal)];

    /// <summary>The Deployments that answer.</summary>
    internal IEnumerable<KubernetesObject> Answering => Deployments.Where(deployment => deployment.Labels.GetValueOrDefault("app") is SampleManifest.HelloWorld);

    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    internal static async Task<SampleState> ReadAsync(MeshCluster cluster, string ns, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var live = client.FindAsync(ResourceTypes.Namespace, null, ns, cancellationToken);
        var deployments = client.ListAllAsync(ResourceTypes.Deployment, ns, new ListOptions { LabelSelector = SampleManifest.Selector }, cancellationToken);
        await Task.WhenAll(live, deployments).ConfigureAwait(false);
        return new SampleState(cluster, await live.ConfigureAwait(false), await deployments.ConfigureAwait(false));
    }
}
