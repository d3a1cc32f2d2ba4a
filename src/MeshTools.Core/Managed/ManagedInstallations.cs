using MeshTools.Clusters;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Operations;

namespace MeshTools.Managed;

/// <summary>Managed control planes as they are installed, with what the fleet says of them.</summary>
public static class ManagedInstallations
{
    /// <summary>Adds to installations what the fleet reports of the managed ones among them; the others are left as they are, and without a managed one nobody is asked.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="installations">What is installed there.</param>
    /// <param name="client">Google Cloud.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The installations.</returns>
    /// <exception cref="GoogleApiException">Google refuses to tell.</exception>
    /// <exception cref="GoogleCredentialException">There is no credential.</exception>
    public static async Task<IReadOnlyList<ServiceMeshInstallation>> WithFleetAsync(
        MeshCluster cluster, IReadOnlyList<ServiceMeshInstallation> installations, GoogleCloudClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(installations);
        ArgumentNullException.ThrowIfNull(client);
        if (installations.All(installation => installation.Channel is null))
            return installations;
        var member = await ManagedMembership.FindAsync(cluster, client, cancellationToken).ConfigureAwait(false);
        return [.. installations.Select(installation => installation.Channel is null ? installation : WithFleet(installation, member?.State))];
    }

    internal static async Task<ServiceMeshInstallation?> FindAsync(MeshCluster cluster, string revision, IOperationLog log, CancellationToken cancellationToken)
    {
        var all = await InstallationCatalog.GetAsync(cluster, ManagedReading.Namespace, log, cancellationToken).ConfigureAwait(false);
        return all.FirstOrDefault(installation => string.Equals(installation.Revision, revision, StringComparison.Ordinal));
    }

    /// <summary>Lays over an installation what the fleet reports. Whether it can do its work, the cluster says itself where it does.</summary>
    internal static ServiceMeshInstallation WithFleet(ServiceMeshInstallation installation, MembershipMeshState? state)
    {
        if (state is null)
            return installation;
        var reported = state.ControlPlane is { Length: > 0 } text ? text : null;
        return installation with
        {
            State = reported ?? installation.State,
            Implementation = state.Implementation ?? installation.Implementation,
            Ready = installation.Ready && (reported is null || ManagedState.IsGood(reported)),
            Conditions = [.. installation.Conditions, .. state.Conditions.Select(ManagedConditions.TextOf)],
        };
    }
}
