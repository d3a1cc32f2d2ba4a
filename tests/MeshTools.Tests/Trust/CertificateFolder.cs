using MeshTools.Errors;
using MeshTools.Tests.Scenarios;
using MeshTools.Trust;
using Xunit;

namespace MeshTools.Tests.Trust;

/// <summary>A folder with files of certificates.</summary>
internal sealed class CertificateFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshtools-trust-");

    public static CertificateOptions Ec { get; } = new() { KeyAlgorithm = CertificateKeyAlgorithm.EcdsaP256 };

    public RecordedLog Log { get; } = new();

    public string Path => _folder.FullName;

    public string this[string name] => System.IO.Path.Combine(_folder.FullName, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    public void Save(MeshCertificate certificate, string folder = "") => CertificateFiles.Write(CertificateFile.Of(certificate, this[folder].TrimEnd('/')), overwrite: true);

    public MeshCertificate ReadFour(string folder = "", char[]? password = null) => CertificateFiles.Read(
        new CertificateFileSet(System.IO.Path.Combine(this[folder], "ca-cert.pem"))
        {
            Key = System.IO.Path.Combine(this[folder], "ca-key.pem"),
            Chain = System.IO.Path.Combine(this[folder], "cert-chain.pem"),
            Root = System.IO.Path.Combine(this[folder], "root-cert.pem"),
        },
        password,
        Log);

    public MeshCertificate Intermediate(MeshCertificate root, string name = "lab-1") => CertificateIssuing.CreateIntermediate(root, name, null, Ec, Log);

    public static string IdOf(Action action) => Assert.Throws<MeshException>(action).ErrorId;

    public void Dispose() => _folder.Delete(recursive: true);
}
