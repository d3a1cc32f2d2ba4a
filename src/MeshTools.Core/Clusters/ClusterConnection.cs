using MeshTools.Fleet;
using MeshTools.Kubernetes;

namespace MeshTools.Clusters;

/// <summary>The one client that all copies of a <see cref="MeshCluster"/> share. Nothing is read or sent before the first use.</summary>
internal sealed class ClusterConnection
{
    /// <summary>The cluster extension of a kubeconfig by which a lab marks its clusters.</summary>
    internal const string LabExtension = "meshtools.lab";

    private readonly Lazy<KubernetesClient> _client;

    internal ClusterConnection(Kubeconfig kubeconfig, string context)
    {
        _client = new(() => new KubernetesClient(GooglePlugin.Replace(kubeconfig.CreateConfiguration(context))));
        Paths = kubeconfig.Paths;
        IsLab = kubeconfig.HasClusterExtension(context, LabExtension);
    }

    /// <summary>A connection that no kubeconfig describes.</summary>
    internal ClusterConnection(ClientConfiguration configuration, bool isLab)
    {
        _client = new(() => new KubernetesClient(configuration));
        Configuration = configuration;
        Paths = [];
        IsLab = isLab;
    }

    internal KubernetesClient Client => _client.Value;

    /// <summary>How the cluster is reached when no kubeconfig says so; <see langword="null"/> when one does.</summary>
    internal ClientConfiguration? Configuration { get; }

    /// <summary>The files of the kubeconfig, in the order of precedence; none when there is no kubeconfig.</summary>
    internal IReadOnlyList<string> Paths { get; }

    internal bool IsLab { get; }
}
