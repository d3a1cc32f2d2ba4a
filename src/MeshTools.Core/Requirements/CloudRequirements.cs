using System.Globalization;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Managed;
using MeshTools.Verify;
using Ids = MeshTools.Requirements.RequirementIds;

namespace MeshTools.Requirements;

/// <summary>What an installation needs on Google's side (asmcli validate, and the prerequisites and roles of Cloud Service Mesh's guides). Only reads.</summary>
internal static class CloudRequirements
{
    // Cloud Service Mesh's prerequisites: a pool of machines with 4 vCPUs, and 8 in all.
    private const int CpusOfMachine = 4;
    private const int CpusInAll = 8;

    internal static async Task CheckAsync(RequirementReport report, CloudWish wish, GoogleCloudClient client, CancellationToken cancellationToken)
    {
        CloudReading reading;
        try
        {
            reading = await CloudReading.ReadAsync(report.Cluster, wish, client, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is GoogleCredentialException or GoogleApiException)
        {
            Unreadable(report, Ids.GoogleAccess, e);
            return;
        }

        Check(report, reading, roles: null);
    }

    /// <summary>Checks what was read.</summary>
    /// <param name="report">Takes the findings.</param>
    /// <param name="reading">What was read.</param>
    /// <param name="roles">The roles that are needed, by project; <see langword="null"/> for all that an installation could need.</param>
    internal static void Check(RequirementReport report, CloudReading reading, IReadOnlyList<(string Role, string Project)>? roles)
    {
        Access(report, reading);
        Apis(report, reading);
        Roles(report, reading, roles);
        Cluster(report, reading);
        Feature(report, reading);
        Membership(report, reading);
        Agents(report, reading);
        Label(report, reading);
        Authority(report, reading);
        Managed(report, reading, withConditions: roles is null);
    }

    // What the fleet says of an attempt is for who looks; it must not keep the next attempt from being made.
    private static void Managed(RequirementReport report, CloudReading reading, bool withConditions)
    {
        if (!reading.Wish.Managed)
            return;
        if (!reading.IsGke)
        {
            report.Fail(Ids.ManagedControlPlane, "Google runs control planes for clusters of GKE, and this is none, or its context does not tell which", "Install a control plane in the cluster itself, without -Managed.");
            return;
        }

        if (reading.Wish.CertificateAuthority is MeshAuthority.IstioCA)
            report.Fail(Ids.ManagedControlPlane, "A managed control plane signs with MeshCA or CaService, and not with IstioCA", "Name one of them with -CertificateAuthority.");
        if (reading.Gke.Value is { } gke)
            report.Pass(Ids.ManagedControlPlane, $"The control plane would be {ManagedChannels.RevisionOf(ManagedChannels.OfGke(gke.ReleaseChannel))}: the cluster is in {(gke.ReleaseChannel is { } channel ? $"release channel {channel}" : "no release channel")}");
        if (!withConditions || reading.Gke.Value is not { } cluster || reading.Membership.Value is not { } member || reading.Feature.Value?.StateOf(member.Location, member.Name) is not { } state)
            return;
        foreach (var condition in state.Conditions)
        {
            if (condition.Severity is "ERROR")
                report.Fail(Ids.ManagedControlPlane, $"The fleet says: {ManagedConditions.TextOf(condition)}", ManagedConditions.ActionFor(condition, cluster, reading.Fleet.Value?.Number));
            else if (condition.Severity is "WARNING")
                report.Warn(Ids.ManagedControlPlane, $"The fleet says: {ManagedConditions.TextOf(condition)}", ManagedConditions.ActionFor(condition, cluster, reading.Fleet.Value?.Number));
        }
    }

    private static void Access(RequirementReport report, CloudReading reading)
    {
        if (reading.Fleet.Error is { } error)
            Unreadable(report, Ids.GoogleAccess, error);
        else
            report.Pass(Ids.GoogleAccess, $"Google Cloud answers as {reading.Account ?? "the credential's account"}; the fleet's project is {reading.Wish.FleetProject} ({reading.Fleet.Value?.Number})");
        if (reading.Gke.Error is { } gke)
            Unreadable(report, Ids.GoogleAccess, gke);
    }

    private static void Apis(RequirementReport report, CloudReading reading)
    {
        foreach (var project in reading.AllServices().Distinct().GroupBy(item => item.Project, StringComparer.Ordinal))
        {
            var known = string.Equals(project.Key, reading.Wish.FleetProject, StringComparison.Ordinal) ? reading.FleetApis : reading.ClusterApis;
            if (known.Error is { } error)
            {
                Unreadable(report, Ids.Api, error);
                continue;
            }

            foreach (var (_, service) in project)
            {
                report.Require(
                    reading.IsServiceEnabled(project.Key, service) is true, Ids.Api, $"API {service} is enabled in project {project.Key}", $"API {service} is not enabled in project {project.Key}",
                    $"gcloud services enable {service} --project {project.Key}", CloudChangeArea.Api);
            }
        }
    }

    // Permissions decide, not roles: groups, folders, the organization and custom roles count too.
    private static void Roles(RequirementReport report, CloudReading reading, IReadOnlyList<(string Role, string Project)>? roles)
    {
        foreach (var role in FleetRole.For(reading.Wish, reading.ClusterProject).Where(role => roles?.Contains((role.Role, role.Project)) is not false))
        {
            if (!reading.Permissions.TryGetValue(role.Project, out var test) || test.Value is not { } permissions)
            {
                Unreadable(report, Ids.Role, test?.Error ?? new InvalidOperationException("not tested"));
                continue;
            }

            string[] missing = [.. role.Permissions.Where(name => !permissions.Granted.Contains(name) && !permissions.Unknown.Contains(name))];
            if (missing.Length == 0)
            {
                report.Pass(Ids.Role, $"The caller has the permissions of {role.Role} on project {role.Project}");
                continue;
            }

            var message = $"{role.Role} is missing on project {role.Project}";
            CloudChangeArea? area = CloudPreparation.MemberOf(reading.Account) is not null && reading.MayGrant(role.Project) ? CloudChangeArea.IamBinding : null;
            var fix = $"gcloud projects add-iam-policy-binding {role.Project} --member {CloudPreparation.MemberOf(reading.Account) ?? "MEMBER"} --role {role.Role} --condition None";
            if (role.IsNeeded)
                report.Fail(Ids.Role, message, fix, "missing: " + string.Join(", ", missing), area: area);
            else
                report.Warn(Ids.Role, message + "; the guides name it, and only some installations need it", fix, "missing: " + string.Join(", ", missing));
        }
    }

    private static void Cluster(RequirementReport report, CloudReading reading)
    {
        if (reading.Gke.Value is not { } gke)
            return;
        var update = $"gcloud container clusters update {gke.Name} --location {gke.Location} --project {gke.ProjectId}";
        if (gke.IsAutopilot && !reading.Wish.Managed)
            report.Fail(Ids.Autopilot, "An Autopilot cluster takes only a managed control plane", "Install with -Managed, or use a Standard cluster.");
        else
            report.Pass(Ids.Autopilot, gke.IsAutopilot ? "The cluster is an Autopilot cluster, and the control plane is managed" : "The cluster is a Standard cluster");
        report.Require(gke.WorkloadPool is not null, Ids.WorkloadIdentity, $"Workload Identity is on ({gke.WorkloadPool})", "Workload Identity is off", $"{update} --workload-pool {gke.ProjectId}.svc.id.goog", CloudChangeArea.GoogleComponent);
        foreach (var pool in gke.NodePools.Where(pool => !pool.HasWorkloadIdentity && !gke.IsAutopilot))
            report.Warn(Ids.NodePoolIdentity, $"Node pool {pool.Name} does not give Workload Identity to its pods", $"gcloud container node-pools update {pool.Name} --cluster {gke.Name} --location {gke.Location} --workload-metadata GKE_METADATA; it makes the nodes anew.");
        report.Require(
            gke.HasObservability, Ids.Observability, "Logs and metrics go to Cloud Observability", "Logging or monitoring by Cloud Observability is off", $"{update} --logging SYSTEM,WORKLOAD --monitoring SYSTEM", CloudChangeArea.GoogleComponent);
        if (reading.Wish.Managed)
            return;
        Nodes(report, gke);
        Private(report, gke);
    }

    private static void Nodes(RequirementReport report, GkeCluster gke)
    {
        if (gke.IsAutopilot)
            return;
        var pools = gke.NodePools.Select(pool => (pool.Name, pool.MachineType, pool.MaximumNodes, Cpus: MachineSize.Cpus(pool.MachineType))).ToList();
        var evidence = string.Join("; ", pools.Select(pool => string.Create(CultureInfo.InvariantCulture, $"{pool.Name}: {pool.MaximumNodes} x {pool.MachineType}")));
        if (pools.Exists(pool => pool.Cpus is null))
            report.Warn(Ids.Nodes, "The names of some machine types do not tell their vCPUs", "Check that one pool has machines of 4 vCPUs, and 8 vCPUs in all.", evidence);
        else if (pools.Exists(pool => pool.Cpus >= CpusOfMachine && pool.Cpus * pool.MaximumNodes >= CpusInAll))
            report.Pass(Ids.Nodes, "A node pool has machines of at least 4 vCPUs, and 8 in all", evidence);
        else
            report.Warn(Ids.Nodes, "No node pool has machines of at least 4 vCPUs, and 8 vCPUs in all", "Add a pool, for example of two e2-standard-4.", evidence);
    }

    private static void Private(RequirementReport report, GkeCluster gke)
    {
        if (gke.HasPrivateEndpointOnly)
            report.Warn(Ids.PrivateCluster, "The control plane has no public address; other clusters of the mesh must reach its private one", "Run this where the VPC is reachable, and allow the other clusters' ranges as authorized networks.");
        if (gke.AuthorizedNetworks is { } networks)
            report.Warn(Ids.PrivateCluster, "Only authorized networks reach the control plane; the other clusters' istiod must be among them", "Add the addresses of the other clusters' nodes and pods.", string.Join(", ", networks));
        if (gke.HasPrivateNodes)
            report.Warn(Ids.PrivateCluster, "The nodes are private: the control plane reaches the injector on port 15017 only if a firewall rule lets it", "Add tcp:15017 to the firewall rule of the control plane (its name begins with gke- and ends with -master).");
        if (!gke.HasPrivateNodes && !gke.HasPrivateEndpointOnly)
            report.Pass(Ids.PrivateCluster, "The control plane and the nodes are not private");
    }

    private static void Feature(RequirementReport report, CloudReading reading)
    {
        var fleet = reading.Wish.FleetProject;
        if (!reading.Feature.IsKnown)
            Unreadable(report, Ids.Feature, reading.Feature.Error!);
        else
            report.Require(reading.Feature.Value?.IsEnabled is true, Ids.Feature, $"The service mesh feature of fleet {fleet} is enabled", $"The service mesh feature of fleet {fleet} is not enabled", $"gcloud container fleet mesh enable --project {fleet}", CloudChangeArea.GoogleComponent);
    }

    private static void Membership(RequirementReport report, CloudReading reading)
    {
        var fleet = reading.Wish.FleetProject;
        if (!reading.Membership.IsKnown)
        {
            Unreadable(report, Ids.Membership, reading.Membership.Error!);
            return;
        }

        if (reading.Membership.Value is not { } member)
        {
            Unregistered(report, reading);
            return;
        }

        try
        {
            FleetRegistration.RequireFleet(report.Cluster, member, fleet, reading.Fleet.Value?.Number);
            report.Require(member.Issuer is not null, Ids.Membership, $"The cluster is {member.ResourceName}", $"{member.ResourceName} has no workload identity", Registration(report, reading));
        }
        catch (MeshException e)
        {
            report.Fail(Ids.Membership, $"The cluster is {member.ResourceName}, which is not in the fleet of {fleet}", e.RecommendedAction);
            return;
        }

        Parts(report, reading, member);
    }

    private static void Unregistered(RequirementReport report, CloudReading reading)
    {
        var message = $"The cluster is not in fleet {reading.Wish.FleetProject}";
        if (reading.IsGke || reading.Other.Error is null)
        {
            report.Fail(Ids.Membership, message, Registration(report, reading), area: CloudChangeArea.Registration);
            return;
        }

        var obstacle = ErrorCatalog.Describe(reading.Other.Error, report.Cluster);
        var fix = obstacle.Definition == ErrorCatalog.IssuerNotPublic ? Registration(report, reading) + " -HasPrivateIssuer" : obstacle.RecommendedAction;
        report.Fail(Ids.Membership, $"{message}, and could not be registered as it is", fix, obstacle.Message);
    }

    // Outside GKE a registration has parts in the cluster, which a run that was cut off may have left out.
    private static void Parts(RequirementReport report, CloudReading reading, Membership member)
    {
        if (reading.Other.Error is { } error)
        {
            var described = ErrorCatalog.Describe(error, report.Cluster);
            report.Warn(Ids.Membership, $"Whether the registration is complete cannot be told: {described.Message}", described.RecommendedAction);
        }

        foreach (var part in reading.Other.Value?.Pending ?? [])
            report.Warn(Ids.Membership, $"The registration is not complete: {part}", Registration(report, reading));
        if (reading.Other.Value is { IsKeptElsewhere: false, HasNeverConnected: true })
            report.Warn(Ids.Membership, $"The Connect agent of {member.ResourceName} has not been connected to Google yet", $"kubectl logs -n {ConnectAgent.Namespace} -l {ConnectAgent.AppSelector} --context {report.Cluster.Context}");
    }

    private static string Registration(RequirementReport report, CloudReading reading) => $"Register-FleetMembership -Cluster {report.Cluster.Context} -FleetProject {reading.Wish.FleetProject}";

    private static void Agents(RequirementReport report, CloudReading reading)
    {
        if (!reading.CrossesProjects || reading.Fleet.Value is not { } fleet || reading.ClusterProject is not { } project)
            return;
        if (reading.ClusterPolicy.Value is not { } policy)
        {
            Unreadable(report, Ids.ServiceAgents, reading.ClusterPolicy.Error ?? new InvalidOperationException("the policy was not read"));
            return;
        }

        foreach (var (role, member) in CloudPreparation.AgentsOf(fleet))
        {
            report.Require(
                policy.Grants(role, member), Ids.ServiceAgents, $"{member} has {role} on project {project}", $"{member} lacks {role} on project {project}",
                $"gcloud projects add-iam-policy-binding {project} --member {member} --role {role} --condition None", CloudChangeArea.IamBinding);
        }
    }

    private static void Label(RequirementReport report, CloudReading reading)
    {
        if (!reading.Wish.Label || reading.MeshId is not { } meshId)
            return;
        if (CloudPreparation.HasLabel(reading) is { } labelled)
        {
            var fix = reading.Gke.Value is { } gke ? $"gcloud container clusters update {gke.Name} --location {gke.Location} --project {gke.ProjectId} --update-labels {FleetRegistration.MeshLabel}={meshId}" : Registration(report, reading);
            report.Require(labelled, Ids.Label, $"The label {FleetRegistration.MeshLabel}={meshId} is there", $"The label {FleetRegistration.MeshLabel}={meshId} is missing", fix, CloudChangeArea.ClusterLabel);
        }
    }

    private static void Authority(RequirementReport report, CloudReading reading)
    {
        if (reading.Wish.CertificateAuthority is not MeshAuthority.CaService)
            return;
        if (reading.Wish.CaPool is null)
        {
            report.Fail(Ids.CaPool, "CA Service needs a pool", "Name it with -CaPool projects/P/locations/L/caPools/N.");
            return;
        }

        Pool(report, reading, reading.Wish.CaPool);
        var everyone = CloudPreparation.WorkloadsOf(reading.Wish.FleetProject);
        foreach (var (resource, policy, role) in CloudPreparation.AuthorityRoles(reading))
        {
            if (policy.Error is { } error and not GoogleApiException { DisabledService: not null })
            {
                Unreadable(report, Ids.CaPool, error);
                return;
            }

            report.Require(policy.Value?.Grants(role, everyone) is true, Ids.CaPool, $"The fleet's workloads have {role} on {resource}", $"The fleet's workloads lack {role} on {resource}", GrantOf(resource, role, everyone), CloudChangeArea.IamBinding);
        }
    }

    private static void Pool(RequirementReport report, CloudReading reading, string name)
    {
        // While the API is not enabled, that is what there is to say.
        if (reading.Pool.Error is GoogleApiException { DisabledService: not null })
            return;
        if (reading.Pool.Error is { } error)
        {
            Unreadable(report, Ids.IssuancePolicy, error);
            return;
        }

        var (project, location, id) = name.Split('/') is [_, var owner, _, var place, _, var last] ? (owner, place, last) : ("PROJECT", "LOCATION", name);
        if (reading.Pool.Value is not { } pool)
        {
            report.Fail(Ids.IssuancePolicy, $"{name} is not there", $"gcloud privateca pools create {id} --project {project} --location {location} --tier devops");
            return;
        }

        var findings = new List<IssuancePolicyCheck.Finding>(IssuancePolicyCheck.Of(pool, name, FleetNames.TrustDomain(reading.Wish.FleetProject)));
        if (reading.PoolAuthorities.Value is not { } authorities)
        {
            var why = ErrorCatalog.Describe(reading.PoolAuthorities.Error!, report.Cluster);
            findings.Add(new(CheckSeverity.Warning, $"Whether {name} has an authority that signs cannot be told: {why.Message}", why.RecommendedAction));
        }
        else if (!authorities.Any(authority => authority.IsEnabled))
        {
            var there = authorities.Count == 0 ? "it has none" : string.Join(", ", authorities.Select(authority => $"{authority.Name} is {authority.State}"));
            findings.Add(new(
                CheckSeverity.Error, $"{name} has no enabled authority, and signs nothing ({there})",
                authorities.FirstOrDefault(authority => authority.CanBeEnabled) is { } waiting
                    ? $"gcloud privateca {(waiting.IsRoot ? "roots" : "subordinates")} enable {waiting.Name} --pool {id} --project {project} --location {location}"
                    : $"gcloud privateca subordinates create CA --pool {id} --project {project} --location {location} --issuer-pool ROOT_POOL --issuer-location ROOT_LOCATION"));
        }

        foreach (var finding in findings)
        {
            if (finding.Severity is CheckSeverity.Error)
                report.Fail(Ids.IssuancePolicy, finding.Message, finding.Fix);
            else
                report.Warn(Ids.IssuancePolicy, finding.Message, finding.Fix);
        }

        if (findings.Count == 0)
            report.Pass(Ids.IssuancePolicy, $"{name} signs what workloads ask for");
    }

    private static string GrantOf(string resource, string role, string member)
    {
        var parts = resource.Split('/');
        var kind = parts[4] is "caPools" ? "pools" : "templates";
        return $"gcloud privateca {kind} add-iam-policy-binding {parts[^1]} --project {parts[1]} --location {parts[3]} --member {member} --role {role}";
    }

    private static void Unreadable(RequirementReport report, string id, Exception error)
    {
        var described = ErrorCatalog.Describe(error, report.Cluster);
        report.Fail(id, $"It cannot be read: {described.Message}", described.RecommendedAction);
    }
}
