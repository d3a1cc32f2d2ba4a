using System.Collections;
using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Lets calls from other networks into clusters, as <c>kubectl apply -f expose-services.yaml</c> and <c>expose-istiod.yaml</c> do.</summary>
[Cmdlet(VerbsData.Publish, "MeshService", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(ServiceExposure))]
public sealed class PublishMeshServiceCommand : ClusterCmdlet
{
    /// <summary>The hosts.</summary>
    [Parameter(HelpMessage = "The hosts that are let in: whole names, or with a star for the first labels.")]
    [ValidateNotNullOrEmpty]
    public string[] Hosts { get; set; } = ["*.local"];

    /// <summary>The control plane, too.</summary>
    [Parameter(HelpMessage = "Exposes the control plane as well, for clusters that have none of their own.")]
    public SwitchParameter ControlPlane { get; set; }

    /// <summary>Its revision.</summary>
    [Parameter(HelpMessage = "The revision of the control plane that -ControlPlane exposes; without it the only one that runs.")]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>The gateway's pods.</summary>
    [Parameter(HelpMessage = "The labels of the gateway's pods.")]
    [ValidateNotNullOrEmpty]
    public Hashtable Selector { get; set; } = new(StringComparer.Ordinal) { ["istio"] = "eastwestgateway" };

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace, where the Gateways are made.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Makes the changes without asking, whatever $ConfirmPreference is.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Takes fields over.</summary>
    [Parameter(HelpMessage = "Takes over fields that other field managers own.")]
    public SwitchParameter ForceConflicts { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        ServiceExposurePlan.RequireHosts(Hosts);
        var options = new ServiceExposureOptions
        {
            Hosts = Hosts,
            ControlPlane = ControlPlane,
            Revision = Revision,
            Selector = LabelTable.Read(Selector),
            Namespace = Namespace,
            ForceConflicts = ForceConflicts,
        };
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => ServiceExposurePlan.CreateAsync(cluster, options, sink, stop), cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await sink.EachAsync(
            plans,
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                // Whoever said no to all of it gets nothing that says otherwise.
                if (plan.Changes.Count > 0 && !plan.Changes.Any(approved.Contains))
                    return plan;
                sink.Output(await plan.ExecuteAsync(approved.Contains, sink, stop).ConfigureAwait(false));
                return plan;
            },
            cancellationToken).ConfigureAwait(false);
    }
}
