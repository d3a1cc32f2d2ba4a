namespace MeshTools.Fleet;

/// <summary>Names that follow from a fleet's or a cluster's project (asmcli, and googleapis/gkehub).</summary>
public static class FleetNames
{
    /// <summary>The mesh ID of a fleet.</summary>
    /// <param name="fleetProjectNumber">The number of the fleet's host project.</param>
    /// <returns><c>proj-NUMBER</c>.</returns>
    public static string MeshId(string fleetProjectNumber) => $"proj-{fleetProjectNumber}";

    /// <summary>The trust domain of a fleet with Mesh CA or CA Service, which is also its workload identity pool.</summary>
    /// <param name="fleetProject">The ID of the fleet's host project.</param>
    /// <returns><c>FLEET.svc.id.goog</c>.</returns>
    public static string TrustDomain(string fleetProject) => $"{fleetProject}.svc.id.goog";

    /// <summary>
    /// The trust domains that are accepted besides: the fleet's, its older pool, and the cluster project's own. Compared as whole names: a project whose name is the end of another's
    /// counts too.
    /// </summary>
    /// <param name="fleetProject">The ID of the fleet's host project.</param>
    /// <param name="clusterProject">The ID of the cluster's project; <see langword="null"/> outside GKE.</param>
    /// <returns>The domains, each once.</returns>
    public static IReadOnlyList<string> TrustDomainAliases(string fleetProject, string? clusterProject) =>
        [.. new[] { TrustDomain(fleetProject), $"{fleetProject}.hub.id.goog", TrustDomain(clusterProject ?? fleetProject) }.Distinct(StringComparer.Ordinal)];

    /// <summary>The cluster ID: <c>cn-PROJECT-LOCATION-CLUSTER</c>.</summary>
    /// <param name="project">The project that metrics name.</param>
    /// <param name="location">The location.</param>
    /// <param name="cluster">The cluster; a slash, as in <c>awsClusters/name</c>, becomes a hyphen.</param>
    /// <returns>The ID.</returns>
    public static string ClusterId(string project, string location, string cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return $"cn-{project}-{location}-{cluster.Replace('/', '-')}";
    }

    /// <summary>The network of a cluster of GKE: the VPC network, by the project that it is in, so that clusters of a Shared VPC share it.</summary>
    /// <param name="networkProject">The project of the VPC network.</param>
    /// <param name="network">Its short name.</param>
    /// <returns><c>PROJECT-NETWORK</c>.</returns>
    public static string Network(string networkProject, string network) => $"{networkProject}-{network}";

    /// <summary>The region of a region or zone: what comes before the zone's letter.</summary>
    /// <param name="location">For example <c>us-central1-c</c>.</param>
    /// <returns>For example <c>us-central1</c>.</returns>
    public static string Region(string location)
    {
        ArgumentNullException.ThrowIfNull(location);
        return location.Split('-') is [.., { Length: 1 }] and { Length: 3 } ? location[..location.LastIndexOf('-')] : location;
    }
}
