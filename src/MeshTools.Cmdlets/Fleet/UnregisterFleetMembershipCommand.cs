using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Takes clusters out of their fleet.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "FleetMembership", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = NameSet)]
[OutputType(typeof(void))]
public sealed class UnregisterFleetMembershipCommand : MeshCmdlet
{
    private const string Mark = "memberships.hub.gke.io membership";
    private const string NameSet = "Name";
    private const string ClusterSet = "Cluster";

    private readonly List<(string Name, MeshCluster? Cluster)> _members = [];
    private readonly List<MeshCluster> _clusters = [];

    /// <summary>Full names of memberships.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = NameSet,
        HelpMessage = "Full names of memberships, projects/PROJECT/locations/LOCATION/memberships/NAME, as Get-FleetMembership gives them.")]
    [ValidatePattern("^projects/[^/]+/locations/[^/]+/memberships/[^/]+$")]
    public string[] ResourceName { get; set; } = [];

    /// <summary>Clusters.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ClusterSet,
        HelpMessage = "Clusters to take out of their fleet; outside GKE the Connect agent and the mark in the cluster go too.")]
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = NameSet,
        HelpMessage = "Clusters to take out of their fleet; outside GKE the Connect agent and the mark in the cluster go too.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [AllowNull]
    public MeshCluster?[]? Cluster { get; set; }

    /// <summary>The fleet's host project.</summary>
    [Parameter(ParameterSetName = ClusterSet, HelpMessage = "The project that hosts the fleet; by default the cluster's FleetProject, else its own project, else that of the environment.")]
    [ValidateNotNullOrEmpty]
    public string? FleetProject { get; set; }

    /// <summary>Whether to wait.</summary>
    [Parameter(HelpMessage = "Waits until the namespace of the Connect agent is gone.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long -Wait waits for each cluster: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Asks nothing, and removes what features hold.</summary>
    [Parameter(HelpMessage = "Removes without asking, also where features of the fleet still hold things of the member.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var known = (Cluster ?? []).OfType<MeshCluster>().ToList();
        if (string.Equals(ParameterSetName, ClusterSet, StringComparison.Ordinal))
            _clusters.AddRange(known);
        else
            _members.AddRange(ResourceName.Select((name, i) => (name, ResourceName.Length == known.Count ? known[i] : null)));
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(RunAsync);

    private async Task RunAsync(PipelineSink sink, CancellationToken cancellationToken)
    {
        using var client = CloudSession.Open(sink);
        var whole = _clusters.Select(cluster => (Cluster: cluster, Fleet: FleetProject))
            .Concat(_members.Where(member => member.Cluster is not null).Select(member => (Cluster: member.Cluster!, Fleet: (string?)member.Name.Split('/')[1])))
            .DistinctBy(item => item.Cluster.Entry()).ToList();
        var plans = await sink.EachAsync(
            whole, limit: 32, item => item.Cluster,
            (item, stop) => FleetUnregistration.CreateAsync(item.Cluster, item.Fleet ?? FleetProjects.Of(null, item.Cluster), Force, client, sink, stop), cancellationToken).ConfigureAwait(false);
        var names = _members.Where(member => member.Cluster is null).Select(member => member.Name).Distinct(StringComparer.Ordinal)
            .ToDictionary(name => new Change($"Remove {name} from its fleet", Writes: true), name => name);
        var approved = await CloudApproval.AskAsync(sink, plans.SelectMany(plan => plan.Plan.Changes), cancellationToken).ConfigureAwait(false);
        var approvedNames = await sink.ApproveAsync([.. names.Keys], cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await sink.EachAsync(plans, limit: 32, plan => plan.Cluster, (plan, stop) => TakeApartAsync(plan, approved, sink, stop), cancellationToken).ConfigureAwait(false);
        foreach (var change in approvedNames)
            await RemoveAsync(client, names[change], sink, cancellationToken).ConfigureAwait(false);
    }

    private async Task<FleetUnregistration> TakeApartAsync(FleetUnregistration plan, IReadOnlySet<CloudChange> approved, PipelineSink sink, CancellationToken stop)
    {
        if (plan.Plan.Changes.Count == 0)
            throw new MeshException(ErrorCatalog.MembershipNotFound, $"{plan.Cluster.Name}: it is in no fleet, and nothing of a registration is left in it", plan.Cluster);
        await plan.ExecuteAsync(approved.Contains, Wait ? Timeout : null, sink, stop).ConfigureAwait(false);
        foreach (var line in plan.Remains)
            sink.Verbose($"{plan.Cluster.Name}: left: {line}");
        if (plan.Plan.Changes.Any(change => change.Kind is ChangeKind.Delete && !approved.Contains(change)))
            sink.Warning($"{plan.Cluster.Name}: not everything was removed: " + string.Join("; ", plan.Plan.Changes.Where(change => !approved.Contains(change)).Select(change => $"{change.Resource}: {change.Description}")));
        return plan;
    }

    private async Task RemoveAsync(GoogleCloudClient client, string name, PipelineSink sink, CancellationToken stop)
    {
        try
        {
            var member = await client.Fleet.FindAsync(name, stop).ConfigureAwait(false);
            if (member?.PlatformCluster is { } kept)
                throw new MeshException(ErrorCatalog.MembershipKeptElsewhere, $"{name} is the membership of {kept}", name);
            if (member is null || !await client.Fleet.DeleteAsync(name, Force, stop).ConfigureAwait(false))
                throw new MeshException(ErrorCatalog.MembershipNotFound, $"{name} is not there", name);
            sink.Verbose($"{name} is gone");
            if (member.GkeCluster is null)
                sink.Warning($"{name} is gone, but its cluster is not known here: the Connect agent and the object {Mark} are left in it. Unregister-FleetMembership -Cluster CONTEXT -FleetProject {name.Split('/')[1]} takes them.");
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            sink.Failed(e, name);
        }
    }
}
