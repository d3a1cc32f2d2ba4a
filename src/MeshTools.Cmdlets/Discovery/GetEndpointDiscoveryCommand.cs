using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Discovery;

namespace MeshTools.Cmdlets;

/// <summary>Gets who reads whom among clusters, as it is, with the status at every istiod replica.</summary>
[Cmdlet(VerbsCommon.Get, "EndpointDiscovery", DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(EndpointDiscoveryLink))]
public sealed class GetEndpointDiscoveryCommand : ClusterCmdlet
{
    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        await foreach (var link in EndpointDiscoveryStatus.GetAsync(clusters, Namespace, ThrottleLimit, sink, cancellationToken).ConfigureAwait(false))
            sink.Output(link);
    }
}
