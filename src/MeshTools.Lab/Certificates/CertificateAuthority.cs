using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Lab;

/// <summary>
/// A certificate authority of one cluster: self-signed, ECDSA P-256 (an RSA key would take most of a cluster's start-up time).
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    // A certificate that is valid from the very second it was made is refused by clients whose clock is a little behind.
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan LeafLifetime = TimeSpan.FromDays(365);

    private readonly ECDsa key;

    private CertificateAuthority(ECDsa key, X509Certificate2 certificate)
    {
        this.key = key;
        Certificate = certificate;
        CertificatePem = Pem(certificate);
    }

    /// <summary>The authority's own certificate, with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The authority's certificate as PEM, ending in a line feed as Kubernetes writes it.</summary>
    public string CertificatePem { get; }

    /// <summary>The authority's private key (PKCS#8 PEM). Only a mesh's signing secret needs it.</summary>
    public string KeyPem => key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>Makes a new self-signed authority.</summary>
    /// <param name="commonName">The subject's common name, or null for none.</param>
    /// <param name="organization">The subject's organisation, or null for none.</param>
    public static CertificateAuthority Create(string? commonName, string? organization = null)
    {
        var root = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name(commonName, organization is null ? [] : [organization]), root, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = DateTimeOffset.UtcNow;
        return new CertificateAuthority(root, request.CreateSelfSigned(now - Backdating, now + AuthorityLifetime));
    }

    /// <summary>Issues a subordinate authority (an intermediate as in a mesh's <c>cacerts</c>; istio tools/certs/common.mk).</summary>
    /// <param name="commonName">The subject's common name.</param>
    /// <param name="organization">The subject's organisation, or null for none.</param>
    /// <param name="locality">The subject's locality, which Istio's own tool makes the cluster's name, or null for none.</param>
    public CertificateAuthority IssueIntermediate(string commonName, string? organization = null, string? locality = null)
    {
        var intermediate = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(
            Name(commonName, organization is null ? [] : [organization], locality), intermediate, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var alternatives = new SubjectAlternativeNameBuilder();
        alternatives.AddDnsName("istiod.istio-system.svc");
        request.CertificateExtensions.Add(alternatives.Build());
        using var issued = Sign(request, TimeSpan.FromDays(730));
        return new CertificateAuthority(intermediate, issued.CopyWithPrivateKey(intermediate));
    }

    /// <summary>Issues a server certificate.</summary>
    /// <param name="names">DNS names and IP addresses for the subject alternative names; the first is also the common name.</param>
    /// <returns>A certificate with its key, ready for a TLS listener on every operating system.</returns>
    public X509Certificate2 IssueServer(IReadOnlyList<string> names)
    {
        using var leaf = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name(names[0], []), leaf, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        AddLeafExtensions(request, "1.3.6.1.5.5.7.3.1");
        using var issued = Sign(request, LeafLifetime);
        using var withKey = issued.CopyWithPrivateKey(leaf);

        // Schannel refuses a key that was never in a key store, which a round trip through PKCS#12 gives it.
        return new X509Certificate2(withKey.Export(X509ContentType.Pkcs12), (string?)null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>Issues a client certificate: Kubernetes reads the user from the common name and the groups from the organisations.</summary>
    public ClientCredential IssueClient(string user, params string[] groups)
    {
        using var leaf = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name(user, groups), leaf, HashAlgorithmName.SHA256);
        AddLeafExtensions(request, "1.3.6.1.5.5.7.3.2");
        using var issued = Sign(request, LeafLifetime);
        return new ClientCredential(Pem(issued), leaf.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        key.Dispose();
    }

    private static void AddLeafExtensions(CertificateRequest request, string usage)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
    }

    private X509Certificate2 Sign(CertificateRequest request, TimeSpan lifetime)
    {
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        var now = DateTimeOffset.UtcNow;
        return request.Create(
            Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - Backdating, now + lifetime, serial);
    }

    private static X500DistinguishedName Name(string? commonName, IReadOnlyList<string> organizations, string? locality = null)
    {
        // The builder writes the last one first: this is the order O, CN, L of Istio's own certificates.
        var name = new X500DistinguishedNameBuilder();
        if (locality is not null)
        {
            name.AddLocalityName(locality);
        }

        if (commonName is not null)
        {
            name.AddCommonName(commonName);
        }

        foreach (var organization in organizations)
        {
            name.AddOrganizationName(organization);
        }

        return name.Build();
    }

    private static string Pem(X509Certificate2 certificate) =>
        string.Create(CultureInfo.InvariantCulture, $"{certificate.ExportCertificatePem()}\n");
}
