using MeshTools.Kubernetes;

namespace MeshTools.Clusters;

/// <summary>The one client that all copies of a <see cref="MeshCluster"/> share. Nothing is read or sent before the first use.</summary>
internal sealed class ClusterConnection(Kubeconfig kubeconfig, string context)
{
    /// <summary>The cluster extension of a kubeconfig by which a lab marks its clusters.</summary>
    internal const string LabExtension = "meshtools.lab";

    private readonly Lazy<KubernetesClient> _client = new(() => new KubernetesClient(kubeconfig.CreateConfiguration(context)));

    internal KubernetesClient Client => _client.Value;

    /// <summary>The files of the kubeconfig, in the order of precedence.</summary>
    internal IReadOnlyList<string> Paths => kubeconfig.Paths;

    internal bool IsLab => kubeconfig.HasClusterExtension(context, LabExtension);
}
