using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Lab;

/// <summary>
/// The authority of one istiod: a bundle that was found good (istio security/pkg/pki/util Verify), which signs workload certificates. It
/// never changes; another bundle is another authority. Holds its key as text and so has nothing to give back.
/// </summary>
internal sealed class SigningAuthority
{
    // Workload certificates are valid from a little before they are made, for clocks that are behind (istio security/pkg/pki/ca).
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(2);

    private readonly X509Certificate2 certificate;

    private SigningAuthority(CaBundle bundle, X509Certificate2 certificate, bool watched)
    {
        Bundle = bundle;
        this.certificate = certificate;
        Intermediates = PemCertificates.Read(bundle.Chain);
        Roots = PemCertificates.Read(bundle.Roots);
        IsWatched = watched;
    }

    /// <summary>Where it comes from.</summary>
    public CaBundle Bundle { get; }

    /// <summary>What workloads verify with, PEM.</summary>
    public string RootPem => Bundle.Roots;

    /// <summary>What workloads present besides their own certificate.</summary>
    public IReadOnlyList<X509Certificate2> Intermediates { get; }

    /// <summary>What workloads verify with.</summary>
    public IReadOnlyList<X509Certificate2> Roots { get; }

    /// <summary>Whether istiod follows changes of the Secret.</summary>
    public bool IsWatched { get; }

    /// <summary>When the first root expires.</summary>
    public DateTimeOffset RootExpiry => End(Roots[0]);

    /// <summary>When the first certificate of the chain from the signer on expires.</summary>
    public DateTimeOffset ChainExpiry => Intermediates.Append(certificate).Min(End);

    /// <summary>Checks a bundle as istiod does, in its order.</summary>
    /// <exception cref="CaBundleException">It is refused.</exception>
    public static SigningAuthority Load(CaBundle bundle, bool watched, DateTimeOffset now)
    {
        var signer = PemCertificates.Read(bundle.SigningCertificate) is [var first, ..]
            ? first
            : throw new CaBundleException("failed to parse cert PEM: invalid PEM encoded certificate");
        var authority = new SigningAuthority(bundle, signer, watched);
        if (CertificateChains.Problem(signer, authority.Intermediates, authority.Roots, now) is { } problem)
        {
            throw new CaBundleException($"cannot verify the cert with the provided root chain and cert pool with error: {problem}");
        }

        using var key = Key(bundle.SigningKey);
        if (!key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(signer.PublicKey.ExportSubjectPublicKeyInfo()))
        {
            throw new CaBundleException("the cert does not match the key: tls: private key does not match public key");
        }

        return authority;
    }

    /// <summary>Issues a workload's certificate.</summary>
    /// <param name="trustDomain">The mesh's trust domain.</param>
    /// <param name="namespace">The workload's namespace.</param>
    /// <param name="serviceAccount">The workload's account.</param>
    /// <param name="now">The time it is made.</param>
    /// <param name="lifetime">How long it is good; never longer than its signer.</param>
    public WorkloadCertificate Issue(string trustDomain, string @namespace, string serviceAccount, DateTimeOffset now, TimeSpan lifetime)
    {
        using var leaf = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(string.Empty), leaf, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        var identity = $"spiffe://{trustDomain}/ns/{@namespace}/sa/{serviceAccount}";
        alternatives.AddUri(new Uri(identity));
        request.CertificateExtensions.Add(alternatives.Build(critical: true));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        var end = now + lifetime;
        var signerEnd = End(certificate);
        using var key = Key(Bundle.SigningKey);
        var issued = request.Create(certificate.SubjectName, Generator(key), now - Backdating, end < signerEnd ? end : signerEnd, serial);
        return new WorkloadCertificate(identity, trustDomain, issued, this, now);
    }

    private static DateTimeOffset End(X509Certificate2 one) => new(one.NotAfter.ToUniversalTime());

    private static X509SignatureGenerator Generator(AsymmetricAlgorithm key) => key is RSA rsa
        ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
        : X509SignatureGenerator.CreateForECDsa((ECDsa)key);

    private static AsymmetricAlgorithm Key(string pem)
    {
        foreach (var candidate in (ReadOnlySpan<AsymmetricAlgorithm>)[RSA.Create(), ECDsa.Create()])
        {
            try
            {
                candidate.ImportFromPem(pem);
                return candidate;
            }
            catch (Exception exception) when (exception is CryptographicException or ArgumentException)
            {
                candidate.Dispose();
            }
        }

        throw new CaBundleException("failed to parse private key PEM: invalid PEM-encoded key");
    }
}
