using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Revisions;

namespace MeshTools.Cmdlets;

/// <summary>Lets a revision tag lead to a revision.</summary>
[Cmdlet(VerbsCommon.Set, "MeshRevisionTag", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(MeshRevisionTag))]
public sealed class SetMeshRevisionTagCommand : ClusterCmdlet
{
    /// <summary>The tag.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The tag; 'default' is what istio-injection=enabled means.")]
    [ValidateNotNullOrEmpty]
    public string Tag { get; set; } = "";

    /// <summary>The revision.</summary>
    [Parameter(HelpMessage = "The revision that the tag is to lead to; without it the only one of the cluster.")]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>Moves a tag.</summary>
    [Parameter(HelpMessage = "Moves a tag that leads to another revision.")]
    public SwitchParameter Overwrite { get; set; }

    /// <summary>Injects namespaces without labels.</summary>
    [Parameter(HelpMessage = "For the tag default: injects namespaces without any label, too.")]
    public SwitchParameter InjectEveryNamespace { get; set; }

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Makes the changes without asking, whatever $ConfirmPreference is.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new RevisionTagOptions { Namespace = Namespace, Revision = Revision, Overwrite = Overwrite, InjectEveryNamespace = InjectEveryNamespace };
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => RevisionTagPlan.CreateAsync(cluster, Tag, options, sink, stop), cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await sink.EachAsync(
            [.. plans.Where(plan => plan.Changes.All(approved.Contains))],
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                var tag = await plan.ExecuteAsync(sink, stop).ConfigureAwait(false);
                sink.Output(tag);
                return tag;
            },
            cancellationToken).ConfigureAwait(false);
    }
}
