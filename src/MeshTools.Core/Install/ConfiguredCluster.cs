using MeshTools.Clusters;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>A cluster with the configuration that it would be installed with. Only reads; installing and exporting begin with the same.</summary>
/// <param name="Preparation">The cluster, and what it needs.</param>
/// <param name="Configuration">What istioctl would be given.</param>
internal sealed record ConfiguredCluster(ClusterPreparation Preparation, OperatorConfiguration Configuration)
{
    internal MeshCluster Cluster => Preparation.Cluster;

    /// <summary>Reads what the cluster is, and builds.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="release">The release.</param>
    /// <param name="google">Google Cloud, where it is part of the installation.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The cluster with its configuration.</returns>
    /// <exception cref="Errors.MeshException">Something of the configuration is missing or cannot be used.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    internal static async Task<ConfiguredCluster> ReadAsync(
        MeshCluster cluster, InstallOptions options, IstioRelease release, GoogleCloudClient? google, IOperationLog log, CancellationToken cancellationToken)
    {
        var preparation = await ClusterPreparation.ReadAsync(cluster, options, release.Text, google, log, cancellationToken).ConfigureAwait(false);
        var configuration = Configure(preparation, options, release);
        foreach (var warning in configuration.Warnings)
            log.Warning($"{preparation.Cluster.Name}: {warning}.");
        return new ConfiguredCluster(preparation, configuration);
    }

    /// <summary>Builds the configuration by what is known of the cluster now.</summary>
    internal static OperatorConfiguration Configure(ClusterPreparation preparation, InstallOptions options, IstioRelease release) =>
        OperatorConfiguration.Build(ClusterConfiguration.SettingsOf(preparation.Cluster, options, release, preparation.Aliases, preparation.Google));
}
