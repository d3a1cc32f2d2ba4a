using System.Management.Automation;
using System.Security;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Operations;
using MeshTools.Trust;

namespace MeshTools.Cmdlets;

/// <summary>Gives each control plane its signing certificate: Secret <c>cacerts</c>.</summary>
[Cmdlet(VerbsLifecycle.Install, "MeshCertificate", SupportsShouldProcess = true, DefaultParameterSetName = CertificateSet)]
[OutputType(typeof(CertificateInstallationResult))]
public sealed class InstallMeshCertificateCommand : MeshCmdlet
{
    private const string CertificateSet = "Certificate";
    private const string FileSet = "File";

    private readonly List<MeshCertificate> _certificates = [];
    private readonly List<MeshCluster> _clusters = [];

    /// <summary>The certificates.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = CertificateSet, HelpMessage = "Intermediates from New-MeshIntermediateCertificate or Import-MeshCertificate, with their keys.")]
    [ValidateNotNullOrEmpty]
    public MeshCertificate[] Certificate { get; set; } = [];

    /// <summary>The clusters.</summary>
    [Parameter(ParameterSetName = CertificateSet, HelpMessage = "The cluster of a certificate that was not made for one.")]
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = FileSet, HelpMessage = "The cluster that the files are for.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public MeshCluster[] Cluster { get; set; } = [];

    /// <summary>The certificate's file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FileSet, HelpMessage = "The file of the signing certificate.")]
    [ValidateNotNullOrEmpty]
    public string CaCert { get; set; } = "";

    /// <summary>The key's file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FileSet, HelpMessage = "The file of its private key.")]
    [ValidateNotNullOrEmpty]
    public string CaKey { get; set; } = "";

    /// <summary>The root's file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FileSet, HelpMessage = "The file of the root or roots.")]
    [ValidateNotNullOrEmpty]
    public string RootCert { get; set; } = "";

    /// <summary>The chain's file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FileSet, HelpMessage = "The file of the chain.")]
    [ValidateNotNullOrEmpty]
    public string CertChain { get; set; } = "";

    /// <summary>The key's password.</summary>
    [Parameter(ParameterSetName = FileSet, HelpMessage = "The password of an encrypted key; the Secret holds it decrypted.")]
    [ValidateNotNull]
    public SecureString? Password { get; set; }

    /// <summary>The control plane's namespace.</summary>
    [Parameter(HelpMessage = "The control plane's namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>Makes the namespace.</summary>
    [Parameter(HelpMessage = "Makes the namespace where it is missing.")]
    public SwitchParameter CreateNamespace { get; set; }

    /// <summary>Restarts istiod.</summary>
    [Parameter(HelpMessage = "Restarts istiod where it has to read the certificate anew, and waits until it publishes the root.")]
    public SwitchParameter RestartControlPlane { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long -RestartControlPlane waits: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Replaces what is there.</summary>
    [Parameter(HelpMessage = "Replaces a cacerts that holds something else, and asks nothing.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Clusters at a time.</summary>
    [Parameter(HelpMessage = "How many clusters are worked on at a time.")]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 32;

    private protected override bool AskNothing => Force;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _certificates.AddRange(Certificate);
        _clusters.AddRange(Cluster);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var files = string.Equals(ParameterSetName, FileSet, StringComparison.Ordinal)
            ? new CertificateFileSet(PathOf(CaCert)) { Key = PathOf(CaKey), Chain = PathOf(CertChain), Root = PathOf(RootCert) }
            : null;
        Run((sink, stop) => InstallAsync(files, sink, stop));
    }

    private async Task InstallAsync(CertificateFileSet? files, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new CertificateInstallationOptions
        {
            Namespace = Namespace, CreateNamespace = CreateNamespace, Force = Force, RestartControlPlane = RestartControlPlane, Timeout = Timeout,
        };
        var pairs = Pairs(files, sink);
        var plans = await sink.EachAsync(
            pairs, ThrottleLimit, pair => pair.Cluster, (pair, stop) => CertificateInstallation.PlanAsync(pair.Certificate, pair.Cluster, options, sink, stop), cancellationToken).ConfigureAwait(false);
        CertificateInstallation.RequireOneRoot(plans);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;

        CertificateInstallation[] going = [.. plans.Where(plan => plan.Changes.All(approved.Contains))];
        var done = 0;
        await sink.EachAsync(
            going,
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                var result = await plan.ExecuteAsync(sink, stop).ConfigureAwait(false);
                sink.Progress(new OperationProgress("Installing signing certificates", plan.Cluster.Name, Interlocked.Increment(ref done), going.Length, plan.Cluster.Name));
                sink.Output(result);
                return result;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private (MeshCertificate Certificate, MeshCluster Cluster)[] Pairs(CertificateFileSet? files, PipelineSink sink)
    {
        MeshCluster[] clusters = [.. _clusters.DistinctBy(cluster => cluster.Entry())];
        if (files is not null)
        {
            var certificate = ClearText.Use(Password, password => CertificateFiles.Read(files, password, sink));
            if (clusters.Length > 1)
                sink.Warning($"{string.Join(", ", (IEnumerable<MeshCluster>)clusters)} get one signing certificate; an intermediate for each would let you replace one alone.");
            return [.. clusters.Select(cluster => (certificate, cluster))];
        }

        if (clusters.Length == 1 && _certificates.Count == 1)
            return [(_certificates[0], clusters[0])];
        var pairs = _certificates.Select(certificate => (
            Certificate: certificate,
            Cluster: certificate.Cluster ?? Array.Find(clusters, cluster => string.Equals(cluster.Name, certificate.Name, StringComparison.Ordinal)))).ToArray();
        if (Array.Find(pairs, pair => pair.Cluster is null) is { Certificate: { } lost })
            throw new MeshException(ErrorCatalog.CertificateClusterUnknown, $"no cluster is known for {lost}", lost);
        if (pairs.GroupBy(pair => pair.Cluster!.Entry()).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new MeshException(ErrorCatalog.CertificateClusterUnknown, $"{twice.First().Cluster}: there is more than one certificate for it", twice.First().Cluster);
        return [.. pairs.Select(pair => (pair.Certificate, pair.Cluster!))];
    }
}
