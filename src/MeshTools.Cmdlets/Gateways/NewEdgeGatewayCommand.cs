using System.Collections;
using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Makes a gateway at the edge of the mesh; which way its calls go, the concrete command says.</summary>
public abstract class NewEdgeGatewayCommand : ClusterCmdlet
{
    /// <summary>Its namespace.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The gateway's namespace; it is made, and labelled for injection, where that is missing.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "";

    /// <summary>Its name.</summary>
    [Parameter(HelpMessage = "The gateway's name.")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The revision.</summary>
    [Parameter(HelpMessage = "The revision or tag whose injector makes the gateway's proxies; without it the default, or the only one there is.")]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>The fewest proxies.</summary>
    [Parameter(HelpMessage = "The fewest proxies that the autoscaler keeps.")]
    [Alias("Replicas")]
    [ValidateRange(1, 1000)]
    public int? ReplicaCount { get; set; }

    /// <summary>The Service's type.</summary>
    [Parameter(HelpMessage = "The type of the gateway's Service.")]
    [ValidateSet("LoadBalancer", "NodePort", "ClusterIP")]
    public string? ServiceType { get; set; }

    /// <summary>The Service's annotations.</summary>
    [Parameter(HelpMessage = "Annotations of the gateway's Service, for the platform's load balancer.")]
    [ValidateNotNull]
    public Hashtable ServiceAnnotation { get; set; } = [];

    /// <summary>A load balancer of the platform's own network.</summary>
    [Parameter(HelpMessage = "Asks GKE, EKS or AKS for a load balancer that only its own network reaches.")]
    public SwitchParameter InternalLoadBalancer { get; set; }

    /// <summary>The address to ask for.</summary>
    [Parameter(HelpMessage = "The address that the load balancer should get.")]
    [ValidateNotNullOrEmpty]
    public string? LoadBalancerIP { get; set; }

    /// <summary>Waits.</summary>
    [Parameter(HelpMessage = "Waits until the gateway's proxies run and it has an address.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long -Wait waits: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The control plane's namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string ControlPlaneNamespace { get; set; } = "istio-system";

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Makes the changes without asking, whatever $ConfirmPreference is.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Takes fields over.</summary>
    [Parameter(HelpMessage = "Takes over fields that other field managers own.")]
    public SwitchParameter ForceConflicts { get; set; }

    private protected override bool AskNothing => Force;

    private protected async Task MakeAsync(EdgeGatewayDirection direction, IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new EdgeGatewayOptions
        {
            Direction = direction,
            Name = Name,
            Namespace = Namespace,
            ControlPlaneNamespace = ControlPlaneNamespace,
            Revision = Revision,
            Replicas = ReplicaCount,
            ServiceType = ServiceType,
            ServiceAnnotations = LabelTable.Read(ServiceAnnotation),
            InternalLoadBalancer = InternalLoadBalancer,
            LoadBalancerIP = LoadBalancerIP,
            Wait = Wait,
            Timeout = Timeout,
            ForceConflicts = ForceConflicts,
        };
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => EdgeGatewayPlan.CreateAsync(cluster, options, sink, stop), cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        // Half a gateway helps nobody: all of its objects, or none.
        EdgeGatewayPlan[] going = [.. plans.Where(plan => plan.Changes.All(approved.Contains))];
        await sink.EachAsync(
            going,
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                sink.Output(await plan.ExecuteAsync(sink, stop).ConfigureAwait(false));
                return plan;
            },
            cancellationToken).ConfigureAwait(false);
    }
}
