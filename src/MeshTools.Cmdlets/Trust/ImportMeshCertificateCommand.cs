using System.Management.Automation;
using System.Security;
using MeshTools.Trust;

namespace MeshTools.Cmdlets;

/// <summary>Reads a root or an intermediate from PEM files.</summary>
[Cmdlet(VerbsData.Import, "MeshCertificate")]
[OutputType(typeof(MeshCertificate))]
public sealed class ImportMeshCertificateCommand : MeshCmdlet
{
    /// <summary>The certificate.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The certificate; further certificates in the file are its chain.")]
    [Alias("CaCert", "FullName")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The key.</summary>
    [Parameter(Position = 1, HelpMessage = "The private key: PKCS #8 (also encrypted), PKCS #1 or SEC 1.")]
    [Alias("CaKey")]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get; set; }

    /// <summary>The chain.</summary>
    [Parameter(HelpMessage = "The certificates between it and the root, in any order.")]
    [Alias("CertChain")]
    [ValidateNotNullOrEmpty]
    public string? ChainPath { get; set; }

    /// <summary>The roots.</summary>
    [Parameter(HelpMessage = "The root or roots.")]
    [Alias("RootCert")]
    [ValidateNotNullOrEmpty]
    public string? RootPath { get; set; }

    /// <summary>The key's password.</summary>
    [Parameter(HelpMessage = "The password of an encrypted key.")]
    [ValidateNotNull]
    public SecureString? Password { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var files = new CertificateFileSet(PathOf(Path))
        {
            Key = KeyPath is null ? null : PathOf(KeyPath),
            Chain = ChainPath is null ? null : PathOf(ChainPath),
            Root = RootPath is null ? null : PathOf(RootPath),
        };
        Run((sink, _) =>
        {
            sink.Output(ClearText.Use(Password, password => CertificateFiles.Read(files, password, sink)));
            return Task.CompletedTask;
        });
    }
}
