using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Trust;

namespace MeshTools.Cmdlets;

/// <summary>Makes one intermediate for each cluster, as <c>make -f Makefile.selfsigned.mk NAME-cacerts</c> does, or signs requests.</summary>
[Cmdlet(VerbsCommon.New, "MeshIntermediateCertificate", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(MeshCertificate))]
public sealed class NewMeshIntermediateCertificateCommand : MeshCmdlet
{
    private const string ClusterSet = "Cluster";
    private const string NameSet = "Name";
    private const string RequestSet = "Request";

    private readonly List<MeshCluster> _clusters = [];
    private MeshCertificate? _root;
    private object _algorithm = 0;

    /// <summary>The root.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, HelpMessage = "The root, with its key: from New-MeshRootCertificate or Import-MeshCertificate.")]
    [ValidateNotNull]
    public MeshCertificate? Root { get; set; }

    /// <summary>The clusters.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ClusterSet, HelpMessage = "The clusters; each gets an intermediate of its name.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public MeshCluster[] Cluster { get; set; } = [];

    /// <summary>Names in place of clusters.</summary>
    [Parameter(Mandatory = true, ParameterSetName = NameSet, HelpMessage = "Names, where there are no clusters at hand: attribute L of the subjects.")]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Requests.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RequestSet, HelpMessage = "Files of requests from New-MeshCertificateRequest; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Request { get; set; } = [];

    /// <summary>The key pair.</summary>
    [Parameter(ParameterSetName = ClusterSet, HelpMessage = "The key pair.")]
    [Parameter(ParameterSetName = NameSet, HelpMessage = "The key pair.")]
    public CertificateKeyAlgorithm KeyAlgorithm
    {
        get => (CertificateKeyAlgorithm)_algorithm;
        set => _algorithm = value;
    }

    /// <summary>How long it is valid.</summary>
    [Parameter(HelpMessage = "How long it is valid: days, or a number with h, d or y; never longer than the root.")]
    [Days]
    public TimeSpan ValidityPeriod { get; set; } = TimeSpan.FromDays(3650);

    /// <summary>Where the files are written.</summary>
    [Parameter(HelpMessage = "The folder; the files of each cluster are written into a folder of its name in it. Without it nothing is written.")]
    [ValidateNotNullOrEmpty]
    public string? OutDirectory { get; set; }

    /// <summary>Overwrites files.</summary>
    [Parameter(HelpMessage = "Overwrites files that are there, and asks nothing.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // The root from the pipeline stays while the clusters come by name, and the other way round.
        _root = Root ?? _root;
        _clusters.AddRange(Cluster);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var root = _root!;
        var folder = OutDirectory is null ? null : PathOf(OutDirectory);
        var requests = PathsOf(Request);
        Run(async (sink, stop) =>
        {
            var options = new CertificateOptions { KeyAlgorithm = KeyAlgorithm, ValidityPeriod = ValidityPeriod };
            // Keys take time, and each its own.
            var made = await Task.WhenAll(Work(root, requests, options, sink).Select(work => Task.Run(work, stop))).ConfigureAwait(false);
            CertificateFile[] files = folder is null ? [] : [.. made.SelectMany(certificate => CertificateFile.Of(certificate, CertificateFiles.FolderFor(folder, certificate.Name)))];
            if (folder is not null && !await CertificateOutput.WriteAsync(files, Force, OnlyAsking, sink, stop).ConfigureAwait(false))
                return;
            foreach (var certificate in made)
                sink.Output(certificate);
        });
    }

    private IEnumerable<Func<MeshCertificate>> Work(MeshCertificate root, IReadOnlyList<string> requests, CertificateOptions options, PipelineSink sink) => ParameterSetName switch
    {
        RequestSet => requests.Select<string, Func<MeshCertificate>>(path => () =>
        {
            using var request = MeshCertificateRequest.Read(CertificateFiles.Content(path), path);
            return CertificateIssuing.SignRequest(root, request, options, sink);
        }),
        NameSet => Name.Distinct(StringComparer.Ordinal).Select<string, Func<MeshCertificate>>(name => () => CertificateIssuing.CreateIntermediate(root, name, null, options, sink)),
        _ => _clusters.DistinctBy(cluster => cluster.Entry()).Select<MeshCluster, Func<MeshCertificate>>(cluster => () => CertificateIssuing.CreateIntermediate(root, cluster.Name, cluster, options, sink)),
    };
}
