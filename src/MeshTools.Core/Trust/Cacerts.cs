using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Trust;

/// <summary>
/// The Secrets in which istiod finds its signing certificate: <c>cacerts</c>, plugged in by somebody, and <c>istio-ca-secret</c>, its own
/// (istio security/pkg/pki/ca/ca.go; pilot/pkg/bootstrap/istio_ca.go).
/// </summary>
internal static class Cacerts
{
    internal const string Name = "cacerts";
    internal const string SelfSignedName = "istio-ca-secret";
    internal const string CertificateKey = "ca-cert.pem";
    internal const string KeyKey = "ca-key.pem";
    internal const string ChainKey = "cert-chain.pem";
    internal const string RootKey = "root-cert.pem";

    /// <summary>The key by which istiod marks a <c>cacerts</c> that it wrote itself, which is then not a plugged-in one.</summary>
    internal const string GeneratedKey = "istio-generated";

    /// <summary>The Secret, with exactly the four keys that istiod reads.</summary>
    internal static KubernetesObject Manifest(MeshCertificate certificate, string ns)
    {
        var secret = KubernetesObject.Create("v1", "Secret", Name, ns);
        secret.Json["type"] = "Opaque";
        secret.Json["data"] = Data(certificate);
        return secret;
    }

    internal static JsonObject Data(MeshCertificate certificate)
    {
        var key = certificate.ExportPrivateKeyPem();
        try
        {
            return new JsonObject
            {
                [CertificateKey] = Base64(certificate.ToPem()),
                [KeyKey] = Convert.ToBase64String(key),
                [ChainKey] = Base64(certificate.ChainToPem()),
                [RootKey] = Base64(certificate.RootToPem()),
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    internal static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    /// <summary>Reads what a Secret holds, without its key.</summary>
    /// <param name="secret">The Secret.</param>
    /// <param name="problems">Takes what istiod would stumble over.</param>
    /// <returns>The signing certificate; <see langword="null"/> when it cannot be read.</returns>
    internal static MeshCertificate? Read(KubernetesObject secret, ICollection<string> problems)
    {
        var managed = Bytes(secret, "tls.crt") is { Length: > 0 } && Bytes(secret, CertificateKey) is null;
        // A self-signed authority is its own root, and istiod leaves the other keys of its Secret empty.
        var selfSigned = string.Equals(secret.Name, SelfSignedName, StringComparison.Ordinal);
        var own = Certificates(secret, managed ? "tls.crt" : CertificateKey, problems, required: true);
        var chain = managed ? [] : Certificates(secret, ChainKey, problems, required: !selfSigned);
        var roots = Certificates(secret, managed ? "ca.crt" : RootKey, problems, required: !selfSigned);
        if (Bytes(secret, managed ? "tls.key" : KeyKey) is not { Length: > 0 })
            problems.Add($"{secret.Reference}: {(managed ? "tls.key" : KeyKey)} is missing");
        return own.Count == 0 ? null : CertificateFiles.Assemble(own[0], own.Skip(1).Concat(chain), roots, key: null);
    }

    /// <summary>Whether a Secret says the same as a certificate that is to be installed: the same certificates, in any order and layout, and its key.</summary>
    internal static bool Says(KubernetesObject secret, MeshCertificate certificate)
    {
        var problems = new List<string>();
        if (secret.Find("data", GeneratedKey) is not null || secret.Find("data", CertificateKey) is null || Read(secret, problems) is not { } live || problems.Count > 0)
            return false;
        return string.Equals(live.Fingerprint, certificate.Fingerprint, StringComparison.Ordinal)
            && live.Issuers.Select(MeshCertificate.FingerprintOf).ToHashSet(StringComparer.Ordinal).SetEquals(certificate.Issuers.Select(MeshCertificate.FingerprintOf))
            && live.RootFingerprints.ToHashSet(StringComparer.Ordinal).SetEquals(certificate.RootFingerprints)
            && HasKeyOf(secret, live.X509);
    }

    /// <summary>When a Secret's data was written last, as far as its field managers say.</summary>
    internal static DateTimeOffset? WrittenAt(KubernetesObject secret) => (secret.Json.FindArray("metadata", "managedFields") ?? [])
        .Where(entry => entry.Find("fieldsV1", "f:data") is not null)
        .Select(entry => JsonAccess.AsTime(entry.FindString("time")))
        .Append(secret.CreationTimestamp)
        .Max();

    internal static byte[]? Bytes(KubernetesObject secret, string key)
    {
        var text = secret.FindString("data", key);
        if (text is null)
            return null;
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var written) ? buffer[..written] : [];
    }

    private static bool HasKeyOf(KubernetesObject secret, X509Certificate2 certificate)
    {
        var content = Bytes(secret, KeyKey) ?? [];
        try
        {
            using var key = CertificateText.ReadKey(content, KeyKey, password: null);
            using var pair = key.Open();
            return KeyPair.Matches(pair, certificate);
        }
        catch (MeshException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static IReadOnlyList<X509Certificate2> Certificates(KubernetesObject secret, string key, ICollection<string> problems, bool required)
    {
        if (Bytes(secret, key) is not { Length: > 0 } content)
        {
            if (required)
                problems.Add($"{secret.Reference}: {key} is missing");
            return [];
        }

        try
        {
            if (CertificateText.HasByteOrderMark(content))
                problems.Add($"{secret.Reference}: {key} begins with a byte order mark, which istiod cannot read");
            return CertificateText.ReadCertificates(content, $"{secret.Reference}: {key}");
        }
        catch (MeshException e)
        {
            problems.Add(e.Message);
            return [];
        }
    }
}
