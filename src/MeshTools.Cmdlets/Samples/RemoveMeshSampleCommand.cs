using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Samples;

namespace MeshTools.Cmdlets;

/// <summary>Removes the sample from clusters and waits until it is gone.</summary>
[Cmdlet(VerbsCommon.Remove, "MeshSample", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(MeshSample))]
public sealed class RemoveMeshSampleCommand : ClusterCmdlet
{
    private readonly ClusterNamespaces _namespaces = new();

    /// <summary>The namespace.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The sample's namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "sample";

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long it may take until the namespace is gone: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Emits what was removed.</summary>
    [Parameter(HelpMessage = "Emits what was removed.")]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Removes without asking: the sample's namespace also with what others put there; from a namespace of others, what the sample made.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected override void Take() => _namespaces.Add(Cluster, [Namespace]);

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var plans = await sink.EachAsync(
            _namespaces.For(clusters, [Namespace]),
            ThrottleLimit,
            pair => pair.Cluster,
            (pair, stop) => SampleRemoval.CreateAsync(pair.Cluster, pair.Namespace, Force, stop),
            cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        var removed = await sink.EachAsync(
            plans, ThrottleLimit, plan => plan.Cluster, (plan, stop) => plan.ExecuteAsync(approved.Contains, Timeout, sink, stop), cancellationToken).ConfigureAwait(false);
        foreach (var sample in PassThru ? removed : [])
            sink.Output(sample);
    }
}
