using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Trust;

namespace MeshTools.Cmdlets;

/// <summary>Changes the root of a running mesh, one step a call, so that no call between workloads breaks.</summary>
[Cmdlet(VerbsData.Update, "MeshCertificate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(RotationResult))]
public sealed class UpdateMeshCertificateCommand : ClusterCmdlet
{
    private object _algorithm = 0;

    /// <summary>The new root.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The new root. Its key is needed in the second step only, and not with -Intermediate.")]
    [ValidateNotNull]
    public MeshCertificate? NewRoot { get; set; }

    /// <summary>Intermediates from elsewhere.</summary>
    [Parameter(HelpMessage = "Intermediates of the new root that were signed elsewhere, with their keys, by cluster or name.")]
    [ValidateNotNullOrEmpty]
    public MeshCertificate[] Intermediate { get; set; } = [];

    /// <summary>The key pair.</summary>
    [Parameter(HelpMessage = "The key pair of intermediates that are made here.")]
    public CertificateKeyAlgorithm KeyAlgorithm
    {
        get => (CertificateKeyAlgorithm)_algorithm;
        set => _algorithm = value;
    }

    /// <summary>How long they are valid.</summary>
    [Parameter(HelpMessage = "How long intermediates that are made here are valid: days, or a number with h, d or y.")]
    [Days]
    public TimeSpan ValidityPeriod { get; set; } = TimeSpan.FromDays(3650);

    /// <summary>The control planes' namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long each istiod may take to restart and to publish: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Does the step without asking. It does not make a step come before its time.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new RootRotationOptions
        {
            Namespace = Namespace,
            Intermediates = Intermediate,
            Certificates = new CertificateOptions { KeyAlgorithm = KeyAlgorithm, ValidityPeriod = ValidityPeriod },
            Timeout = Timeout,
            ThrottleLimit = ThrottleLimit,
        };
        var rotation = await RootRotation.PlanAsync(clusters, NewRoot!, options, sink, cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(rotation.Changes, cancellationToken).ConfigureAwait(false);
        // A step in some clusters only would keep the next from starting.
        if (OnlyAsking || !rotation.Changes.All(change => approved.Contains(change)))
            return;
        foreach (var result in await rotation.ExecuteAsync(sink, cancellationToken).ConfigureAwait(false))
            sink.Output(result);
    }
}
