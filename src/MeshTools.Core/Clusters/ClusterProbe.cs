using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Clusters;

/// <summary>Asks a cluster who it is. Only reads.</summary>
public static class ClusterProbe
{
    private const string NetworkLabel = "topology.istio.io/network";

    /// <summary>
    /// Reads the version, the UID, the platform and, where a control plane runs, its cluster ID, mesh ID, network, trust domain and revision. What the
    /// user may not read stays unknown, with a warning; only a server that does not answer, or that refuses the user altogether, is an error.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="overrides">What the user says about it; wins over what is found.</param>
    /// <param name="log">Takes warnings and milestones.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>An updated copy.</returns>
    /// <exception cref="KubernetesException">The server does not answer, or refuses the user.</exception>
    public static async Task<MeshCluster> ProbeAsync(
        MeshCluster cluster, ClusterOverrides? overrides, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(log);
        var client = cluster.Connect();
        var reading = new PermittedReads(cluster, log);
        var ns = cluster.ControlPlaneNamespace;
        var version = client.GetVersionAsync(cancellationToken);
        var system = reading.FindAsync(ResourceTypes.Namespace, null, "kube-system", cancellationToken);
        var home = reading.FindAsync(ResourceTypes.Namespace, null, ns, cancellationToken);
        var nodes = reading.ListAsync(ResourceTypes.Node, null, new ListOptions { PageSize = 1 }, cancellationToken);
        var deployments = reading.ListAsync(
            ResourceTypes.Deployment, ns, new ListOptions { LabelSelector = ControlPlaneRevision.Selector }, cancellationToken);
        await Task.WhenAll(version, system, home, nodes, deployments).ConfigureAwait(false);

        ControlPlaneRevision[] revisions = [.. (await deployments.ConfigureAwait(false)).Select(ControlPlaneRevision.From).OrderBy(r => r.Revision, StringComparer.Ordinal)];
        var settings = await SettingsAsync(reading, ns, revisions, cancellationToken).ConfigureAwait(false);
        WarnOfDisagreement(cluster, revisions, log);
        var found = Merge(cluster, (await version.ConfigureAwait(false)).GitVersion, (await nodes.ConfigureAwait(false)).FirstOrDefault()) with
        {
            Uid = (await system.ConfigureAwait(false))?.Uid,
            Revisions = [.. revisions.Select(r => r.Revision)],
            Revision = revisions.Length == 1 ? revisions[0].Revision : null,
            MeshId = settings.MeshId ?? cluster.MeshId,
            Network = (await home.ConfigureAwait(false))?.Labels.GetValueOrDefault(NetworkLabel) ?? settings.Network ?? cluster.Network,
            TrustDomain = settings.TrustDomain ?? cluster.TrustDomain,
            ClusterId = LiveClusterId(revisions, settings) ?? cluster.ClusterId,
            Probed = true,
        };
        log.Verbose($"{cluster.Name}: {found.KubernetesVersion} at {cluster.Server}, "
            + (revisions.Length > 0 ? $"control plane {string.Join(", ", found.Revisions)}, cluster ID {found.ClusterId}" : $"no control plane in {ns}"));
        return (overrides ?? new ClusterOverrides()).ApplyTo(found);
    }

    /// <summary>Asks a cluster who it is, unless it has been asked about this namespace. What was said about it stays said: the probe fills in only what it finds.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="ns">The control plane's namespace; <see langword="null"/> for the one that the cluster knows of.</param>
    /// <param name="log">Takes warnings and milestones.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The cluster, probed.</returns>
    /// <exception cref="KubernetesException">The server does not answer, or refuses the user.</exception>
    public static Task<MeshCluster> EnsureAsync(MeshCluster cluster, string? ns, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return IsNeeded(cluster, ns)
            ? ProbeAsync(cluster with { ControlPlaneNamespace = ns ?? cluster.ControlPlaneNamespace }, cluster.Said, log, cancellationToken)
            : Task.FromResult(cluster);
    }

    /// <inheritdoc cref="EnsureAsync(MeshCluster, string?, IOperationLog, CancellationToken)"/>
    public static Task<MeshCluster> EnsureAsync(MeshCluster cluster, IOperationLog log, CancellationToken cancellationToken) =>
        EnsureAsync(cluster, null, log, cancellationToken);

    /// <summary>Whether a cluster has still to be asked about a namespace. Where no control plane was, one may have come since.</summary>
    internal static bool IsNeeded(MeshCluster cluster, string? ns) =>
        !cluster.Probed || cluster.Revisions.Count == 0 || (ns is not null && !string.Equals(ns, cluster.ControlPlaneNamespace, StringComparison.Ordinal));

    private static MeshCluster Merge(MeshCluster cluster, string gitVersion, KubernetesObject? node) => cluster with
    {
        KubernetesVersion = gitVersion,
        Platform = PlatformDetection.FromCluster(gitVersion, node?.FindString("spec", "providerID"), node?.Labels) ?? cluster.Platform,
    };

    private static async Task<MeshSettings> SettingsAsync(PermittedReads reading, string ns, ControlPlaneRevision[] revisions, CancellationToken cancellationToken)
    {
        if (revisions.Length == 0)
            return MeshSettings.From(null, null);
        // Revisions of one cluster share the mesh's values; the last in order is the newest by asm's naming.
        var revision = revisions[^1].Revision;
        var mesh = reading.FindAsync(
            ResourceTypes.ConfigMap, ns, ControlPlaneRevision.Revisioned("istio", revision), cancellationToken);
        var injector = reading.FindAsync(
            ResourceTypes.ConfigMap, ns, ControlPlaneRevision.Revisioned("istio-sidecar-injector", revision), cancellationToken);
        return MeshSettings.From(await mesh.ConfigureAwait(false), await injector.ConfigureAwait(false));
    }

    private static string? LiveClusterId(ControlPlaneRevision[] revisions, MeshSettings settings)
    {
        if (revisions.Length == 0)
            return null;
        var running = revisions[^1].ClusterId;
        return string.Equals(running, ControlPlaneRevision.DefaultClusterId, StringComparison.Ordinal) ? settings.ClusterName ?? running : running;
    }

    private static void WarnOfDisagreement(MeshCluster cluster, ControlPlaneRevision[] revisions, IOperationLog log)
    {
        if (revisions.Select(r => r.ClusterId).Distinct(StringComparer.Ordinal).Count() > 1)
        {
            log.Warning($"{cluster.Name}: its control planes call the cluster by different IDs ("
                + string.Join(", ", revisions.Select(r => $"{r.Revision}: {r.ClusterId}")) + $"); {revisions[^1].ClusterId} is used. Reinstall the others with the same cluster ID.");
        }
    }
}
