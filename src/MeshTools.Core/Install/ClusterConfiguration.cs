using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;

namespace MeshTools.Install;

/// <summary>What a cluster is told to be: what was asked for, else what it says of itself, else what its name and platform imply.</summary>
internal static class ClusterConfiguration
{
    /// <summary>The settings of one cluster.</summary>
    /// <param name="cluster">The cluster, probed.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="release">The release.</param>
    /// <param name="aliases">The trust domains that a running control plane accepts already.</param>
    /// <param name="google">What Google Cloud says of the cluster; <see langword="null"/> where it was not asked.</param>
    /// <exception cref="MeshException">Something is missing (<c>FleetProjectMissing</c>).</exception>
    internal static OperatorSettings SettingsOf(MeshCluster cluster, InstallOptions options, IstioRelease release, IEnumerable<string> aliases, CloudFacts? google = null)
    {
        var fleet = google?.FleetProject ?? CloudScope.FleetOf(cluster, options);
        var named = cluster.Platform is ClusterPlatform.Gke ? GkeName.TryParse(cluster.Context) : null;
        var project = google is null ? cluster.ProjectId ?? named?.ProjectId : google.ClusterProject;
        var location = google?.Location ?? cluster.Location ?? named?.Location ?? "global";
        var name = google?.Name ?? named?.ClusterName ?? DnsLabel.From(cluster.Name);
        var meshId = options.MeshId ?? cluster.MeshId ?? google?.MeshId;
        var owner = google?.Project ?? project ?? fleet;
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
            ClusterId = options.ClusterId ?? ClusterIdOf(cluster, owner, location, name, google),
            MeshId = meshId,
            Network = NetworkOf(cluster, options, google),
            IdentityProvider = IdentityProviderOf(options, google, fleet, named, location, name),
            Metadata = fleet is null ? null : new GoogleClusterMetadata(owner ?? fleet, google?.ProjectNumber ?? NumberOf(meshId), name, location),
            IsOnGoogleCloud = cluster.Platform is ClusterPlatform.Gke,
            Options = options.Options,
            Overlays = options.Overlays,
        };
    }

    /// <summary>The network: what was asked for, else the one that the cluster is in already, else that of its VPC, else <c>default</c>.</summary>
    internal static string NetworkOf(MeshCluster cluster, InstallOptions options, CloudFacts? google) => options.Network ?? cluster.Network ?? google?.Network ?? MeshNaming.DefaultNetwork;

    private static string? IdentityProviderOf(InstallOptions options, CloudFacts? google, string? fleet, GkeName? named, string location, string name)
    {
        // Off Google Cloud, Istio CA asks nobody; only Cloud Monitoring would (asmcli).
        var isAsked = named is not null || google?.ClusterProject is not null || options.Authority is not MeshAuthority.IstioCA;
        if (google is not null)
            return isAsked || !options.Options.Contains("prometheus", StringComparer.Ordinal) ? google.IdentityProvider : null;
        return (named, fleet) switch
        {
            (not null, _) => $"https://container.googleapis.com/v1/projects/{named.ProjectId}/locations/{named.Location}/clusters/{named.ClusterName}",
            (null, not null) when isAsked => $"https://gkehub.googleapis.com/projects/{fleet}/locations/{location}/memberships/{name}",
            _ => null,
        };
    }

    // Whatever the cluster is called already stays, since other clusters know it by that name.
    private static string ClusterIdOf(MeshCluster cluster, string? owner, string location, string name, CloudFacts? google)
    {
        var isInstalled = cluster.Revisions.Count > 0 || cluster.Said?.ClusterId is not null;
        if (cluster.ClusterId is { Length: > 0 } known && known is not ControlPlane.ControlPlaneRevision.DefaultClusterId && (isInstalled || google is null))
            return known;
        return owner is not null ? FleetNames.ClusterId(owner, location, name) : name;
    }

    // The mesh ID of a fleet is its project's number.
    private static string NumberOf(string? meshId) => meshId is not null && meshId.StartsWith("proj-", StringComparison.Ordinal) ? meshId["proj-".Length..] : "";
}
