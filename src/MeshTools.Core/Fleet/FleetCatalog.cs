using MeshTools.Clusters;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>Finds memberships.</summary>
public static class FleetCatalog
{
    private const string LinkPrefix = "//container.googleapis.com/";

    /// <summary>The members of a fleet.</summary>
    /// <param name="client">Google Cloud.</param>
    /// <param name="fleetProject">The fleet's host project.</param>
    /// <param name="clusters">Clusters that are known here; members that are one of them carry it.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The memberships, by location and name.</returns>
    /// <exception cref="GoogleApiException">The fleet cannot be read.</exception>
    public static async Task<IReadOnlyList<FleetMembership>> ListAsync(
        GoogleCloudClient client, string fleetProject, IReadOnlyList<MeshCluster> clusters, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(clusters);
        var members = client.Fleet.ListAsync(fleetProject, cancellationToken);
        var fleet = await FleetAsync(client, fleetProject, cancellationToken).ConfigureAwait(false);
        return
        [
            .. (await members.ConfigureAwait(false)).OrderBy(member => member.Location, StringComparer.Ordinal).ThenBy(member => member.Name, StringComparer.Ordinal)
                .Select(member => fleet.Describe(member, clusters.FirstOrDefault(cluster => IsOf(member, cluster)))),
        ];
    }

    /// <summary>The membership of a cluster in a fleet; <see langword="null"/> when it is in none.</summary>
    internal static async Task<Membership?> FindOfClusterAsync(GoogleCloudClient client, string fleetProject, MeshCluster cluster, GkeCluster? gke, CancellationToken cancellationToken)
    {
        // GKE itself knows, and needs no access to the cluster for it.
        if (gke?.Membership is { } name)
            return await client.Fleet.FindAsync(name, cancellationToken).ConfigureAwait(false);
        if (gke is null && GkeName.TryParse(cluster.Context) is null && await OwnerAsync(cluster, cancellationToken).ConfigureAwait(false) is { } owner)
            return await client.Fleet.FindAsync(owner, cancellationToken).ConfigureAwait(false);
        var members = await client.Fleet.ListAsync(fleetProject, cancellationToken).ConfigureAwait(false);
        return members.FirstOrDefault(member => gke is not null ? string.Equals(member.GkeCluster, gke.ResourceLink, StringComparison.Ordinal) : IsOf(member, cluster));
    }

    /// <summary>What the cluster's own membership object says of its owner: <c>projects/P/locations/L/memberships/M</c>.</summary>
    internal static async Task<string?> OwnerAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        var owner = (await FindObjectAsync(cluster, cancellationToken).ConfigureAwait(false))?.FindString("spec", "owner", "id");
        return owner?.IndexOf("projects/", StringComparison.Ordinal) is >= 0 and var start && owner.Contains("/memberships/", StringComparison.Ordinal) ? owner[start..] : null;
    }

    /// <summary>The cluster's own membership object (<c>memberships.hub.gke.io/membership</c>).</summary>
    internal static async Task<KubernetesObject?> FindObjectAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            var type = new ResourceType("hub.gke.io", "v1", "Membership", "memberships", Namespaced: false);
            return await cluster.Connect().FindAsync(type, null, "membership", cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KindNotServedException or KubernetesApiException { IsForbidden: true } or KubernetesApiException { IsNotFound: true })
        {
            return null;
        }
    }

    internal static bool IsOf(Membership member, MeshCluster cluster) =>
        GkeName.TryParse(cluster.Context) is { } name
            ? string.Equals(member.GkeCluster, $"{LinkPrefix}projects/{name.ProjectId}/locations/{name.Location}/clusters/{name.ClusterName}", StringComparison.Ordinal)
            : cluster.Uid is { } uid && string.Equals(member.ExternalId, uid, StringComparison.Ordinal);

    internal static async Task<FleetView> FleetAsync(GoogleCloudClient client, string fleetProject, CancellationToken cancellationToken)
    {
        var project = client.Projects.GetAsync(fleetProject, cancellationToken);
        var feature = client.Fleet.FindMeshFeatureAsync(fleetProject, cancellationToken);
        return new FleetView(fleetProject, await OrNullAsync(project).ConfigureAwait(false), await OrNullAsync(feature!).ConfigureAwait(false));
    }

    // Only what is shown besides; a list is worth having without it.
    private static async Task<T?> OrNullAsync<T>(Task<T> read)
        where T : class?
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (GoogleApiException)
        {
            return null;
        }
    }

    /// <summary>A fleet, as its members are described.</summary>
    internal sealed record FleetView(string FleetProject, GoogleProject? Project, MeshFeature? Feature)
    {
        internal FleetMembership Describe(Membership member, MeshCluster? cluster, ChangeOutcome? change = null) => new()
        {
            Cluster = cluster,
            Name = member.Name,
            FleetProject = FleetProject,
            Location = member.Location,
            ResourceName = member.ResourceName,
            State = member.State,
            GkeCluster = member.GkeCluster is { } link && link.StartsWith(LinkPrefix, StringComparison.Ordinal) ? link[LinkPrefix.Length..] : null,
            Issuer = member.Issuer,
            WorkloadIdentityPool = member.WorkloadIdentityPool,
            IdentityProvider = member.IdentityProvider,
            MeshId = Project is { Number.Length: > 0 } project ? FleetNames.MeshId(project.Number) : null,
            ClusterId = ClusterIdOf(member),
            MeshState = Feature?.StateOf(member.Location, member.Name) is { } state ? (state.ControlPlane.Length > 0 ? state.ControlPlane : state.Code) : null,
            Labels = member.Labels,
            Change = change,
        };

        private string ClusterIdOf(Membership member) =>
            member is { MonitoringProject: { } project, MonitoringLocation: { } location, MonitoringCluster: { } name } ? FleetNames.ClusterId(project, location, name)
            : member.GkeCluster?.Split('/') is [.., "projects", var owner, "locations", var place, "clusters", var cluster] ? FleetNames.ClusterId(owner, place, cluster)
            : FleetNames.ClusterId(FleetProject, "global", member.Name);
    }
}
