using System.Management.Automation;
using MeshTools.Trust;

namespace MeshTools.Cmdlets;

/// <summary>Makes a key pair and a request for an intermediate, to be signed where the root's key is.</summary>
[Cmdlet(VerbsCommon.New, "MeshCertificateRequest", SupportsShouldProcess = true)]
[OutputType(typeof(MeshCertificateRequest))]
public sealed class NewMeshCertificateRequestCommand : MeshCmdlet
{
    private readonly List<string> _names = [];
    private object _algorithm = 0;

    /// <summary>The clusters' names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "The names of the clusters: attribute L of the subject.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The folder.</summary>
    [Parameter(Mandatory = true, Position = 1, HelpMessage = "The folder; ca-cert.csr and ca-key.pem are written into a folder of the cluster's name in it.")]
    [ValidateNotNullOrEmpty]
    public string OutDirectory { get; set; } = "";

    /// <summary>The key pair.</summary>
    [Parameter(HelpMessage = "The key pair.")]
    public CertificateKeyAlgorithm KeyAlgorithm
    {
        get => (CertificateKeyAlgorithm)_algorithm;
        set => _algorithm = value;
    }

    /// <summary>Overwrites files.</summary>
    [Parameter(HelpMessage = "Overwrites files that are there, and asks nothing.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _names.AddRange(Name);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var folder = PathOf(OutDirectory);
        Run(async (sink, stop) =>
        {
            MeshCertificateRequest[] requests = [.. _names.Distinct(StringComparer.Ordinal).Select(name => MeshCertificateRequest.Create(name, new CertificateOptions { KeyAlgorithm = KeyAlgorithm }))];
            CertificateFile[] files = [.. requests.SelectMany(request => CertificateFile.Of(request, CertificateFiles.FolderFor(folder, request.Name)))];
            if (!await CertificateOutput.WriteAsync(files, Force, OnlyAsking, sink, stop).ConfigureAwait(false))
                return;
            foreach (var request in requests)
                sink.Output(request);
        });
    }
}
