using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Makes the gateway by which a mesh reaches the world outside, as the sample <c>istio-egressgateway</c> does.</summary>
[Cmdlet(VerbsCommon.New, "EgressGateway", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(EdgeGateway))]
public sealed class NewEgressGatewayCommand : NewEdgeGatewayCommand
{
    private protected override Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken) =>
        MakeAsync(EdgeGatewayDirection.Egress, clusters, sink, cancellationToken);
}
