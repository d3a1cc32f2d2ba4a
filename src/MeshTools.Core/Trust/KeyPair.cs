using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Trust;

/// <summary>Key pairs: RSA (exponent 65537) and ECDSA.</summary>
internal static class KeyPair
{
    private const string EcPublicKey = "1.2.840.10045.2.1";

    internal static AsymmetricAlgorithm Create(CertificateKeyAlgorithm algorithm) => algorithm switch
    {
        CertificateKeyAlgorithm.Rsa4096 => RSA.Create(4096),
        CertificateKeyAlgorithm.Rsa2048 => RSA.Create(2048),
        CertificateKeyAlgorithm.EcdsaP256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        CertificateKeyAlgorithm.EcdsaP384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <exception cref="CryptographicException">It is no RSA or EC key.</exception>
    internal static AsymmetricAlgorithm FromPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportPkcs8PrivateKey(pkcs8, out _);
            return rsa;
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
        }

        var ec = ECDsa.Create();
        try
        {
            ec.ImportPkcs8PrivateKey(pkcs8, out _);
            return ec;
        }
        catch (CryptographicException)
        {
            ec.Dispose();
            throw;
        }
    }

    internal static CertificateRequest Request(X500DistinguishedName subject, AsymmetricAlgorithm pair) => pair switch
    {
        RSA rsa => new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        ECDsa ec => new CertificateRequest(subject, ec, HashAlgorithmName.SHA256),
        _ => throw new ArgumentException("neither RSA nor ECDSA", nameof(pair)),
    };

    internal static X509SignatureGenerator Signer(AsymmetricAlgorithm pair) => pair switch
    {
        RSA rsa => X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1),
        ECDsa ec => X509SignatureGenerator.CreateForECDsa(ec),
        _ => throw new ArgumentException("neither RSA nor ECDSA", nameof(pair)),
    };

    /// <summary>Whether a private key belongs to a certificate.</summary>
    internal static bool Matches(AsymmetricAlgorithm pair, X509Certificate2 certificate) =>
        pair.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo()) || SamePoint(pair, certificate);

    /// <summary>For people: <c>RSA 4096</c>, <c>ECDSA P-256</c>, or the algorithm's name.</summary>
    internal static string Describe(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is not null)
            return FormattableString.Invariant($"RSA {rsa.KeySize}");
        using var ec = certificate.PublicKey.Oid.Value is EcPublicKey ? certificate.GetECDsaPublicKey() : null;
        return ec is not null ? FormattableString.Invariant($"ECDSA P-{ec.KeySize}") : certificate.PublicKey.Oid.FriendlyName ?? certificate.PublicKey.Oid.Value ?? "unknown";
    }

    /// <summary>Why a certificate's key or signature is too weak; <see langword="null"/> when it is not.</summary>
    internal static string? Weakness(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is { KeySize: < 2048 })
            return FormattableString.Invariant($"its RSA key has {rsa.KeySize} bits; at least 2048 are needed");
        using var ec = certificate.PublicKey.Oid.Value is EcPublicKey ? certificate.GetECDsaPublicKey() : null;
        if (ec is { KeySize: < 256 })
            return FormattableString.Invariant($"its EC key has {ec.KeySize} bits; at least 256 are needed");
        // md5, md2 and sha1 with RSA; sha1 with ECDSA and DSA.
        return certificate.SignatureAlgorithm.Value is "1.2.840.113549.1.1.2" or "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" or "1.2.840.10040.4.3"
            ? $"it is signed with {certificate.SignatureAlgorithm.FriendlyName}"
            : null;
    }

    // One point may be written compressed or not.
    private static bool SamePoint(AsymmetricAlgorithm pair, X509Certificate2 certificate)
    {
        if (pair is not ECDsa ec || certificate.PublicKey.Oid.Value is not EcPublicKey)
            return false;
        using var other = certificate.GetECDsaPublicKey();
        if (other is null)
            return false;
        var (ours, theirs) = (ec.ExportParameters(includePrivateParameters: false), other.ExportParameters(includePrivateParameters: false));
        return ours.Q.X.AsSpan().SequenceEqual(theirs.Q.X) && ours.Q.Y.AsSpan().SequenceEqual(theirs.Q.Y);
    }
}
