using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Removes a gateway at the edge of the mesh; which way its calls go, the concrete command says.</summary>
public abstract class RemoveEdgeGatewayCommand : ClusterCmdlet
{
    /// <summary>Its namespace.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The gateway's namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "";

    /// <summary>Its name.</summary>
    [Parameter(HelpMessage = "The gateway's name.")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The namespace goes, too.</summary>
    [Parameter(HelpMessage = "Removes the namespace as well, when nothing else is in it.")]
    public SwitchParameter RemoveNamespace { get; set; }

    /// <summary>The control plane's namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace, which is never removed.")]
    [ValidateNotNullOrEmpty]
    public string ControlPlaneNamespace { get; set; } = "istio-system";

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Removes without asking.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected async Task RemoveAsync(EdgeGatewayDirection direction, IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new EdgeGatewayOptions { Direction = direction, Name = Name, Namespace = Namespace, ControlPlaneNamespace = ControlPlaneNamespace };
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => EdgeGatewayRemoval.CreateAsync(cluster, options, RemoveNamespace, sink, stop), cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await sink.EachAsync(
            plans,
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                if (plan.Changes.Count == 0 || plan.Changes.Any(approved.Contains))
                    sink.Output(await plan.ExecuteAsync(approved.Contains, sink, stop).ConfigureAwait(false));
                return plan;
            },
            cancellationToken).ConfigureAwait(false);
    }
}
