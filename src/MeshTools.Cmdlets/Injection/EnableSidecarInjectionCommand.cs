using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Injection;

namespace MeshTools.Cmdlets;

/// <summary>Has the pods of namespaces injected, as <c>kubectl label namespace NS istio-injection- istio.io/rev=REV --overwrite</c> does.</summary>
[Cmdlet(VerbsLifecycle.Enable, "SidecarInjection", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(SidecarInjection))]
public sealed class EnableSidecarInjectionCommand : ClusterCmdlet
{
    private readonly ClusterNamespaces _namespaces = new();

    /// <summary>The namespaces.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The namespaces whose pods get a proxy.")]
    [ValidateNotNullOrEmpty]
    public string[] Namespace { get; set; } = [];

    /// <summary>The revision or tag.</summary>
    [Parameter(HelpMessage = "The revision or tag that injects; 'default' is the default tag or the installation without a revision. Without it, the default or the only one.")]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>Makes the namespaces.</summary>
    [Parameter(HelpMessage = "Makes the namespaces where they are missing.")]
    public SwitchParameter CreateNamespace { get; set; }

    private protected override void Take() => _namespaces.Add(Cluster, Namespace);

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new InjectionOptions { Revision = Revision, CreateNamespace = CreateNamespace };
        var plans = await sink.EachAsync(
            _namespaces.For(clusters, Namespace),
            ThrottleLimit,
            pair => pair.Cluster,
            (pair, stop) => InjectionPlan.EnableAsync(pair.Cluster, pair.Namespace, options, sink, stop),
            cancellationToken).ConfigureAwait(false);
        await InjectionRun.RunAsync(plans, ThrottleLimit, OnlyAsking, sink, cancellationToken).ConfigureAwait(false);
    }
}
