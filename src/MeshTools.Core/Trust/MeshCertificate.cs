using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshTools.Clusters;
using MeshTools.Errors;

namespace MeshTools.Trust;

/// <summary>
/// A certificate of the mesh's authorities: a root, or an intermediate with everything above it. The private key, where it is held, is in no property; only
/// <see cref="ExportPrivateKeyPem"/> gives it away, and disposing clears it.
/// </summary>
public sealed class MeshCertificate : IDisposable
{
    private readonly PrivateKeyMemory? _key;

    internal MeshCertificate(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> issuers, IReadOnlyList<X509Certificate2> roots, PrivateKeyMemory? key)
    {
        X509 = certificate;
        Issuers = issuers;
        Roots = roots;
        _key = key;
    }

    /// <summary>The name in attribute L of the subject, which is the cluster's for an intermediate; else the common name.</summary>
    public string Name => Cluster?.Name ?? Attribute("2.5.4.7") ?? Attribute("2.5.4.3") ?? Subject;

    /// <summary>The subject, in the order of its encoding: <c>O=Istio, CN=Root CA</c>.</summary>
    public string Subject => DistinguishedName.Describe(X509.SubjectName);

    /// <summary>The issuer, written as the subject.</summary>
    public string Issuer => DistinguishedName.Describe(X509.IssuerName);

    /// <summary>The SHA-256 of the DER, as <c>openssl x509 -fingerprint -sha256</c> prints it.</summary>
    public string Fingerprint => FingerprintOf(X509);

    /// <summary>The serial number, in hexadecimal digits.</summary>
    public string SerialNumber => X509.SerialNumber;

    /// <summary>The key's algorithm and size: <c>RSA 4096</c>, <c>ECDSA P-256</c>.</summary>
    public string KeyAlgorithm => KeyPair.Describe(X509);

    /// <summary>When it becomes valid.</summary>
    public DateTimeOffset NotBefore => new(X509.NotBefore.ToUniversalTime(), TimeSpan.Zero);

    /// <summary>When it ends.</summary>
    public DateTimeOffset NotAfter => new(X509.NotAfter.ToUniversalTime(), TimeSpan.Zero);

    /// <summary>Whole days until it ends; negative when it has.</summary>
    public int DaysLeft => (int)Math.Floor((NotAfter - DateTimeOffset.UtcNow).TotalDays);

    /// <summary>Whether it may sign certificates.</summary>
    public bool IsCertificateAuthority => MaySign(X509);

    /// <summary>Whether it is its own issuer.</summary>
    public bool IsSelfSigned => IsRoot(X509);

    /// <summary>Whether the private key is held here.</summary>
    public bool HasPrivateKey => _key is { IsCleared: false };

    /// <summary>The cluster that it was made for; <see langword="null"/> for a root and for one that was named only.</summary>
    public MeshCluster? Cluster { get; init; }

    /// <summary>What is above it, the issuer first and the root last.</summary>
    public IReadOnlyList<ChainLink> Chain => [.. Issuers.Select(ChainLink.Of)];

    /// <summary>The fingerprints of the roots that it comes with.</summary>
    public IReadOnlyList<string> RootFingerprints => [.. Roots.Select(FingerprintOf)];

    internal X509Certificate2 X509 { get; }

    internal IReadOnlyList<X509Certificate2> Issuers { get; }

    internal IReadOnlyList<X509Certificate2> Roots { get; }

    internal PrivateKeyMemory? Key => _key;

    /// <summary>The certificate in PEM: <c>ca-cert.pem</c>, or <c>root-cert.pem</c> of a root.</summary>
    /// <returns>The text, ending in a line feed.</returns>
    public string ToPem() => PemOf([X509]);

    /// <summary>The certificate and all above it in PEM, in that order: <c>cert-chain.pem</c> as Istio's Makefile writes it.</summary>
    /// <returns>The text, ending in a line feed.</returns>
    public string ChainToPem() => PemOf([X509, .. Issuers]);

    /// <summary>The roots in PEM: <c>root-cert.pem</c>.</summary>
    /// <returns>The text, ending in a line feed.</returns>
    public string RootToPem() => PemOf(Roots);

    /// <summary>The private key in PEM (PKCS #8). Whoever has it can sign for the mesh.</summary>
    /// <returns>New memory; clear it after use.</returns>
    /// <exception cref="MeshException">The key is not held (<c>PrivateKeyNotHeld</c>).</exception>
    public byte[] ExportPrivateKeyPem() => HeldKey().ToPem();

    /// <summary>Clears the private key's memory.</summary>
    public void Dispose() => _key?.Dispose();

    /// <summary>Subject and fingerprint; never the key.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Subject} ({Fingerprint})";

    internal static string FingerprintOf(X509Certificate2 certificate) => FingerprintOf(certificate.RawData);

    internal static string PemOf(IEnumerable<X509Certificate2> certificates) => string.Concat(certificates.Select(certificate => certificate.ExportCertificatePem() + "\n"));

    internal static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    /// <summary>Whether basic constraints and key usage let a certificate sign others (RFC 5280, 4.2.1.9 and 4.2.1.3).</summary>
    internal static bool MaySign(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority)
        && certificate.Extensions.OfType<X509KeyUsageExtension>().All(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign));

    internal PrivateKeyMemory HeldKey() => HasPrivateKey
        ? _key!
        : throw new MeshException(ErrorCatalog.PrivateKeyNotHeld, $"the private key of {Subject} is not held here", this);

    internal MeshCertificate For(MeshCluster cluster) => new(X509, Issuers, Roots, _key) { Cluster = cluster };

    private static string FingerprintOf(byte[] der) => BitConverter.ToString(SHA256.HashData(der)).Replace('-', ':');

    private string? Attribute(string oid) => X509.SubjectName.EnumerateRelativeDistinguishedNames()
        .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value is { } type && string.Equals(type, oid, StringComparison.Ordinal))
        .Select(part => part.GetSingleElementValue())
        .FirstOrDefault();
}

/// <summary>One certificate above another.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Issuer">The issuer.</param>
/// <param name="Fingerprint">The SHA-256 of the DER.</param>
/// <param name="NotBefore">When it becomes valid.</param>
/// <param name="NotAfter">When it ends.</param>
public sealed record ChainLink(string Subject, string Issuer, string Fingerprint, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    internal static ChainLink Of(X509Certificate2 certificate) => new(
        DistinguishedName.Describe(certificate.SubjectName),
        DistinguishedName.Describe(certificate.IssuerName),
        MeshCertificate.FingerprintOf(certificate),
        new DateTimeOffset(certificate.NotBefore.ToUniversalTime(), TimeSpan.Zero),
        new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero));
}
