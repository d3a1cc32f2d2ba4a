using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Discovery;

namespace MeshTools.Cmdlets;

/// <summary>Lets clusters leave: nobody reads them any more, they read nobody, and their reader tokens are gone.</summary>
[Cmdlet(VerbsLifecycle.Disable, "EndpointDiscovery", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(EndpointDiscoveryLink))]
public sealed class DisableEndpointDiscoveryCommand : ClusterCmdlet
{
    /// <summary>Those that stay.</summary>
    [Parameter(HelpMessage = "The other clusters of the mesh, where the secrets for the leaving ones are. Without it, all given clusters leave each other.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public MeshCluster[] Peer { get; set; } = [];

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>The service account.</summary>
    [Parameter(HelpMessage = "The service account whose token other clusters use.")]
    [ValidateNotNullOrEmpty]
    public string ServiceAccount { get; set; } = "istio-reader-service-account";

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Removes without asking.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new EndpointDiscoveryOptions { Namespace = Namespace, ServiceAccount = ServiceAccount, ThrottleLimit = ThrottleLimit };
        var leaving = clusters.Select(cluster => cluster.Entry()).ToHashSet();
        MeshCluster[] staying = [.. Peer.Where(cluster => !leaving.Contains(cluster.Entry()))];
        var plan = await EndpointDiscoveryRemoval.CreateAsync(clusters, staying, options, sink, cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plan.Changes, cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await foreach (var link in plan.ExecuteAsync(approved.Contains, sink, cancellationToken).ConfigureAwait(false))
            sink.Output(link);
    }
}
