using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Managed;

/// <summary>What decides about a managed control plane, in the cluster and on Google's side. Only reads.</summary>
internal sealed class ManagedReading
{
    internal const string Namespace = ControlPlaneRevision.DefaultNamespace;

    private ManagedReading(MeshCluster cluster, GkeCluster gke)
    {
        Cluster = cluster;
        Gke = gke;
    }

    internal MeshCluster Cluster { get; }

    internal GkeCluster Gke { get; }

    /// <summary>The membership; <see langword="null"/> when the cluster is in no fleet yet.</summary>
    internal Membership? Member { get; private init; }

    internal MeshFeature? Feature { get; private init; }

    internal KubernetesObject? Home { get; private init; }

    internal KubernetesObject? OptionsMap { get; private init; }

    /// <summary>Whether the definition of ControlPlaneRevisions is there.</summary>
    internal bool IsDefined { get; private init; }

    internal IReadOnlyList<ManagedRevision> Revisions { get; private init; } = [];

    /// <summary>The revisions of istiod that run in the cluster itself.</summary>
    internal IReadOnlyList<string> InCluster { get; private init; } = [];

    internal AsmOptions Options => AsmOptions.Parse(OptionsMap?.FindString("data", AsmOptions.Key));

    /// <summary>Whether the fleet is told to manage the mesh of this member.</summary>
    internal bool IsAutomatic => Member is { } member && Feature?.ManagementOf(member.Location, member.Name) is MeshManagement.Automatic;

    /// <summary>What the fleet reports of the member.</summary>
    internal MembershipMeshState? State => Member is { } member ? Feature?.StateOf(member.Location, member.Name) : null;

    /// <exception cref="MeshException">The cluster is none of GKE, or in another fleet.</exception>
    /// <exception cref="GoogleApiException">Google refuses to tell.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    internal static async Task<ManagedReading> ReadAsync(MeshCluster cluster, string fleetProject, GoogleCloudClient client, IOperationLog log, CancellationToken cancellationToken)
    {
        var name = await GkeIdentity.FindAsync(cluster, client, cancellationToken).ConfigureAwait(false)
            ?? throw new MeshException(ErrorCatalog.ManagedNotSupported, $"{cluster.Name}: it is no cluster of GKE, or its context does not tell which", cluster);
        var gke = await client.Clusters.GetAsync(name.ProjectId, name.Location, name.ClusterName, cancellationToken).ConfigureAwait(false);
        var kubernetes = cluster.Connect();
        var fleet = OrAbsentAsync(client.Fleet.FindMeshFeatureAsync(fleetProject, cancellationToken));
        var member = OrAbsentAsync(FleetCatalog.FindOfClusterAsync(client, fleetProject, cluster, gke, cancellationToken));
        var home = kubernetes.FindAsync(ResourceTypes.Namespace, null, Namespace, cancellationToken);
        var options = kubernetes.FindAsync(ResourceTypes.ConfigMap, Namespace, AsmOptions.ConfigMap, cancellationToken);
        var definition = kubernetes.FindAsync(ResourceTypes.CustomResourceDefinition, null, ManagedRevision.Definition, cancellationToken);
        var istiods = new PermittedReads(cluster, log).ListAllAsync(ResourceTypes.Deployment, Namespace, new ListOptions { LabelSelector = ControlPlaneRevision.Selector }, cancellationToken);
        await Task.WhenAll(fleet, member, home, options, definition, istiods).ConfigureAwait(false);
        if (await member.ConfigureAwait(false) is { } found && !found.ResourceName.StartsWith($"projects/{fleetProject}/", StringComparison.Ordinal))
        {
            // Both may be an ID or a number.
            var project = await client.Projects.GetAsync(fleetProject, cancellationToken).ConfigureAwait(false);
            FleetRegistration.RequireFleet(cluster, found, project.ProjectId, project.Number);
        }

        return new ManagedReading(cluster, gke)
        {
            Member = await member.ConfigureAwait(false),
            Feature = await fleet.ConfigureAwait(false),
            Home = await home.ConfigureAwait(false),
            OptionsMap = await options.ConfigureAwait(false),
            IsDefined = await definition.ConfigureAwait(false) is not null,
            Revisions = await ManagedRevisions.ListAsync(cluster, Namespace, cancellationToken).ConfigureAwait(false),
            InCluster = [.. (await istiods.ConfigureAwait(false)).Select(deployment => ControlPlaneRevision.From(deployment).Revision)],
        };
    }

    // An API that is not enabled holds nothing.
    private static async Task<T?> OrAbsentAsync<T>(Task<T?> read)
        where T : class
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (GoogleApiException e) when (e.DisabledService is not null)
        {
            return null;
        }
    }
}
