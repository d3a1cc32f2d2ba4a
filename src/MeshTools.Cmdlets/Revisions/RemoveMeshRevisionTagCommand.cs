using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Revisions;

namespace MeshTools.Cmdlets;

/// <summary>Removes a revision tag.</summary>
[Cmdlet(VerbsCommon.Remove, "MeshRevisionTag", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(MeshRevisionTag))]
public sealed class RemoveMeshRevisionTagCommand : ClusterCmdlet
{
    /// <summary>The tag.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The tag.")]
    [ValidateNotNullOrEmpty]
    public string Tag { get; set; } = "";

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>Emits what was removed.</summary>
    [Parameter(HelpMessage = "Emits the tags that were removed.")]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Removes without asking.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => RevisionTagRemoval.CreateAsync(cluster, Tag, Namespace, sink, stop), cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        var removed = await sink.EachAsync(
            [.. plans.Where(plan => plan.Changes.All(approved.Contains))], ThrottleLimit, plan => plan.Cluster, (plan, stop) => plan.ExecuteAsync(sink, stop), cancellationToken).ConfigureAwait(false);
        foreach (var tag in PassThru ? removed : [])
            sink.Output(tag);
    }
}
