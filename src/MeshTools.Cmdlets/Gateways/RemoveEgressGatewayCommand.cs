using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Removes what <c>New-EgressGateway</c> made.</summary>
[Cmdlet(VerbsCommon.Remove, "EgressGateway", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(EdgeGateway))]
public sealed class RemoveEgressGatewayCommand : RemoveEdgeGatewayCommand
{
    private protected override Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken) =>
        RemoveAsync(EdgeGatewayDirection.Egress, clusters, sink, cancellationToken);
}
