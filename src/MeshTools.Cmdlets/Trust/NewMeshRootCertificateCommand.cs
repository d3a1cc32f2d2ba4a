using System.Management.Automation;
using MeshTools.Trust;

namespace MeshTools.Cmdlets;

/// <summary>Makes a self-signed root, as <c>make -f Makefile.selfsigned.mk root-ca</c> does.</summary>
[Cmdlet(VerbsCommon.New, "MeshRootCertificate", SupportsShouldProcess = true)]
[OutputType(typeof(MeshCertificate))]
public sealed class NewMeshRootCertificateCommand : MeshCmdlet
{
    // Boxed: a field of another assembly's value type would have that assembly loaded at import.
    private object _algorithm = 0;

    /// <summary>The subject.</summary>
    [Parameter(HelpMessage = "The subject, its attributes in the order of the encoding.")]
    [ValidateNotNullOrEmpty]
    public string Subject { get; set; } = "O=Istio, CN=Root CA";

    /// <summary>The key pair.</summary>
    [Parameter(HelpMessage = "The key pair.")]
    public CertificateKeyAlgorithm KeyAlgorithm
    {
        get => (CertificateKeyAlgorithm)_algorithm;
        set => _algorithm = value;
    }

    /// <summary>How long it is valid.</summary>
    [Parameter(HelpMessage = "How long it is valid: days, or a number with h, d or y.")]
    [Days]
    public TimeSpan ValidityPeriod { get; set; } = TimeSpan.FromDays(3650);

    /// <summary>Where its files are written.</summary>
    [Parameter(HelpMessage = "The folder for root-cert.pem and root-key.pem; without it nothing is written.")]
    [ValidateNotNullOrEmpty]
    public string? OutDirectory { get; set; }

    /// <summary>Overwrites files.</summary>
    [Parameter(HelpMessage = "Overwrites files that are there, and asks nothing.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var folder = OutDirectory is null ? null : PathOf(OutDirectory);
        Run(async (sink, stop) =>
        {
            var root = CertificateIssuing.CreateRoot(new CertificateOptions { Subject = Subject, KeyAlgorithm = KeyAlgorithm, ValidityPeriod = ValidityPeriod });
            if (folder is null || await CertificateOutput.WriteAsync(CertificateFile.Of(root, folder), Force, OnlyAsking, sink, stop).ConfigureAwait(false))
                sink.Output(root);
        });
    }
}
