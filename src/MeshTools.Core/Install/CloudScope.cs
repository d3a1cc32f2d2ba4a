using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;

namespace MeshTools.Install;

/// <summary>
/// Whether Google Cloud is part of an installation. It is where the authority is Google's; with Istio's own it is where the user allows changes and the cluster is one of GKE or of a
/// fleet. Elsewhere the installation is one of the cluster alone, and Google is not asked.
/// </summary>
public static class CloudScope
{
    /// <summary>What an installation in a cluster needs from Google Cloud.</summary>
    /// <param name="cluster">The cluster, probed.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="environment">Where the fleet's project is taken from when nothing else names it.</param>
    /// <returns>What it needs; <see langword="null"/> when Google Cloud is no part of it.</returns>
    /// <exception cref="MeshException">The authority needs a fleet, and none is named (<c>FleetProjectMissing</c>).</exception>
    public static CloudWish? WishOf(MeshCluster cluster, InstallOptions options, GoogleEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(environment);
        if (!Includes(cluster, options))
            return null;
        if (options.Authority is MeshAuthority.CaService)
            MeshNaming.RequireCaPool(options.CaPool);
        var pool = options.CaPool is { } name ? Split(name) : default;
        return new CloudWish(FleetOf(cluster, options) ?? cluster.ProjectId ?? environment.Project ?? throw FleetMissing(cluster, options))
        {
            CertificateAuthority = options.Authority,
            CaPool = pool.Pool,
            CertificateTemplate = pool.Template,
            Managed = options.Managed,
            Label = options.Label,
            MembershipName = options.MembershipName,
            MembershipLocation = options.MembershipLocation,
        };
    }

    /// <summary>A pool and its template, which follows behind a colon; projects of a domain have colons, too.</summary>
    /// <param name="pool">The name, as <see cref="InstallOptions.CaPool"/> has it.</param>
    /// <returns>The pool, and the template if there is one.</returns>
    public static (string Pool, string? Template) Split(string pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var colon = pool.LastIndexOf(":projects/", StringComparison.Ordinal);
        return colon < 0 ? (pool, null) : (pool[..colon], pool[(colon + 1)..]);
    }

    /// <summary>The fleet that was named, for the cluster or the command.</summary>
    internal static string? FleetOf(MeshCluster cluster, InstallOptions options) => options.FleetProject ?? cluster.FleetProject;

    internal static MeshException FleetMissing(MeshCluster cluster, InstallOptions options) => new(
        ErrorCatalog.FleetProjectMissing, $"{cluster.Name}: certificate authority {options.Authority} serves the workloads of a fleet, and no fleet is named", cluster);

    private static bool Includes(MeshCluster cluster, InstallOptions options) =>
        !options.SkipGoogleCloud
        && (options.Authority is not MeshAuthority.IstioCA || (options.Enabled.Count > 0 && (cluster.Platform is ClusterPlatform.Gke || FleetOf(cluster, options) is not null)));
}
