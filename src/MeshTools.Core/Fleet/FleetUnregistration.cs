using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>
/// Takes clusters out of their fleet: the Connect agent first, which would otherwise call for a membership that is gone; then the membership; and last the object in the cluster that keeps
/// other fleets away. For a cluster of GKE there is only the membership. What a run that was cut off has left goes with the next one, also when the membership itself is gone already.
/// </summary>
public sealed class FleetUnregistration
{
    private static readonly ResourceType[] s_clusterWide = [ResourceTypes.ClusterRoleBinding, ResourceTypes.ClusterRole];

    private readonly IReadOnlyList<string> _namespaces;

    private FleetUnregistration(MeshCluster cluster, string? resourceName, CloudPlan plan, IReadOnlyList<string> namespaces, IReadOnlyList<string> remains)
    {
        Cluster = cluster;
        ResourceName = resourceName;
        Plan = plan;
        _namespaces = namespaces;
        Remains = remains;
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>The membership, <c>projects/P/locations/L/memberships/M</c>; <see langword="null"/> when there is none any more.</summary>
    public string? ResourceName { get; }

    /// <summary>What would be done.</summary>
    public CloudPlan Plan { get; }

    /// <summary>What stays, and why; one line each.</summary>
    public IReadOnlyList<string> Remains { get; }

    /// <summary>Reads what is there and plans its removal.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="fleetProject">The fleet's host project.</param>
    /// <param name="force">Also when features of the fleet still hold things of the member.</param>
    /// <param name="client">Google Cloud; must live until the plan has been executed.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The removal; without a change when there is nothing.</returns>
    /// <exception cref="MeshException">The cluster is in another fleet, or its membership is kept by another product.</exception>
    /// <exception cref="GoogleApiException">Google refuses to tell.</exception>
    /// <exception cref="KubernetesException">The cluster does not answer, or refuses.</exception>
    public static async Task<FleetUnregistration> CreateAsync(
        MeshCluster cluster, string fleetProject, bool force, GoogleCloudClient client, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(log);
        var name = await GkeIdentity.FindAsync(cluster, client, cancellationToken).ConfigureAwait(false);
        var gke = name is null ? null : await client.Clusters.GetAsync(name.ProjectId, name.Location, name.ClusterName, cancellationToken).ConfigureAwait(false);
        var member = await FleetCatalog.FindOfClusterAsync(client, fleetProject, cluster, gke, cancellationToken).ConfigureAwait(false);
        var project = (await FleetCatalog.FleetAsync(client, fleetProject, cancellationToken).ConfigureAwait(false)).Project;
        if (member is not null)
            FleetRegistration.RequireFleet(cluster, member, fleetProject, project?.Number);
        // Names have the project's ID or its number.
        string[] projects = [.. new[] { fleetProject, project?.ProjectId, project?.Number }.OfType<string>().Distinct(StringComparer.Ordinal)];
        if (member?.PlatformCluster is { } kept)
            throw new MeshException(ErrorCatalog.MembershipKeptElsewhere, $"{cluster.Name}: {member.ResourceName} is the membership of {kept}", cluster);
        var steps = new List<CloudStep>();
        var remains = new List<string>();
        var namespaces = new List<string>();
        if (gke is null)
            await AgentAsync(cluster, projects, log, steps, namespaces, cancellationToken).ConfigureAwait(false);
        if (member is not null)
        {
            steps.Add(new CloudStep(
                new CloudChange(cluster, CloudChangeArea.Registration, $"fleet {fleetProject}", ChangeKind.Delete, $"remove membership {member.ResourceName}"),
                stop => client.Fleet.DeleteAsync(member.ResourceName, force, stop)));
        }

        if (gke is null)
            await MarkerAsync(cluster, member, projects, log, steps, remains, cancellationToken).ConfigureAwait(false);
        return new FleetUnregistration(cluster, member?.ResourceName, new CloudPlan(steps), namespaces, remains);
    }

    /// <summary>Makes what was approved.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="timeout">How long to wait until the agent's namespace is gone; <see langword="null"/> for not at all.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Ends it; what was removed by then stays so.</param>
    /// <returns>The changes that were made.</returns>
    /// <exception cref="GoogleApiException">Google refuses.</exception>
    /// <exception cref="KubernetesException">The cluster refuses; a rerun goes on from there.</exception>
    public async Task<IReadOnlyList<CloudChange>> ExecuteAsync(Func<CloudChange, bool> approved, TimeSpan? timeout, IOperationLog log, CancellationToken cancellationToken)
    {
        var made = await Plan.ExecuteAsync(approved, log, cancellationToken).ConfigureAwait(false);
        foreach (var ns in timeout is null || made.Count == 0 ? [] : _namespaces)
            await Cluster.Connect().WaitAsync(ResourceTypes.Namespace, null, ns, WaitCondition.Deleted, timeout!.Value, cancellationToken).ConfigureAwait(false);
        return made;
    }

    // By its label, as gcloud has it: whatever version of the agent made them, and also when Google does not know the membership any more.
    private static async Task AgentAsync(
        MeshCluster cluster, IReadOnlyList<string> projects, IOperationLog log, List<CloudStep> steps, List<string> namespaces, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var options = new ListOptions { LabelSelector = $"{ConnectAgent.ProjectLabel} in ({string.Join(',', projects)})" };
        var objects = new List<ManifestObject>();
        foreach (var type in s_clusterWide.Append(ResourceTypes.Namespace))
        {
            foreach (var found in await client.ListAllAsync(type, null, options, cancellationToken).ConfigureAwait(false))
            {
                if (found.Kind is "Namespace")
                    namespaces.Add(found.Name);
                if (found.DeletionTimestamp is null)
                    objects.Add(new ManifestObject(found, "part of the Connect agent"));
            }
        }

        if (objects.Count == 0)
            return;
        var removal = new RemovalPlan(cluster, objects);
        var what = string.Join(", ", objects.Select(item => $"{item.Object.Kind} {item.Object.Name}"));
        steps.Add(new CloudStep(
            new CloudChange(cluster, CloudChangeArea.Registration, $"cluster {cluster.Name}", ChangeKind.Delete, $"remove the Connect agent: {what}"),
            stop => removal.ExecuteAsync(_ => true, log, stop)));
    }

    private static async Task MarkerAsync(
        MeshCluster cluster, Membership? member, IReadOnlyList<string> projects, IOperationLog log, List<CloudStep> steps, List<string> remains, CancellationToken cancellationToken)
    {
        var marker = await MembershipMarker.ReadAsync(cluster, cancellationToken).ConfigureAwait(false);
        if (marker.Object is { } found)
        {
            var owner = FleetCatalog.OwnerOf(found);
            if (member is not null || (owner is not null && projects.Contains(owner.Split('/')[1], StringComparer.Ordinal)))
            {
                var removal = new RemovalPlan(cluster, [new ManifestObject(found, "marks the cluster as a member of its fleet")]);
                steps.Add(new CloudStep(
                    new CloudChange(cluster, CloudChangeArea.Registration, $"cluster {cluster.Name}", ChangeKind.Delete, $"remove its mark as a member ({MembershipMarker.DefinitionName} {found.Name})"),
                    stop => removal.ExecuteAsync(_ => true, log, stop)));
            }
            else
            {
                remains.Add($"{MembershipMarker.DefinitionName} {found.Name}, which names {owner ?? "no owner"}");
                return;
            }
        }

        // Other products of Google use the definition too, and it does no harm.
        if (marker.Definition is not null)
            remains.Add($"the definition {MembershipMarker.DefinitionName}, which keeps nobody from registering the cluster again");
    }
}
