using MeshTools.Clusters;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>
/// Plans what Google Cloud lacks for an installation in one cluster, in the order of asmcli's <c>validate_dependencies</c>: roles, APIs, Workload Identity, logging and monitoring, the
/// fleet's feature, membership, Mesh Config, label, CA Service. Reads only; a step that is done already comes out as unchanged.
/// </summary>
public static class CloudPreparation
{
    private const string Hub = "roles/gkehub.serviceAgent";
    private const string Mesh = "roles/anthosservicemesh.serviceAgent";

    /// <summary>Reads what is there and plans what is missing.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="wish">What is needed.</param>
    /// <param name="client">Google Cloud; must live until the plan has been executed.</param>
    /// <param name="log">Takes milestones of what is done in a cluster outside GKE.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="GoogleApiException">Something cannot be read that decides what to do.</exception>
    /// <exception cref="Errors.MeshException">The cluster is a member of another fleet, or cannot become one of this.</exception>
    /// <exception cref="Kubernetes.KubernetesException">A cluster outside GKE does not answer, or refuses.</exception>
    public static async Task<CloudPlan> PlanAsync(MeshCluster cluster, CloudWish wish, GoogleCloudClient client, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(wish);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(log);
        return Plan(await CloudReading.ReadAsync(cluster, wish, client, cancellationToken).ConfigureAwait(false), client, log);
    }

    /// <summary>Plans by what was read.</summary>
    /// <param name="reading">What was read.</param>
    /// <param name="client">Google Cloud.</param>
    /// <param name="log">Takes milestones of what is done in a cluster outside GKE.</param>
    /// <param name="enabled">The areas in which anything may be changed; <see langword="null"/> for all.</param>
    /// <exception cref="GoogleApiException">Something is not known that decides what to do.</exception>
    /// <exception cref="Errors.MeshException">The cluster is a member of another fleet, or cannot become one of this.</exception>
    internal static CloudPlan Plan(CloudReading reading, GoogleCloudClient client, IOperationLog log, IReadOnlySet<CloudChangeArea>? enabled = null)
    {
        var steps = new List<CloudStep>();
        if (reading.Fleet.Error is { } noFleet)
            throw noFleet;
        if (reading.Gke.Error is GoogleApiException { DisabledService: null } noCluster)
            throw noCluster;
        Apis(reading, client, steps);
        if (reading.Gke.Value is { } gke)
            Components(reading, gke, client, steps);
        Feature(reading, client, steps);
        Agents(reading, client, steps);
        Registration(reading, client, log, steps);
        Initialization(reading, client, steps);
        Label(reading, client, steps);
        Authorities(reading, client, steps);
        if (enabled is not null)
            steps.RemoveAll(step => step.Change.Writes && !enabled.Contains(step.Change.Area));
        var roles = new List<CloudStep>();
        if (enabled?.Contains(CloudChangeArea.IamBinding) is not false)
            Roles(reading, client, new CloudPlan(steps).Roles, roles);
        return new CloudPlan([.. roles, .. steps]);
    }

    /// <summary>As <see cref="Plan"/>; <see langword="null"/> where that is impossible, which the requirements say, each by itself.</summary>
    internal static CloudPlan? TryPlan(CloudReading reading, GoogleCloudClient client, IOperationLog log, IReadOnlySet<CloudChangeArea> enabled)
    {
        try
        {
            return Plan(reading, client, log, enabled);
        }
        catch (Exception e) when (e is GoogleApiException or Errors.MeshException or Kubernetes.KubernetesException)
        {
            return null;
        }
    }

    // Whoever has a role that no step needs, or needs none, is left alone.
    private static void Roles(CloudReading reading, GoogleCloudClient client, IReadOnlyList<(string Role, string Project)> needed, List<CloudStep> steps)
    {
        if (MemberOf(reading.Account) is not { } caller)
            return;
        foreach (var project in FleetRole.For(reading.Wish, reading.ClusterProject).Where(role => needed.Contains((role.Role, role.Project))).GroupBy(role => role.Project, StringComparer.Ordinal))
        {
            if (!reading.Permissions.TryGetValue(project.Key, out var test) || test.Value is not { } granted)
                continue;
            string[] missing = [.. project.Where(role => role.Permissions.Any(name => !granted.Granted.Contains(name) && !granted.Unknown.Contains(name))).Select(role => role.Role)];
            Add(
                reading, steps, CloudChangeArea.IamBinding, $"project {project.Key}", missing.Length > 0 ? ChangeKind.Update : ChangeKind.Unchanged,
                missing.Length > 0 ? $"give {caller} {string.Join(", ", missing)}" : "the caller has the permissions that are needed",
                stop => client.Projects.GrantAsync(project.Key, [.. missing.Select(role => (role, caller))], stop));
        }
    }

    private static void Apis(CloudReading reading, GoogleCloudClient client, List<CloudStep> steps)
    {
        foreach (var project in reading.AllServices().GroupBy(item => item.Project, StringComparer.Ordinal))
        {
            string[] missing = [.. project.Select(item => item.Service).Where(service => reading.IsServiceEnabled(project.Key, service) is not true).Distinct(StringComparer.Ordinal)];
            Add(
                reading, steps, CloudChangeArea.Api, $"project {project.Key}", missing.Length > 0 ? ChangeKind.Update : ChangeKind.Unchanged,
                missing.Length > 0 ? $"enable {string.Join(", ", missing)}" : "the APIs are enabled",
                stop => client.Services.EnableAsync(project.Key, missing, stop), ("roles/serviceusage.serviceUsageAdmin", project.Key));
        }
    }

    private static void Components(CloudReading reading, GkeCluster gke, GoogleCloudClient client, List<CloudStep> steps)
    {
        var resource = $"cluster {gke.Path}";
        Add(
            reading, steps, CloudChangeArea.GoogleComponent, resource, gke.WorkloadPool is null ? ChangeKind.Update : ChangeKind.Unchanged,
            gke.WorkloadPool is null ? $"turn on Workload Identity with pool {gke.ProjectId}.svc.id.goog" : $"Workload Identity is on ({gke.WorkloadPool})",
            stop => client.Clusters.EnableWorkloadIdentityAsync(gke, stop), ("roles/container.admin", gke.ProjectId));
        Add(
            reading, steps, CloudChangeArea.GoogleComponent, resource, gke.HasObservability ? ChangeKind.Unchanged : ChangeKind.Update,
            gke.HasObservability ? "logs and metrics go to Cloud Observability" : "turn on logging and monitoring by Cloud Observability",
            stop => client.Clusters.EnableObservabilityAsync(gke, stop), ("roles/container.admin", gke.ProjectId));
    }

    private static void Feature(CloudReading reading, GoogleCloudClient client, List<CloudStep> steps)
    {
        if (!reading.Feature.IsKnown)
            throw reading.Feature.Error!;
        var enabled = reading.Feature.Value?.IsEnabled is true;
        Add(
            reading, steps, CloudChangeArea.GoogleComponent, $"fleet {reading.Wish.FleetProject}", enabled ? ChangeKind.Unchanged : ChangeKind.Create,
            enabled ? "the service mesh feature is enabled" : "enable the service mesh feature", stop => client.Fleet.EnableMeshFeatureAsync(reading.Wish.FleetProject, stop),
            ("roles/gkehub.admin", reading.Wish.FleetProject));
    }

    private static void Agents(CloudReading reading, GoogleCloudClient client, List<CloudStep> steps)
    {
        if (!reading.CrossesProjects || reading.Fleet.Value is not { } fleet || reading.ClusterProject is not { } project)
            return;
        (string Role, string Member)[] missing = [.. AgentsOf(fleet).Where(grant => reading.ClusterPolicy.Value?.Grants(grant.Role, grant.Member) is not true)];
        Add(
            reading, steps, CloudChangeArea.IamBinding, $"project {project}", missing.Length > 0 ? ChangeKind.Update : ChangeKind.Unchanged,
            missing.Length > 0 ? $"give {string.Join(", ", missing.Select(grant => $"{grant.Member} {grant.Role}"))}" : "the fleet's service agents have their roles",
            stop => client.Projects.GrantAsync(project, missing, stop), ("roles/resourcemanager.projectIamAdmin", project));
    }

    private static void Registration(CloudReading reading, GoogleCloudClient client, IOperationLog log, List<CloudStep> steps)
    {
        if (!reading.Membership.IsKnown)
            throw reading.Membership.Error!;
        if (reading.Membership.Value is { } found)
            FleetRegistration.RequireFleet(reading.Cluster, found, reading.Wish.FleetProject, reading.Fleet.Value?.Number);
        if (!reading.IsGke)
        {
            if (reading.Other.Value is { } other)
                steps.AddRange(other.Steps(client, log));
            else if (reading.Membership.Value is null)
                throw reading.Other.Error!;
            return;
        }

        if (reading.Membership.Value is { } member)
        {
            Add(reading, steps, CloudChangeArea.Registration, $"fleet {reading.Wish.FleetProject}", ChangeKind.Unchanged, $"the cluster is a member as {member.Location}/{member.Name}", _ => Task.CompletedTask);
            return;
        }

        // While GKE's API is not enabled, nothing is known of the cluster.
        if (reading.Gke.Value is not { } gke)
            return;
        var (location, name) = (reading.Wish.MembershipLocation ?? FleetNames.Region(gke.Location), reading.Wish.MembershipName ?? gke.Name);
        Add(
            reading, steps, CloudChangeArea.Registration, $"fleet {reading.Wish.FleetProject}", ChangeKind.Create, $"register cluster {gke.Path} as {location}/{name}",
            stop => FleetRegistration.CreateAsync(client, reading.Cluster, gke, reading.Wish.FleetProject, location, name, stop), ("roles/gkehub.admin", reading.Wish.FleetProject));
    }

    // Nobody can ask whether it has been done. It has been, when everything before it was as it should be and the label, which comes after it, is there, or the control plane.
    private static void Initialization(CloudReading reading, GoogleCloudClient client, List<CloudStep> steps)
    {
        var done = steps.TrueForAll(step => !step.Change.Writes || step.Change.Area is CloudChangeArea.IamBinding) && (reading.Wish.Label ? HasLabel(reading) is true : reading.Wish.IsInstalled);
        var fleet = reading.Wish.FleetProject;
        string[] pools = [$"{fleet}.hub.id.goog", $"{fleet}.svc.id.goog"];
        Initialize(fleet, pools);
        if (reading.CrossesProjects && reading.ClusterProject is { } project)
            Initialize(project, [.. pools, $"{project}.svc.id.goog"]);

        // The pools are replaced each time, so all of them are sent.
        void Initialize(string project, string[] all) => Add(
            reading, steps, CloudChangeArea.GoogleComponent, $"project {project}", done ? ChangeKind.Unchanged : ChangeKind.Update,
            done ? "Mesh Config is prepared, as far as can be told" : $"prepare Mesh Config for the workload identity pools of fleet {fleet}",
            stop => client.MeshConfig.InitializeAsync(project, all, stop), ("roles/meshconfig.admin", project));
    }

    private static void Label(CloudReading reading, GoogleCloudClient client, List<CloudStep> steps)
    {
        if (!reading.Wish.Label || reading.MeshId is not { } meshId)
            return;
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { [FleetRegistration.MeshLabel] = meshId };
        var kind = HasLabel(reading) is true ? ChangeKind.Unchanged : ChangeKind.Update;
        var text = $"label {FleetRegistration.MeshLabel}={meshId}";
        if (reading.Gke.Value is { } gke)
            Add(reading, steps, CloudChangeArea.ClusterLabel, $"cluster {gke.Path}", kind, text, stop => client.Clusters.SetLabelsAsync(gke, labels, stop), ("roles/container.admin", gke.ProjectId));
        else if (reading.Other.Value is { } other)
            steps.Add(FleetRegistration.LabelStep(reading.Cluster, reading.Wish.FleetProject, other.ResourceName, reading.Membership.Value?.Labels, meshId, client));
    }

    private static void Authorities(CloudReading reading, GoogleCloudClient client, List<CloudStep> steps)
    {
        if (reading.Wish is not { CertificateAuthority: MeshAuthority.CaService, CaPool: not null })
            return;
        var everyone = WorkloadsOf(reading.Wish.FleetProject);
        foreach (var resource in AuthorityRoles(reading).GroupBy(item => item.Resource, StringComparer.Ordinal))
        {
            string[] missing = [.. resource.Where(item => item.Policy.Value?.Grants(item.Role, everyone) is not true).Select(item => item.Role)];
            Add(
                reading, steps, CloudChangeArea.IamBinding, resource.Key, missing.Length > 0 ? ChangeKind.Update : ChangeKind.Unchanged,
                missing.Length > 0 ? $"give the fleet's workloads {string.Join(", ", missing)}" : "the fleet's workloads have their roles",
                stop => client.CertificateAuthorities.GrantAsync(resource.Key, [.. missing.Select(role => (role, everyone))], stop), ("roles/privateca.admin", resource.Key.Split('/')[1]));
        }
    }

    /// <summary>The fleet's service agents, and the roles that they need in another project.</summary>
    internal static IReadOnlyList<(string Role, string Member)> AgentsOf(GoogleProject fleet) =>
    [
        (Hub, $"serviceAccount:service-{fleet.Number}@gcp-sa-gkehub.iam.gserviceaccount.com"),
        (Mesh, $"serviceAccount:service-{fleet.Number}@gcp-sa-servicemesh.iam.gserviceaccount.com"),
    ];

    /// <summary>All workloads of a fleet, as a member of IAM policies.</summary>
    internal static string WorkloadsOf(string fleetProject) => $"group:{FleetNames.TrustDomain(fleetProject)}:/allAuthenticatedUsers/";

    /// <summary>The roles that a fleet's workloads need to get certificates of CA Service.</summary>
    internal static IEnumerable<(string Resource, Reading<IamPolicy> Policy, string Role)> AuthorityRoles(CloudReading reading)
    {
        if (reading.Wish.CaPool is { } pool)
        {
            yield return (pool, reading.PoolPolicy, "roles/privateca.workloadCertificateRequester");
            yield return (pool, reading.PoolPolicy, "roles/privateca.auditor");
        }

        if (reading.Wish.CertificateTemplate is { } template)
            yield return (template, reading.TemplatePolicy, "roles/privateca.templateUser");
    }

    internal static bool? HasLabel(CloudReading reading)
    {
        if (!reading.Wish.Label)
            return true;
        var labels = reading.Gke.Value?.Labels ?? reading.Membership.Value?.Labels;
        return labels is null || reading.MeshId is null ? null : string.Equals(labels.GetValueOrDefault(FleetRegistration.MeshLabel), reading.MeshId, StringComparison.Ordinal);
    }

    internal static string? MemberOf(string? account) =>
        account is null ? null : account.EndsWith(".gserviceaccount.com", StringComparison.OrdinalIgnoreCase) ? $"serviceAccount:{account}" : $"user:{account}";

    private static void Add(
        CloudReading reading, List<CloudStep> steps, CloudChangeArea area, string resource, ChangeKind kind, string description, Func<CancellationToken, Task> execute,
        params (string Role, string Project)[] roles) => steps.Add(new CloudStep(new CloudChange(reading.Cluster, area, resource, kind, description), execute) { Roles = roles });
}
