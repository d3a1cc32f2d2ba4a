using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Discovery;

namespace MeshTools.Cmdlets;

/// <summary>Lets the control planes of clusters read each other's endpoints, as <c>asmcli create-mesh</c> does.</summary>
[Cmdlet(VerbsLifecycle.Enable, "EndpointDiscovery", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(EndpointDiscoveryLink))]
public sealed class EnableEndpointDiscoveryCommand : ClusterCmdlet
{
    // Boxed: a field of another assembly's value type would have that assembly loaded at import.
    private object _topology = 0;

    /// <summary>Who reads whom.</summary>
    [Parameter(HelpMessage = "MultiPrimary: every control plane reads all other clusters. PrimaryRemote: the primaries read all others, and remotes read none.")]
    public DiscoveryTopology Topology
    {
        get => (DiscoveryTopology)_topology;
        set => _topology = value;
    }

    /// <summary>The primaries.</summary>
    [Parameter(HelpMessage = "The primaries of topology PrimaryRemote: names or cluster IDs of clusters in the pipeline.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Primary { get; set; } = [];

    /// <summary>Waits.</summary>
    [Parameter(HelpMessage = "Waits until every istiod replica is in sync with the clusters it reads.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long -Wait waits: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a token may take.</summary>
    [Parameter(HelpMessage = "How long a cluster may take to issue a token: seconds, or a duration such as 30s or 2m.")]
    [Duration]
    public TimeSpan TokenTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>The service account.</summary>
    [Parameter(HelpMessage = "The service account whose token other clusters use.")]
    [ValidateNotNullOrEmpty]
    public string ServiceAccount { get; set; } = "istio-reader-service-account";

    /// <summary>Makes the namespace.</summary>
    [Parameter(HelpMessage = "Makes the namespace where it is missing.")]
    public SwitchParameter CreateNamespace { get; set; }

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Makes the changes without asking, whatever $ConfirmPreference is.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Takes fields over.</summary>
    [Parameter(HelpMessage = "Takes over fields that other field managers own.")]
    public SwitchParameter ForceConflicts { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new EndpointDiscoveryOptions
        {
            Topology = Topology,
            Primaries = Primary,
            Wait = Wait,
            Timeout = Timeout,
            TokenTimeout = TokenTimeout,
            Namespace = Namespace,
            ServiceAccount = ServiceAccount,
            CreateNamespace = CreateNamespace,
            ForceConflicts = ForceConflicts,
            ThrottleLimit = ThrottleLimit,
            Thorough = OnlyAsking,
        };
        var plan = await EndpointDiscoveryPlan.CreateAsync(clusters, options, sink, cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plan.Changes, cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await foreach (var link in plan.ExecuteAsync(approved.Contains, sink, cancellationToken).ConfigureAwait(false))
            sink.Output(link);
    }
}
