using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Removes what <c>New-IngressGateway</c> made.</summary>
[Cmdlet(VerbsCommon.Remove, "IngressGateway", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(EdgeGateway))]
public sealed class RemoveIngressGatewayCommand : RemoveEdgeGatewayCommand
{
    private protected override Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken) =>
        RemoveAsync(EdgeGatewayDirection.Ingress, clusters, sink, cancellationToken);
}
