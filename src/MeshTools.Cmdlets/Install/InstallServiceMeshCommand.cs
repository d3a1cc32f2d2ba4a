using System.Management.Automation;
using System.Security;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Install;
using MeshTools.Trust;

namespace MeshTools.Cmdlets;

/// <summary>Installs a service mesh's control plane.</summary>
[Cmdlet(VerbsLifecycle.Install, "ServiceMesh", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(ServiceMeshInstallation))]
public sealed class InstallServiceMeshCommand : MeshConfigurationCmdlet
{
    /// <summary>Signing certificates.</summary>
    [Parameter(HelpMessage = "Signing certificates for IstioCA: one for each cluster (from New-MeshIntermediateCertificate), or a single one for all.")]
    [ValidateNotNullOrEmpty]
    public MeshCertificate[] Certificate { get; set; } = [];

    /// <summary>The certificate's file.</summary>
    [Parameter(HelpMessage = "The file of the signing certificate for IstioCA; the other three files go with it.")]
    [ValidateNotNullOrEmpty]
    public string? CaCert { get; set; }

    /// <summary>The key's file.</summary>
    [Parameter(HelpMessage = "The file of its private key.")]
    [ValidateNotNullOrEmpty]
    public string? CaKey { get; set; }

    /// <summary>The root's file.</summary>
    [Parameter(HelpMessage = "The file of the root or roots.")]
    [ValidateNotNullOrEmpty]
    public string? RootCert { get; set; }

    /// <summary>The chain's file.</summary>
    [Parameter(HelpMessage = "The file of the chain.")]
    [ValidateNotNullOrEmpty]
    public string? CertChain { get; set; }

    /// <summary>The key's password.</summary>
    [Parameter(HelpMessage = "The password of an encrypted key; the Secret holds it decrypted.")]
    [ValidateNotNull]
    public SecureString? Password { get; set; }

    /// <summary>Waits.</summary>
    [Parameter(HelpMessage = "Waits until the control plane does its work: every replica runs, and the API server can call its injector.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long the control plane may take: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Asks nothing, installs also beside a newer revision or over another version, and replaces a cacerts that holds something else.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        if (!await UsePackageAsync(sink, cancellationToken).ConfigureAwait(false))
            return;
        var options = Options(clusters) with { CertificateFor = Certificates(sink), Force = Force, Wait = Wait, Timeout = Timeout };
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => InstallPlan.CreateAsync(cluster, IstioctlFor(cluster), options, sink, stop), cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await sink.EachAsync(
            [.. plans.Where(plan => plan.Changes.All(approved.Contains))],
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                var installation = await plan.ExecuteAsync(sink, stop).ConfigureAwait(false);
                sink.Output(installation);
                return installation;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private Func<MeshCluster, MeshCertificate?>? Certificates(PipelineSink sink)
    {
        string?[] files = [CaCert, CaKey, RootCert, CertChain];
        var given = files.Count(file => file is not null);
        if (given == 0 && Certificate.Length == 0)
            return null;
        if (CertificateAuthority is not MeshAuthority.IstioCA)
            throw new MeshException(ErrorCatalog.CertificateNotUsed, $"a signing certificate was given, and certificate authority {CertificateAuthority} uses none");
        if ((given > 0 && Certificate.Length > 0) || given is > 0 and < 4)
            throw new MeshException(ErrorCatalog.CertificateIncomplete, "give either -Certificate, or all of -CaCert, -CaKey, -RootCert and -CertChain");
        if (given == 4)
        {
            var set = new CertificateFileSet(PathOf(CaCert!)) { Key = PathOf(CaKey!), Chain = PathOf(CertChain!), Root = PathOf(RootCert!) };
            var certificate = ClearText.Use(Password, password => CertificateFiles.Read(set, password, sink));
            return _ => certificate;
        }

        return cluster => Array.Find(Certificate, certificate => Matches(certificate, cluster))
            ?? (Certificate.Length == 1 && Certificate[0].Cluster is null
                ? Certificate[0]
                : throw new MeshException(ErrorCatalog.CertificateClusterUnknown, $"{cluster.Name}: none of the certificates is for it", cluster));
    }

    private static bool Matches(MeshCertificate certificate, MeshCluster cluster) =>
        certificate.Cluster?.Entry() == cluster.Entry() || string.Equals(certificate.Name, cluster.Name, StringComparison.Ordinal);
}
