using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;

namespace MeshTools.Cmdlets;

/// <summary>Makes clusters members of a fleet.</summary>
[Cmdlet(VerbsLifecycle.Register, "FleetMembership", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(FleetMembership))]
public sealed class RegisterFleetMembershipCommand : ClusterCmdlet
{
    /// <summary>The fleet's host project.</summary>
    [Parameter(HelpMessage = "The project that hosts the fleet; by default the cluster's FleetProject, else its own project, else that of the environment.")]
    [ValidateNotNullOrEmpty]
    public string? FleetProject { get; set; }

    /// <summary>The membership's name.</summary>
    [Parameter(HelpMessage = "The membership's name, for a single cluster; by default the cluster's.")]
    [ValidatePattern("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    public string? MembershipName { get; set; }

    /// <summary>The membership's location.</summary>
    [Parameter(HelpMessage = "The membership's location: a region, or global; by default the region of a cluster of GKE, and global for others.")]
    [ValidateNotNullOrEmpty]
    public string? MembershipLocation { get; set; }

    /// <summary>The issuer, where its documents are.</summary>
    [Parameter(HelpMessage = "Outside GKE, the issuer of the cluster's service account tokens, when its OpenID documents are published elsewhere than by the API server.")]
    [ValidateNotNull]
    public Uri? PublicIssuerUrl { get; set; }

    /// <summary>Sends the keys.</summary>
    [Parameter(HelpMessage = "Outside GKE, sends the present keys of the issuer, because Google cannot fetch them.")]
    public SwitchParameter HasPrivateIssuer { get; set; }

    /// <summary>Without the label.</summary>
    [Parameter(HelpMessage = "Leaves out the label mesh_id, by which the console finds the clusters of a mesh.")]
    public SwitchParameter NoLabel { get; set; }

    /// <summary>Whether to wait.</summary>
    [Parameter(HelpMessage = "Outside GKE, waits until the Connect agent runs.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long -Wait waits for each cluster: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Takes fields over.</summary>
    [Parameter(HelpMessage = "Takes over fields of the Connect agent's objects that another field manager owns.")]
    public SwitchParameter ForceConflicts { get; set; }

    /// <summary>Also accepts the fleet's trust domains.</summary>
    [Parameter(HelpMessage = "Also lets control planes that run in the clusters accept the fleet's trust domains.")]
    public SwitchParameter TrustDomainAlias { get; set; }

    /// <summary>The control planes' namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace, for -TrustDomainAlias.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        if (PublicIssuerUrl is not null && HasPrivateIssuer)
            throw new MeshException(ErrorCatalog.IssuerGiven, "-PublicIssuerUrl and -HasPrivateIssuer exclude each other: an issuer is published, or its keys are sent");
        using var client = CloudSession.Open(sink);
        var plans = await sink.EachAsync(clusters, ThrottleLimit, cluster => cluster, async (cluster, stop) =>
        {
            var fleet = FleetProjects.Of(FleetProject, cluster);
            var options = new FleetRegistrationOptions(fleet) 
            {
                MembershipName = MembershipName, Location = MembershipLocation, Label = !NoLabel, PublicIssuerUrl = PublicIssuerUrl, HasPrivateIssuer = HasPrivateIssuer,
                ForceConflicts = ForceConflicts, Wait = Wait, Timeout = Timeout,
            };
            var aliases = TrustDomainAlias
                ? await TrustDomainAliases.PlanAsync(cluster, FleetNames.TrustDomainAliases(fleet, GkeName.TryParse(cluster.Context)?.ProjectId), Namespace, stop).ConfigureAwait(false)
                : null;
            return Tuple.Create(cluster, fleet, await FleetRegistration.CreateAsync(cluster, options, client, sink, stop).ConfigureAwait(false), aliases);
        }, cancellationToken).ConfigureAwait(false);
        var approved = await CloudApproval.AskAsync(sink, plans.SelectMany(plan => plan.Item3.Plan.Changes), cancellationToken).ConfigureAwait(false);
        var approvedAliases = await sink.ApproveAsync(plans.SelectMany(plan => plan.Item4?.Changes ?? []), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await sink.EachAsync(plans, ThrottleLimit, plan => plan.Item1, async (plan, stop) =>
        {
            if (plan.Item4 is { } aliases)
                await aliases.ExecuteAsync(approvedAliases.Contains, sink, stop).ConfigureAwait(false);
            if (await plan.Item3.ExecuteAsync(plan.Item1, plan.Item2, approved.Contains, sink, stop).ConfigureAwait(false) is { } membership)
                sink.Output(membership);
            return plan;
        }, cancellationToken).ConfigureAwait(false);
    }
}
