using MeshTools.Clusters;
using MeshTools.Errors;

namespace MeshTools.Install;

/// <summary>What a cluster is told to be: what was asked for, else what it says of itself, else what its name and platform imply.</summary>
internal static class ClusterConfiguration
{
    /// <summary>The settings of one cluster.</summary>
    /// <param name="cluster">The cluster, probed.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="release">The release.</param>
    /// <param name="aliases">The trust domains that a running control plane accepts already.</param>
    /// <exception cref="MeshException">Something is missing (<c>FleetProjectMissing</c>).</exception>
    internal static OperatorSettings SettingsOf(MeshCluster cluster, InstallOptions options, IstioRelease release, IEnumerable<string> aliases)
    {
        var fleet = options.FleetProject ?? cluster.FleetProject;
        if (fleet is null && options.Authority is not MeshAuthority.IstioCA)
            throw new MeshException(ErrorCatalog.FleetProjectMissing, $"{cluster.Name}: certificate authority {options.Authority} serves the workloads of a fleet, and no fleet is named", cluster);
        var google = cluster.Platform is ClusterPlatform.Gke ? GkeName.TryParse(cluster.Context) : null;
        var project = cluster.ProjectId ?? google?.ProjectId;
        var location = cluster.Location ?? google?.Location ?? "global";
        var name = google?.ClusterName ?? DnsLabel.From(cluster.Name);
        var meshId = options.MeshId ?? cluster.MeshId;
        return new OperatorSettings
        {
            Release = release,
            Revision = options.Revision ?? release.DefaultRevision,
            Authority = options.Authority,
            CaPool = options.CaPool,
            Hub = options.Hub,
            Tag = options.Tag,
            FleetProject = fleet,
            TrustDomain = options.TrustDomain,
            TrustDomainAliases = MeshNaming.TrustDomainAliases(options.Authority, fleet, project, aliases, options.TrustDomainAliases),
            ClusterId = options.ClusterId ?? ClusterIdOf(cluster, fleet, project, location, name),
            MeshId = meshId,
            Network = MeshNaming.Network(options.Network ?? cluster.Network, null, null),
            IdentityProvider = (google, fleet, options.Authority) switch
            {
                (not null, _, _) => $"https://container.googleapis.com/v1/projects/{project}/locations/{location}/clusters/{name}",
                // Off Google Cloud the fleet vouches for the cluster, and Istio CA asks nobody.
                (null, not null, not MeshAuthority.IstioCA) => $"https://gkehub.googleapis.com/projects/{fleet}/locations/{location}/memberships/{name}",
                _ => null,
            },
            Metadata = fleet is null ? null : new GoogleClusterMetadata(project ?? fleet, NumberOf(meshId), name, location),
            IsOnGoogleCloud = cluster.Platform is ClusterPlatform.Gke,
            Options = options.Options,
            Overlays = options.Overlays,
        };
    }

    // Whatever the cluster is called already stays, since other clusters know it by that name.
    private static string ClusterIdOf(MeshCluster cluster, string? fleet, string? project, string location, string name)
    {
        if (cluster.ClusterId is { Length: > 0 } known && known is not ControlPlane.ControlPlaneRevision.DefaultClusterId)
            return known;
        return (project ?? fleet) is { } owner ? MeshNaming.ClusterId(owner, location, name) : name;
    }

    // The mesh ID of a fleet is its project's number.
    private static string NumberOf(string? meshId) => meshId is not null && meshId.StartsWith("proj-", StringComparison.Ordinal) ? meshId["proj-".Length..] : "";
}
