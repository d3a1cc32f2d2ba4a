using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;

namespace MeshTools.Cmdlets;

/// <summary>Gets the members of a fleet, or the memberships of clusters.</summary>
[Cmdlet(VerbsCommon.Get, "FleetMembership")]
[OutputType(typeof(FleetMembership))]
public sealed class GetFleetMembershipCommand : MeshCmdlet
{
    private readonly List<MeshCluster> _clusters = [];
    private bool _piped;

    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0, HelpMessage = "Names of memberships; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Clusters.</summary>
    [Parameter(ValueFromPipeline = true, HelpMessage = "Clusters whose memberships to get; without them all members of the fleet.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNull]
    public MeshCluster[] Cluster { get; set; } = [];

    /// <summary>The fleet's host project.</summary>
    [Parameter(HelpMessage = "The project that hosts the fleet; by default the cluster's FleetProject, else its own project, else that of the environment.")]
    [ValidateNotNullOrEmpty]
    public string? FleetProject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _piped |= MyInvocation.BoundParameters.ContainsKey(nameof(Cluster));
        _clusters.AddRange(Cluster);
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(GetAsync);

    private async Task GetAsync(PipelineSink sink, CancellationToken cancellationToken)
    {
        if (_piped && _clusters.Count == 0)
            return;
        using var client = CloudSession.Open(sink);
        MeshCluster[] clusters = [.. _clusters.DistinctBy(cluster => cluster.Entry())];
        var patterns = Name.Select(name => new WildcardPattern(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant)).ToList();
        IEnumerable<IGrouping<string, MeshCluster?>> fleets = clusters.Length == 0
            ? new MeshCluster?[] { null }.GroupBy(_ => FleetProjects.Of(FleetProject, null), StringComparer.Ordinal)
            : clusters.GroupBy(MeshCluster? (cluster) => cluster, cluster => cluster).GroupBy(group => FleetProjects.Of(FleetProject, group.Key), group => group.Key, StringComparer.Ordinal);
        foreach (var fleet in fleets)
        {
            var known = fleet.OfType<MeshCluster>().ToList();
            var members = await FleetCatalog.ListAsync(client, fleet.Key, known, cancellationToken).ConfigureAwait(false);
            foreach (var member in members.Where(member => (known.Count == 0 || member.Cluster is not null) && (patterns.Count == 0 || patterns.Exists(pattern => pattern.IsMatch(member.Name)))))
                sink.Output(member);
            foreach (var cluster in known.Where(cluster => !members.Any(member => member.Cluster is { } found && Equals(found.Entry(), cluster.Entry()))))
                sink.Failed(new MeshException(ErrorCatalog.MembershipNotFound, $"{cluster.Name}: it is not in the fleet of {fleet.Key}", cluster), cluster);
            foreach (var name in Name.Where(name => known.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name) && !members.Any(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase))))
                sink.Failed(new MeshException(ErrorCatalog.MembershipNotFound, $"the fleet of {fleet.Key} has no member {name}", name), name);
        }
    }
}
