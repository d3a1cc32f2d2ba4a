using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Removes east-west gateways, with everything that was made for them.</summary>
[Cmdlet(VerbsCommon.Remove, "EastWestGateway", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = GatewaySet)]
[OutputType(typeof(EastWestGateway))]
public sealed class RemoveEastWestGatewayCommand : MeshCmdlet
{
    private const string GatewaySet = "Gateway";
    private const string ClusterSet = "Cluster";

    private readonly List<EastWestGateway> _gateways = [];
    private readonly List<MeshCluster> _clusters = [];

    /// <summary>What.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = GatewaySet, HelpMessage = "Gateways from Get-EastWestGateway.")]
    [ValidateNotNull]
    public EastWestGateway[] Gateway { get; set; } = [];

    /// <summary>Where.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ClusterSet, HelpMessage = "Clusters whose gateway of one name is to go.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public MeshCluster[] Cluster { get; set; } = [];

    /// <summary>The name.</summary>
    [Parameter(ParameterSetName = ClusterSet, HelpMessage = "The gateway's name.")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "istio-eastwestgateway";

    /// <summary>The namespace.</summary>
    [Parameter(ParameterSetName = ClusterSet, HelpMessage = "The gateway's namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>The control plane's namespace.</summary>
    [Parameter(HelpMessage = "The control plane's namespace, whose label says the cluster's network.")]
    [ValidateNotNullOrEmpty]
    public string ControlPlaneNamespace { get; set; } = "istio-system";

    /// <summary>The other clusters.</summary>
    [Parameter(HelpMessage = "The clusters in which an advertised address of the gateway was declared.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNull]
    public MeshCluster[] Peer { get; set; } = [];

    /// <summary>Waits.</summary>
    [Parameter(HelpMessage = "Waits until nothing is left, load balancer and pods included.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long.</summary>
    [Parameter(HelpMessage = "How long -Wait waits: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Emits.</summary>
    [Parameter(HelpMessage = "Emits the gateways that were removed.")]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Removes without asking.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Clusters at a time.</summary>
    [Parameter(HelpMessage = "How many clusters are worked on at a time.")]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 32;

    private protected override bool AskNothing => Force;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _gateways.AddRange(Gateway);
        _clusters.AddRange(Cluster);
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(RemoveAsync);

    private async Task RemoveAsync(PipelineSink sink, CancellationToken cancellationToken)
    {
        var gateways = string.Equals(ParameterSetName, ClusterSet, StringComparison.Ordinal) ? await FindAsync(sink, cancellationToken).ConfigureAwait(false) : _gateways;
        EastWestGateway[][] groups =
        [
            .. gateways.GroupBy(gateway => gateway.Cluster.Entry()).Select(group => group.DistinctBy(gateway => (gateway.Namespace, gateway.Name)).ToArray()),
        ];
        var removals = await sink.EachAsync(
            groups,
            ThrottleLimit,
            group => group[0].Cluster,
            (group, stop) => EastWestGatewayRemoval.PlanAsync(group[0].Cluster, group, Peer, sink, stop, ControlPlaneNamespace),
            cancellationToken).ConfigureAwait(false);
        foreach (var nothing in removals.Where(removal => removal.Changes.Count == 0))
            sink.Warning($"{nothing.Cluster.Name}: there is no east-west gateway {string.Join(", ", nothing.Gateways.Select(gateway => $"{gateway.Namespace}/{gateway.Name}"))}, and nothing of one.");
        var approved = await sink.ApproveAsync(removals.SelectMany(removal => removal.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await sink.EachAsync(
            [.. removals.Where(removal => removal.Changes.Any(approved.Contains))],
            ThrottleLimit,
            removal => removal.Cluster,
            async (removal, stop) =>
            {
                var removed = await removal.ExecuteAsync(approved.Contains, sink, stop).ConfigureAwait(false);
                if (Wait)
                    await removal.WaitAsync(Timeout, sink, stop).ConfigureAwait(false);
                foreach (var gateway in PassThru ? removed : [])
                    sink.Output(gateway);
                return removal;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<EastWestGateway>> FindAsync(PipelineSink sink, CancellationToken cancellationToken)
    {
        var found = await sink.EachAsync(
            [.. _clusters.DistinctBy(cluster => cluster.Entry())],
            ThrottleLimit,
            cluster => cluster,
            async (cluster, stop) =>
            {
                var all = await EastWestGateways.ReadAsync(cluster, sink, stop, ControlPlaneNamespace).ConfigureAwait(false);
                return all.FirstOrDefault(gateway => string.Equals(gateway.Name, Name, StringComparison.Ordinal) && string.Equals(gateway.Namespace, Namespace, StringComparison.Ordinal))
                    // Without its Service it is none, and what a cut-off run left of it goes all the same.
                    ?? new EastWestGateway(cluster, Name, Namespace);
            },
            cancellationToken).ConfigureAwait(false);
        return found;
    }
}
