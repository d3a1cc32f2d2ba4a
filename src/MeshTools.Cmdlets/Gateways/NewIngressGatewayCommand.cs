using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Makes the gateway by which the world outside reaches a mesh, as the sample <c>istio-ingressgateway</c> does.</summary>
[Cmdlet(VerbsCommon.New, "IngressGateway", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(EdgeGateway))]
public sealed class NewIngressGatewayCommand : NewEdgeGatewayCommand
{
    private protected override Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken) =>
        MakeAsync(EdgeGatewayDirection.Ingress, clusters, sink, cancellationToken);
}
