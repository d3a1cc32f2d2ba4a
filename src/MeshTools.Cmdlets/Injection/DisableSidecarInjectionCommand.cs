using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Injection;

namespace MeshTools.Cmdlets;

/// <summary>Ends the injection of the pods of namespaces. Pods that run keep their proxies until they are restarted.</summary>
[Cmdlet(VerbsLifecycle.Disable, "SidecarInjection", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(SidecarInjection))]
public sealed class DisableSidecarInjectionCommand : ClusterCmdlet
{
    private readonly ClusterNamespaces _namespaces = new();

    /// <summary>The namespaces.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The namespaces whose new pods get no proxy any more.")]
    [ValidateNotNullOrEmpty]
    public string[] Namespace { get; set; } = [];

    private protected override void Take() => _namespaces.Add(Cluster, Namespace);

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var plans = await sink.EachAsync(
            _namespaces.For(clusters, Namespace),
            ThrottleLimit,
            pair => pair.Cluster,
            (pair, stop) => InjectionPlan.DisableAsync(pair.Cluster, pair.Namespace, sink, stop),
            cancellationToken).ConfigureAwait(false);
        await InjectionRun.RunAsync(plans, ThrottleLimit, OnlyAsking, sink, cancellationToken).ConfigureAwait(false);
    }
}
