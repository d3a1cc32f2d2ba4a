using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>Makes clusters of GKE members of a fleet. Only Google is asked; the clusters themselves are not touched.</summary>
public sealed class FleetRegistration
{
    /// <summary>The label by which the console finds the clusters of a mesh.</summary>
    public const string MeshLabel = "mesh_id";

    private readonly GoogleCloudClient _client;
    private readonly GkeCluster _gke;
    private readonly Membership? _member;
    private readonly FleetCatalog.FleetView _fleet;

    private FleetRegistration(GoogleCloudClient client, GkeCluster gke, Membership? member, FleetCatalog.FleetView fleet, CloudPlan plan)
    {
        _client = client;
        _gke = gke;
        _member = member;
        _fleet = fleet;
        Plan = plan;
    }

    /// <summary>What would be done.</summary>
    public CloudPlan Plan { get; }

    /// <summary>Reads what is there and plans the registration.</summary>
    /// <param name="cluster">A cluster of GKE.</param>
    /// <param name="options">The fleet and the name.</param>
    /// <param name="client">Google Cloud; must live until the plan has been executed.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The registration.</returns>
    /// <exception cref="MeshException">The cluster is in another fleet, lacks Workload Identity, is none of GKE, or the name belongs to another cluster.</exception>
    /// <exception cref="GoogleApiException">Google refuses to tell.</exception>
    public static async Task<FleetRegistration> CreateAsync(MeshCluster cluster, FleetRegistrationOptions options, GoogleCloudClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(client);
        var name = await GkeIdentity.FindAsync(cluster, client, cancellationToken).ConfigureAwait(false) ?? throw NotGke(cluster, options);
        var gke = await client.Clusters.GetAsync(name.ProjectId, name.Location, name.ClusterName, cancellationToken).ConfigureAwait(false);
        var fleet = await FleetCatalog.FleetAsync(client, options.FleetProject, cancellationToken).ConfigureAwait(false);
        var member = await FleetCatalog.FindOfClusterAsync(client, options.FleetProject, cluster, gke, cancellationToken).ConfigureAwait(false);
        if (member is null && gke.Membership is { } elsewhere)
            throw new MeshException(ErrorCatalog.RegisteredElsewhere, $"{cluster.Name}: GKE says it is {elsewhere}, which cannot be seen", cluster);
        var steps = new List<CloudStep>();
        if (member is not null)
            RequireFleet(cluster, member, options.FleetProject, fleet.Project?.Number);
        Membership(cluster, gke, member, options, client, steps);
        if (options.Label && fleet.Project is { Number.Length: > 0 } project)
            Label(cluster, gke, FleetNames.MeshId(project.Number), client, steps);
        if (member is null)
            await RequireFreeNameAsync(cluster, gke, options, client, cancellationToken).ConfigureAwait(false);
        return new FleetRegistration(client, gke, member, fleet, new CloudPlan(steps));
    }

    /// <summary>Makes what was approved.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="fleetProject">The fleet's host project.</param>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The membership as it is now; <see langword="null"/> when there is none and none was to be made.</returns>
    /// <exception cref="GoogleApiException">Google refuses.</exception>
    public async Task<FleetMembership?> ExecuteAsync(MeshCluster cluster, string fleetProject, Func<CloudChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        var made = await Plan.ExecuteAsync(approved, log, cancellationToken).ConfigureAwait(false);
        var member = made.Count == 0
            ? _member
            : await FleetCatalog.FindOfClusterAsync(
                _client, fleetProject, cluster, await _client.Clusters.GetAsync(_gke.ProjectId, _gke.Location, _gke.Name, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var change = made.Any(item => item.Kind is ChangeKind.Create) ? ChangeOutcome.Created : made.Count > 0 ? ChangeOutcome.Updated : ChangeOutcome.Unchanged;
        return member is null ? null : _fleet.Describe(member, cluster with { FleetProject = fleetProject, MeshId = cluster.MeshId ?? MeshIdOf(_fleet) }, change);
    }

    /// <summary>Registers; a membership that is there for this cluster already is as good.</summary>
    internal static async Task CreateAsync(GoogleCloudClient client, MeshCluster cluster, GkeCluster gke, string fleetProject, string location, string name, CancellationToken cancellationToken)
    {
        try
        {
            await client.Fleet.RegisterAsync(fleetProject, location, name, gke, labels: null, cancellationToken).ConfigureAwait(false);
        }
        catch (GoogleApiException e) when (e.IsAlreadyExists)
        {
            var taken = await client.Fleet.FindAsync($"projects/{fleetProject}/locations/{location}/memberships/{name}", cancellationToken).ConfigureAwait(false);
            // That the cluster is in another fleet comes as the same code, at the end of the operation.
            if (taken is null)
                throw new MeshException(ErrorCatalog.RegisteredElsewhere, $"{cluster.Name}: {e.Error.Message}", cluster, innerException: e);
            if (!string.Equals(taken.GkeCluster, gke.ResourceLink, StringComparison.Ordinal))
                throw NameTaken(cluster, taken);
        }
    }

    /// <summary>Refuses a membership of another fleet than the one that is meant, which may be named by ID or by number.</summary>
    internal static void RequireFleet(MeshCluster cluster, Membership member, string fleetProject, string? fleetNumber)
    {
        var owner = member.ResourceName.Split('/') is ["projects", var project, ..] ? project : "";
        if (!string.Equals(owner, fleetProject, StringComparison.Ordinal) && !string.Equals(owner, fleetNumber, StringComparison.Ordinal))
            throw new MeshException(ErrorCatalog.RegisteredElsewhere, $"{cluster.Name}: it is {member.ResourceName}, and not in the fleet of {fleetProject}", cluster);
    }

    private static void Membership(MeshCluster cluster, GkeCluster gke, Membership? member, FleetRegistrationOptions options, GoogleCloudClient client, List<CloudStep> steps)
    {
        var resource = $"fleet {options.FleetProject}";
        if (member is { Issuer: not null })
        {
            steps.Add(new CloudStep(new CloudChange(cluster, CloudChangeArea.Registration, resource, ChangeKind.Unchanged, $"the cluster is a member as {member.Location}/{member.Name}"), _ => Task.CompletedTask));
            return;
        }

        if (gke.WorkloadPool is null)
            throw new MeshException(ErrorCatalog.WorkloadIdentityRequired, $"{cluster.Name}: cluster {gke.Path} has no Workload Identity", cluster);
        if (member is not null)
        {
            steps.Add(new CloudStep(
                new CloudChange(cluster, CloudChangeArea.Registration, resource, ChangeKind.Update, $"turn on fleet workload identity of {member.Location}/{member.Name}"),
                stop => client.Fleet.SetIssuerAsync(member, gke.Issuer, stop)));
            return;
        }

        var (location, name) = PlaceOf(gke, options);
        steps.Add(new CloudStep(
            new CloudChange(cluster, CloudChangeArea.Registration, resource, ChangeKind.Create, $"register cluster {gke.Path} as {location}/{name}"),
            stop => CreateAsync(client, cluster, gke, options.FleetProject, location, name, stop)));
    }

    private static void Label(MeshCluster cluster, GkeCluster gke, string meshId, GoogleCloudClient client, List<CloudStep> steps)
    {
        var there = string.Equals(gke.Labels.GetValueOrDefault(MeshLabel), meshId, StringComparison.Ordinal);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { [MeshLabel] = meshId };
        steps.Add(new CloudStep(
            new CloudChange(cluster, CloudChangeArea.ClusterLabel, $"cluster {gke.Path}", there ? ChangeKind.Unchanged : ChangeKind.Update, $"label {MeshLabel}={meshId}"),
            stop => client.Clusters.SetLabelsAsync(gke, labels, stop)));
    }

    private static async Task RequireFreeNameAsync(MeshCluster cluster, GkeCluster gke, FleetRegistrationOptions options, GoogleCloudClient client, CancellationToken cancellationToken)
    {
        var (location, name) = PlaceOf(gke, options);
        var taken = await client.Fleet.FindAsync($"projects/{options.FleetProject}/locations/{location}/memberships/{name}", cancellationToken).ConfigureAwait(false);
        if (taken is not null && !string.Equals(taken.GkeCluster, gke.ResourceLink, StringComparison.Ordinal))
            throw NameTaken(cluster, taken);
    }

    private static (string Location, string Name) PlaceOf(GkeCluster gke, FleetRegistrationOptions options) => (options.Location ?? FleetNames.Region(gke.Location), options.MembershipName ?? gke.Name);

    private static string? MeshIdOf(FleetCatalog.FleetView fleet) => fleet.Project is { Number.Length: > 0 } project ? FleetNames.MeshId(project.Number) : null;

    private static MeshException NameTaken(MeshCluster cluster, Membership taken) =>
        new(ErrorCatalog.MembershipNameTaken, $"{cluster.Name}: {taken.ResourceName} is {taken.GkeCluster ?? "a cluster outside GKE"}", cluster);

    private static MeshException NotGke(MeshCluster cluster, FleetRegistrationOptions options) => new(
        ErrorCatalog.GkeClusterUnknown, $"{cluster.Name}: it is no cluster of GKE, or its context does not tell which; outside GKE a registration also installs the Connect agent, which Google's API does not do", cluster,
        $"Register it with `{CommandFor(cluster, options)}`; or use a context named gke_PROJECT_LOCATION_NAME.");

    private static string CommandFor(MeshCluster cluster, FleetRegistrationOptions options) =>
        $"gcloud container fleet memberships register {options.MembershipName ?? DnsLabel.From(cluster.Name)} --project {options.FleetProject} --context {cluster.Context}"
        + (cluster.KubeconfigPath is { } path ? $" --kubeconfig {path}" : "") + " --enable-workload-identity";
}
