using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Install;

/// <summary>A cluster with the configuration that it would be installed with. Only reads; installing and exporting begin with the same.</summary>
/// <param name="Cluster">The cluster, probed.</param>
/// <param name="Reading">Its revisions.</param>
/// <param name="Configuration">What istioctl would be given.</param>
internal sealed record ConfiguredCluster(MeshCluster Cluster, RevisionReading Reading, OperatorConfiguration Configuration)
{
    /// <summary>Reads what the cluster is, and builds.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="release">The release.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The cluster with its configuration.</returns>
    /// <exception cref="Errors.MeshException">Something of the configuration is missing or cannot be used.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    internal static async Task<ConfiguredCluster> ReadAsync(MeshCluster cluster, InstallOptions options, IstioRelease release, IOperationLog log, CancellationToken cancellationToken)
    {
        // Always anew: what is not asked for stays as it is by now, and not as it was when somebody looked.
        var probed = await ClusterProbe.ProbeAsync(cluster, cluster.Said, log, cancellationToken).ConfigureAwait(false);
        var reading = await RevisionReading.ReadAsync(probed, options.Namespace, log, cancellationToken).ConfigureAwait(false);
        var aliases = await AliasesAsync(reading, log, cancellationToken).ConfigureAwait(false);
        var configuration = OperatorConfiguration.Build(ClusterConfiguration.SettingsOf(probed, options, release, aliases));
        foreach (var warning in configuration.Warnings)
            log.Warning($"{probed.Name}: {warning}.");
        return new ConfiguredCluster(probed, reading, configuration);
    }

    // What a running control plane accepts as its own must go on being accepted by the next one.
    private static async Task<IReadOnlyList<string>> AliasesAsync(RevisionReading reading, IOperationLog log, CancellationToken cancellationToken)
    {
        var reads = new PermittedReads(reading.Cluster, log);
        var maps = await Task.WhenAll(reading.Deployments.Select(RevisionReading.RevisionOf).Select(revision =>
            reads.FindAsync(ResourceTypes.ConfigMap, reading.Namespace, ControlPlaneRevision.Revisioned("istio", revision), cancellationToken))).ConfigureAwait(false);
        return [.. maps.OfType<KubernetesObject>().SelectMany(MeshSettings.TrustDomainAliasesOf).Distinct(StringComparer.Ordinal)];
    }
}
