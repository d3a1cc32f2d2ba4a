using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Ends what <c>Publish-MeshService</c> began.</summary>
[Cmdlet(VerbsData.Unpublish, "MeshService", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(ServiceExposure))]
public sealed class UnpublishMeshServiceCommand : ClusterCmdlet
{
    /// <summary>The control plane, too.</summary>
    [Parameter(HelpMessage = "Ends the exposure of the control plane as well.")]
    public SwitchParameter ControlPlane { get; set; }

    /// <summary>Its revision.</summary>
    [Parameter(HelpMessage = "The revision whose exposure -ControlPlane ends; without it that of all.")]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The namespace of the Gateways.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Removes without asking.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new ServiceExposureOptions { ControlPlane = ControlPlane, Revision = Revision, Namespace = Namespace };
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => ServiceExposureRemoval.CreateAsync(cluster, options, sink, stop), cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await sink.EachAsync(
            plans,
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                if (plan.Changes.Count > 0 && !plan.Changes.Any(approved.Contains))
                    return plan;
                sink.Output(await plan.ExecuteAsync(approved.Contains, sink, stop).ConfigureAwait(false));
                return plan;
            },
            cancellationToken).ConfigureAwait(false);
    }
}
