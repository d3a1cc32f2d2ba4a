using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Gets the east-west gateways of clusters: every Service that Istio takes for one, with what is wrong with it.</summary>
[Cmdlet(VerbsCommon.Get, "EastWestGateway", DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(EastWestGateway))]
public sealed class GetEastWestGatewayCommand : ClusterCmdlet
{
    /// <summary>Only these.</summary>
    [Parameter(HelpMessage = "Only gateways of these names; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Only there.</summary>
    [Parameter(HelpMessage = "Only gateways in these namespaces; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Namespace { get; set; } = ["*"];

    /// <summary>The control plane's namespace.</summary>
    [Parameter(HelpMessage = "The control plane's namespace, whose label says the cluster's network.")]
    [ValidateNotNullOrEmpty]
    public string ControlPlaneNamespace { get; set; } = "istio-system";

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var names = NamePatterns.Of(Name);
        var namespaces = NamePatterns.Of(Namespace);
        var found = await sink.EachAsync(
            clusters,
            ThrottleLimit,
            cluster => cluster,
            async (cluster, stop) =>
            {
                var probed = await ClusterProbe.EnsureAsync(cluster, sink, stop).ConfigureAwait(false);
                return await EastWestGateways.ReadAsync(probed, sink, stop, ControlPlaneNamespace).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var gateway in found.SelectMany(gateways => gateways).Where(gateway => names(gateway.Name) && namespaces(gateway.Namespace)))
            sink.Output(gateway);
    }
}
