using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Trust;
using MeshTools.Verify;

namespace MeshTools.Cmdlets;

/// <summary>Checks whether workloads of clusters trust each other.</summary>
[Cmdlet(VerbsDiagnostic.Test, "MeshTrust", DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(CheckResult), typeof(bool))]
public sealed class TestMeshTrustCommand : ClusterCmdlet
{
    /// <summary>When an end is near.</summary>
    [Parameter(HelpMessage = "Warns of certificates that end within so many days.")]
    [ValidateRange(0, 36525)]
    public int WarnDays { get; set; } = 30;

    /// <summary>The control planes' namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>Only a yes or a no.</summary>
    [Parameter(HelpMessage = "Emits only whether nothing is wrong; warnings do not count, clusters that cannot be read do.")]
    public SwitchParameter Quiet { get; set; }

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new TrustCheckOptions { Namespace = Namespace, WarnDays = WarnDays, ThrottleLimit = ThrottleLimit };
        var report = await TrustCheck.RunAsync(clusters, options, sink, cancellationToken).ConfigureAwait(false);
        if (Quiet)
        {
            sink.Output(report.IsGood);
            return;
        }

        foreach (var result in report.Results)
            sink.Output(result);
    }
}
