using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Injection;

namespace MeshTools.Cmdlets;

/// <summary>Restarts workloads pod by pod, as <c>kubectl rollout restart</c> does, so that they get the proxy that their namespace asks for.</summary>
[Cmdlet(VerbsLifecycle.Restart, "MeshWorkload", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(WorkloadRestart))]
public sealed class RestartMeshWorkloadCommand : ClusterCmdlet
{
    private readonly ClusterNamespaces _namespaces = new();

    /// <summary>The namespaces.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The namespaces of the workloads.")]
    [ValidateNotNullOrEmpty]
    public string[] Namespace { get; set; } = [];

    /// <summary>Which workloads.</summary>
    [Parameter(Position = 2, HelpMessage = "Workloads by name; wildcards are allowed. Without it all of the namespace.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Which kinds.</summary>
    [Parameter(HelpMessage = "Only workloads of these kinds.")]
    [ValidateSet("Deployment", "StatefulSet", "DaemonSet")]
    public string[] Kind { get; set; } = [];

    /// <summary>Only those that need it.</summary>
    [Parameter(HelpMessage = "Only workloads that run another proxy than new pods would get: of an old revision, none, or one too many.")]
    public SwitchParameter OutdatedOnly { get; set; }

    /// <summary>Waits.</summary>
    [Parameter(HelpMessage = "Waits until the new pods of each run, and stops at the first that does not come up.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long -Wait waits for each workload: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many of a cluster at a time.</summary>
    [Parameter(HelpMessage = "How many workloads of one cluster are restarted at a time.")]
    [ValidateRange(1, 256)]
    public int WorkloadThrottleLimit { get; set; } = 1;

    private protected override void Take() => _namespaces.Add(Cluster, Namespace);

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var named = NamePatterns.Of(Name);
        var options = new RestartOptions
        {
            Matches = Name.Length + Kind.Length == 0
                ? null
                : (kind, name) => named(name) && (Kind.Length == 0 || Kind.Contains(kind, StringComparer.OrdinalIgnoreCase)),
            OutdatedOnly = OutdatedOnly,
            Wait = Wait,
            Timeout = Timeout,
            AtATime = WorkloadThrottleLimit,
        };
        var plans = await sink.EachAsync(
            _namespaces.For(clusters, Namespace), ThrottleLimit, pair => pair.Cluster, (pair, stop) => RestartPlan.CreateAsync(pair.Cluster, pair.Namespace, options, sink, stop), cancellationToken)
            .ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        // The namespaces of one cluster one after another, as the workloads of one namespace.
        await sink.EachAsync(
            [.. plans.GroupBy(plan => plan.Cluster.Entry())],
            ThrottleLimit,
            group => group.First().Cluster,
            async (group, stop) =>
            {
                foreach (var plan in group)
                {
                    await foreach (var result in plan.ExecuteAsync(approved.Contains, sink, stop).ConfigureAwait(false))
                        sink.Output(result);
                }

                return group;
            },
            cancellationToken).ConfigureAwait(false);
    }
}
