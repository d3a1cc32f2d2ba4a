using MeshTools.GoogleCloud;

namespace MeshTools.Fleet;

/// <summary>
/// How a cluster is called by its membership: what metrics and the control plane know it by. From the membership's own <c>monitoringConfig</c> where it has one, else from the cluster of GKE,
/// else <c>FLEET</c>, <c>global</c> and the membership's name (asmcli, get_cluster_id and configure_package).
/// </summary>
/// <param name="Project">The project that metrics name.</param>
/// <param name="Location">The location that metrics name.</param>
/// <param name="ClusterName">The cluster that metrics name; outside GKE it may hold a slash, as in <c>awsClusters/name</c>.</param>
public sealed record MembershipIdentity(string Project, string Location, string ClusterName)
{
    /// <summary>The cluster ID that Cloud Service Mesh gives the cluster: <c>cn-PROJECT-LOCATION-NAME</c>.</summary>
    public string ClusterId => FleetNames.ClusterId(Project, Location, ClusterName);

    /// <summary>The provider of identities (the control plane's <c>GKE_CLUSTER_URL</c>); <see langword="null"/> without fleet workload identity.</summary>
    public string? IdentityProvider { get; init; }

    /// <summary>The workload identity pool; <see langword="null"/> without fleet workload identity.</summary>
    public string? WorkloadIdentityPool { get; init; }

    /// <summary>The identity that a membership gives.</summary>
    /// <param name="member">The membership.</param>
    /// <param name="fleetProject">The ID of the fleet's host project; the membership itself may name the number.</param>
    /// <returns>The identity.</returns>
    public static MembershipIdentity Of(Membership member, string fleetProject)
    {
        ArgumentNullException.ThrowIfNull(member);
        var named = member is { MonitoringProject: { } project, MonitoringLocation: { } location, MonitoringCluster: { } name } ? new MembershipIdentity(project, location, name)
            : member.GkeCluster?.Split('/') is [.., "projects", var owner, "locations", var place, "clusters", var cluster] ? new MembershipIdentity(owner, place, cluster)
            : new MembershipIdentity(fleetProject, "global", member.Name);
        return named with { IdentityProvider = member.IdentityProvider, WorkloadIdentityPool = member.WorkloadIdentityPool };
    }

    /// <summary>The identity that a cluster outside GKE will have once it is registered.</summary>
    /// <param name="membership">The membership's name, here or to be.</param>
    /// <param name="fleetProject">The ID of the fleet's host project.</param>
    /// <returns>The identity, without what only Google tells.</returns>
    public static MembershipIdentity Expected(string membership, string fleetProject) => new(fleetProject, "global", membership);
}
