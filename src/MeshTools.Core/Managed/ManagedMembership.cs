using MeshTools.Clusters;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;

namespace MeshTools.Managed;

/// <summary>What the fleet of a cluster is told, and reports, about its mesh.</summary>
/// <param name="Project">The fleet's project: its ID or number.</param>
/// <param name="Location">The membership's location.</param>
/// <param name="Name">The membership's name.</param>
/// <param name="Feature">The fleet's service mesh feature; <see langword="null"/> when it is not enabled.</param>
internal sealed record ManagedMembership(string Project, string Location, string Name, MeshFeature? Feature)
{
    internal MembershipMeshState? State => Feature?.StateOf(Location, Name);

    internal bool IsAutomatic => Feature?.ManagementOf(Location, Name) is MeshManagement.Automatic;

    /// <summary>Asks GKE for the membership, and the fleet about it. Only reads.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="client">Google Cloud.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The membership; <see langword="null"/> for a cluster outside of GKE, or in no fleet.</returns>
    /// <exception cref="GoogleApiException">Google refuses to tell.</exception>
    /// <exception cref="GoogleCredentialException">There is no credential.</exception>
    internal static async Task<ManagedMembership?> FindAsync(MeshCluster cluster, GoogleCloudClient client, CancellationToken cancellationToken)
    {
        if (await GkeIdentity.FindAsync(cluster, client, cancellationToken).ConfigureAwait(false) is not { } gke)
            return null;
        var described = await client.Clusters.GetAsync(gke.ProjectId, gke.Location, gke.ClusterName, cancellationToken).ConfigureAwait(false);
        return described.Membership?.Split('/') is ["projects", var project, "locations", var location, "memberships", var name]
            ? new ManagedMembership(project, location, name, await client.Fleet.FindMeshFeatureAsync(project, cancellationToken).ConfigureAwait(false))
            : null;
    }
}
