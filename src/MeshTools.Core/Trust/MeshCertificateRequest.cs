using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshTools.Errors;

namespace MeshTools.Trust;

/// <summary>
/// A request for an intermediate, so that the root's key can stay where nothing else is. The intermediate's own key is held where the request is made and is in no property.
/// </summary>
public sealed class MeshCertificateRequest : IDisposable
{
    private readonly PrivateKeyMemory? _key;
    private readonly string _pem;

    private MeshCertificateRequest(string name, X500DistinguishedName subject, PublicKey publicKey, string pem, PrivateKeyMemory? key)
    {
        Name = name;
        SubjectName = subject;
        PublicKey = publicKey;
        _pem = pem;
        _key = key;
    }

    /// <summary>The cluster's name: attribute L of the subject.</summary>
    public string Name { get; }

    /// <summary>The subject.</summary>
    public string Subject => DistinguishedName.Describe(SubjectName);

    /// <summary>Whether the private key is held here.</summary>
    public bool HasPrivateKey => _key is { IsCleared: false };

    internal X500DistinguishedName SubjectName { get; }

    internal PublicKey PublicKey { get; }

    /// <summary>Makes a key pair and a request for it.</summary>
    /// <param name="name">The cluster's name.</param>
    /// <param name="options">Subject and key algorithm; the rest is the signer's to say.</param>
    /// <returns>The request, with the key.</returns>
    /// <exception cref="MeshException">The subject cannot be read.</exception>
    public static MeshCertificateRequest Create(string name, CertificateOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        var subject = CertificateIssuing.SubjectOf(name, options.Subject);
        using var pair = KeyPair.Create(options.KeyAlgorithm);
        var request = KeyPair.Request(subject, pair);
        return new MeshCertificateRequest(name, subject, request.PublicKey, request.CreateSigningRequestPem() + "\n", PrivateKeyMemory.Of(pair));
    }

    /// <summary>Reads a request in PEM and checks its signature.</summary>
    /// <param name="content">The file.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <returns>The request, without a key.</returns>
    /// <exception cref="MeshException">It cannot be read, or is not signed by the key it names.</exception>
    public static MeshCertificateRequest Read(byte[] content, string source)
    {
        ArgumentNullException.ThrowIfNull(content);
        var text = CertificateText.Decode(content, source);
        try
        {
            var request = CertificateRequest.LoadSigningRequestPem(text, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.Default, RSASignaturePadding.Pkcs1);
            var name = request.SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(part => !part.HasMultipleElements)
                .FirstOrDefault(part => part.GetSingleElementType().Value is "2.5.4.7")?.GetSingleElementValue();
            return new MeshCertificateRequest(name ?? DistinguishedName.Describe(request.SubjectName), request.SubjectName, request.PublicKey, text, key: null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new MeshException(ErrorCatalog.CertificateUnreadable, $"{source} holds no certificate request that can be read: {e.Message}", source, innerException: e);
        }
    }

    /// <summary>The request in PEM.</summary>
    /// <returns>The text, ending in a line feed.</returns>
    public string ToPem() => _pem;

    /// <summary>The private key in PEM (PKCS #8).</summary>
    /// <returns>New memory; clear it after use.</returns>
    /// <exception cref="MeshException">The key is not held (<c>PrivateKeyNotHeld</c>).</exception>
    public byte[] ExportPrivateKeyPem() => HasPrivateKey
        ? _key!.ToPem()
        : throw new MeshException(ErrorCatalog.PrivateKeyNotHeld, $"the private key of the request for {Subject} is not held here", this);

    /// <summary>Clears the private key's memory.</summary>
    public void Dispose() => _key?.Dispose();

    /// <summary>The subject; never the key.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"request for {Subject}";
}
