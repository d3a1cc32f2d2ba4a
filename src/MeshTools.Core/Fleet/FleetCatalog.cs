using MeshTools.Clusters;
using MeshTools.Errors;
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
        clusters = await Task.WhenAll(clusters.Select(cluster => IdentifiedAsync(cluster, cancellationToken))).ConfigureAwait(false);
        return
        [
            .. (await members.ConfigureAwait(false)).OrderBy(member => member.Location, StringComparer.Ordinal).ThenBy(member => member.Name, StringComparer.Ordinal)
                .Select(member => fleet.Describe(member, clusters.FirstOrDefault(cluster => IsOf(member, cluster)))),
        ];
    }

    /// <summary>The membership of a cluster; <see langword="null"/> when it is in none. One in another fleet is found too where the cluster itself names it.</summary>
    internal static async Task<Membership?> FindOfClusterAsync(GoogleCloudClient client, string fleetProject, MeshCluster cluster, GkeCluster? gke, CancellationToken cancellationToken)
    {
        // GKE itself knows, and needs no access to the cluster for it.
        if (gke?.Membership is { } name)
            return await client.Fleet.FindAsync(name, cancellationToken).ConfigureAwait(false);
        if (gke is null && GkeName.TryParse(cluster.Context) is null)
        {
            if (GatewayName.TryParse(cluster)?.ResourceName is { } through && await client.Fleet.FindAsync(through, cancellationToken).ConfigureAwait(false) is { } reached)
                return reached;
            if (await OwnerAsync(cluster, cancellationToken).ConfigureAwait(false) is { } owner && await FindOwnerAsync(client, cluster, owner, fleetProject, cancellationToken).ConfigureAwait(false) is { } owned)
                return owned;
            cluster = await IdentifiedAsync(cluster, cancellationToken).ConfigureAwait(false);
        }

        var members = await client.Fleet.ListAsync(fleetProject, cancellationToken).ConfigureAwait(false);
        return members.FirstOrDefault(member => gke is not null ? string.Equals(member.GkeCluster, gke.ResourceLink, StringComparison.Ordinal) : IsOf(member, cluster));
    }

    /// <summary>The UID of namespace kube-system, which is what Google tells clusters outside GKE by; null when it may not be read.</summary>
    internal static async Task<string?> UidAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        if (cluster.Uid is { } known)
            return known;
        try
        {
            return (await cluster.Connect().FindAsync(ResourceTypes.Namespace, null, "kube-system", cancellationToken).ConfigureAwait(false))?.Uid;
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            return null;
        }
    }

    /// <summary>What the cluster's own membership object says of its owner: <c>projects/P/locations/L/memberships/M</c>.</summary>
    internal static async Task<string?> OwnerAsync(MeshCluster cluster, CancellationToken cancellationToken) => OwnerOf(await FindObjectAsync(cluster, cancellationToken).ConfigureAwait(false));

    internal static string? OwnerOf(KubernetesObject? marker)
    {
        var owner = marker?.FindString("spec", "owner", "id");
        return owner?.IndexOf("projects/", StringComparison.Ordinal) is >= 0 and var start && owner.Contains("/memberships/", StringComparison.Ordinal) ? owner[start..] : null;
    }

    /// <summary>The cluster's own membership object (<c>memberships.hub.gke.io/membership</c>).</summary>
    internal static async Task<KubernetesObject?> FindObjectAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            return await cluster.Connect().FindAsync(MembershipMarker.TypeOf("v1"), null, MembershipMarker.Name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KindNotServedException or KubernetesApiException { IsForbidden: true } or KubernetesApiException { IsNotFound: true })
        {
            return null;
        }
    }

    /// <summary>The cluster with its UID, where it has not been asked yet.</summary>
    internal static async Task<MeshCluster> IdentifiedAsync(MeshCluster cluster, CancellationToken cancellationToken) =>
        cluster.Uid is null && GkeName.TryParse(cluster.Context) is null ? cluster with { Uid = await UidAsync(cluster, cancellationToken).ConfigureAwait(false) } : cluster;

    // The membership may have been removed, and the object be what is left of it.
    private static async Task<Membership?> FindOwnerAsync(GoogleCloudClient client, MeshCluster cluster, string owner, string fleetProject, CancellationToken cancellationToken)
    {
        try
        {
            return await client.Fleet.FindAsync(owner, cancellationToken).ConfigureAwait(false);
        }
        catch (GoogleApiException e) when (e.IsPermissionDenied && e.DisabledService is null && !owner.StartsWith($"projects/{fleetProject}/", StringComparison.Ordinal))
        {
            throw new MeshException(ErrorCatalog.RegisteredElsewhere, $"{cluster.Name}: it says that it is {owner}, which cannot be seen", cluster, innerException: e);
        }
    }

    internal static bool IsOf(Membership member, MeshCluster cluster) =>
        GkeName.TryParse(cluster.Context) is { } name
            ? string.Equals(member.GkeCluster, $"{LinkPrefix}projects/{name.ProjectId}/locations/{name.Location}/clusters/{name.ClusterName}", StringComparison.Ordinal)
            : GatewayName.TryParse(cluster) is { } gateway
                ? string.Equals(member.Location, gateway.Location, StringComparison.Ordinal) && string.Equals(member.Name, gateway.Membership, StringComparison.Ordinal)
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
            PlatformCluster = member.PlatformCluster,
            LastConnection = member.LastConnection,
            Issuer = member.Issuer,
            WorkloadIdentityPool = member.WorkloadIdentityPool,
            IdentityProvider = member.IdentityProvider,
            MeshId = Project is { Number.Length: > 0 } project ? FleetNames.MeshId(project.Number) : null,
            ClusterId = MembershipIdentity.Of(member, FleetProject).ClusterId,
            MeshState = Feature?.StateOf(member.Location, member.Name) is { } state ? (state.ControlPlane.Length > 0 ? state.ControlPlane : state.Code) : null,
            Labels = member.Labels,
            Change = change,
        };
    }
}
