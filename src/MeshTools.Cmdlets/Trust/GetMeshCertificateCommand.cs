using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Trust;

namespace MeshTools.Cmdlets;

/// <summary>Gets what clusters sign with and trust, wherever it lives.</summary>
[Cmdlet(VerbsCommon.Get, "MeshCertificate", DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(InstalledCertificate))]
public sealed class GetMeshCertificateCommand : ClusterCmdlet
{
    /// <summary>The control plane's namespace.</summary>
    [Parameter(HelpMessage = "The control plane's namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var found = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => InstalledCertificate.FindAsync(cluster, Namespace, sink, stop), cancellationToken).ConfigureAwait(false);
        foreach (var certificate in found.SelectMany(certificates => certificates))
            sink.Output(certificate);
    }
}
