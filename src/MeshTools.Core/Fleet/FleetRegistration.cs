using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>
/// Makes clusters members of a fleet. For a cluster of GKE only Google is asked, and the cluster itself is not touched; any other gets an object that marks it as a member, and the Connect
/// agent.
/// </summary>
public sealed class FleetRegistration
{
    /// <summary>The label by which the console finds the clusters of a mesh.</summary>
    public const string MeshLabel = "mesh_id";

    private readonly GoogleCloudClient _client;
    private readonly GkeCluster? _gke;
    private readonly OtherRegistration? _other;
    private readonly FleetRegistrationOptions _options;
    private readonly Membership? _member;
    private readonly FleetCatalog.FleetView _fleet;

    private FleetRegistration(
        GoogleCloudClient client, GkeCluster? gke, OtherRegistration? other, FleetRegistrationOptions options, Membership? member, FleetCatalog.FleetView fleet, CloudPlan plan)
    {
        _client = client;
        _gke = gke;
        _other = other;
        _options = options;
        _member = member;
        _fleet = fleet;
        Plan = plan;
    }

    /// <summary>What would be done.</summary>
    public CloudPlan Plan { get; }

    /// <summary>Reads what is there and plans the registration.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">The fleet and the name.</param>
    /// <param name="client">Google Cloud; must live until the plan has been executed.</param>
    /// <param name="log">Takes milestones of what is done in the cluster.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The registration.</returns>
    /// <exception cref="MeshException">The cluster is in another fleet, lacks Workload Identity, has an issuer that Google cannot use, or the name belongs to another cluster.</exception>
    /// <exception cref="GoogleApiException">Google refuses to tell.</exception>
    /// <exception cref="Kubernetes.KubernetesException">A cluster outside GKE does not answer, or refuses.</exception>
    public static async Task<FleetRegistration> CreateAsync(
        MeshCluster cluster, FleetRegistrationOptions options, GoogleCloudClient client, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(log);
        var name = await GkeIdentity.FindAsync(cluster, client, cancellationToken).ConfigureAwait(false);
        if (name is not null && (options.HasPrivateIssuer || options.PublicIssuerUrl is not null))
            throw new MeshException(ErrorCatalog.IssuerGiven, $"{cluster.Name}: it is a cluster of GKE, whose issuer Google knows", cluster);
        var fleet = await FleetCatalog.FleetAsync(client, options.FleetProject, cancellationToken).ConfigureAwait(false);
        return name is null
            ? await CreateOtherAsync(cluster, options, client, fleet, log, cancellationToken).ConfigureAwait(false)
            : await CreateGkeAsync(cluster, name, options, client, fleet, cancellationToken).ConfigureAwait(false);
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
        var member = made.Count == 0 ? _member : await FindAsync(cluster, fleetProject, cancellationToken).ConfigureAwait(false);
        if (member is null)
            return null;
        if (_options.Wait && _other is { IsKeptElsewhere: false })
            await ConnectAgent.WaitAsync(cluster, _options.Timeout, log, cancellationToken).ConfigureAwait(false);
        var change = made.Any(item => item.Kind is ChangeKind.Create && item.Resource.StartsWith("fleet ", StringComparison.Ordinal)) ? ChangeOutcome.Created : made.Count > 0 ? ChangeOutcome.Updated : ChangeOutcome.Unchanged;
        return _fleet.Describe(member, cluster with { FleetProject = fleetProject, MeshId = cluster.MeshId ?? MeshIdOf(_fleet) }, change);
    }

    private async Task<Membership?> FindAsync(MeshCluster cluster, string fleetProject, CancellationToken cancellationToken)
    {
        if (_other is not null)
            return await _client.Fleet.FindAsync(_other.ResourceName, cancellationToken).ConfigureAwait(false);
        var gke = await _client.Clusters.GetAsync(_gke!.ProjectId, _gke.Location, _gke.Name, cancellationToken).ConfigureAwait(false);
        return await FleetCatalog.FindOfClusterAsync(_client, fleetProject, cluster, gke, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<FleetRegistration> CreateGkeAsync(
        MeshCluster cluster, GkeName name, FleetRegistrationOptions options, GoogleCloudClient client, FleetCatalog.FleetView fleet, CancellationToken cancellationToken)
    {
        var gke = await client.Clusters.GetAsync(name.ProjectId, name.Location, name.ClusterName, cancellationToken).ConfigureAwait(false);
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
        return new FleetRegistration(client, gke, null, options, member, fleet, new CloudPlan(steps));
    }

    private static async Task<FleetRegistration> CreateOtherAsync(
        MeshCluster cluster, FleetRegistrationOptions options, GoogleCloudClient client, FleetCatalog.FleetView fleet, IOperationLog log, CancellationToken cancellationToken)
    {
        var member = await FleetCatalog.FindOfClusterAsync(client, options.FleetProject, cluster, null, cancellationToken).ConfigureAwait(false);
        if (member is not null)
            RequireFleet(cluster, member, options.FleetProject, fleet.Project?.Number);
        var other = await OtherRegistration.ReadAsync(cluster, options, member, client, cancellationToken).ConfigureAwait(false);
        var steps = new List<CloudStep>(other.Steps(client, log));
        if (options.Label && MeshIdOf(fleet) is { } meshId)
            steps.Add(LabelStep(cluster, options.FleetProject, other.ResourceName, member?.Labels, meshId, client));
        return new FleetRegistration(client, null, other, options, member, fleet, new CloudPlan(steps));
    }

    /// <summary>The label of a membership, which outside GKE stands for the cluster's.</summary>
    internal static CloudStep LabelStep(MeshCluster cluster, string fleetProject, string resourceName, IReadOnlyDictionary<string, string>? labels, string meshId, GoogleCloudClient client)
    {
        var there = string.Equals(labels?.GetValueOrDefault(MeshLabel), meshId, StringComparison.Ordinal);
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal) { [MeshLabel] = meshId };
        return new CloudStep(
            new CloudChange(cluster, CloudChangeArea.ClusterLabel, $"membership {resourceName}", there ? ChangeKind.Unchanged : ChangeKind.Update, $"label {MeshLabel}={meshId}"),
            stop => client.Fleet.SetLabelsAsync(resourceName, wanted, stop)) { Roles = [("roles/gkehub.admin", fleetProject)] };
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
                stop => client.Fleet.SetIssuerAsync(member, gke.Issuer, keys: null, stop)));
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

    internal static MeshException NameTaken(MeshCluster cluster, Membership taken) =>
        new(ErrorCatalog.MembershipNameTaken, $"{cluster.Name}: {taken.ResourceName} is {taken.GkeCluster ?? taken.PlatformCluster ?? $"another cluster outside GKE ({taken.ExternalId ?? "of no UID"})"}", cluster);
}
