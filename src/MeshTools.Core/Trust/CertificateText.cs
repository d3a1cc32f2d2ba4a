using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MeshTools.Errors;

namespace MeshTools.Trust;

/// <summary>
/// Reads certificates and keys as people have them: PEM with any line ending, with or without a byte order mark. What istiod is given is written anew, since its own reader
/// (Go's encoding/pem) skips a first block that follows a byte order mark.
/// </summary>
internal static class CertificateText
{
    private const string CertificateLabel = "CERTIFICATE";

    /// <summary>All certificates of a file, in its order.</summary>
    /// <exception cref="MeshException">There is none, one is damaged, or the file is not PEM.</exception>
    internal static IReadOnlyList<X509Certificate2> ReadCertificates(byte[] content, string source)
    {
        var text = Decode(content, source);
        var certificates = new List<X509Certificate2>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] is CertificateLabel or "X509 CERTIFICATE" or "TRUSTED CERTIFICATE")
                certificates.Add(Certificate(rest[fields.Base64Data], source, certificates.Count + 1));
            rest = rest[fields.Location.End..];
        }

        // What looks like a beginning but was not found has no end, or is no base64.
        var begun = CountOf(text, "-----BEGIN CERTIFICATE-----") + CountOf(text, "-----BEGIN X509 CERTIFICATE-----") + CountOf(text, "-----BEGIN TRUSTED CERTIFICATE-----");
        if (begun > certificates.Count)
            throw Unreadable(source, $"certificate {certificates.Count + 1} of {begun} is cut off or damaged");
        return certificates.Count > 0
            ? certificates
            : throw Unreadable(source, text.Contains("PRIVATE KEY-----", StringComparison.Ordinal) ? "it holds a private key, and no certificate" : "it holds no certificate");
    }

    /// <summary>The private key of a file.</summary>
    /// <param name="content">The file.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <param name="password">The password of an encrypted key.</param>
    /// <exception cref="MeshException">There is none, it is damaged, or the password is missing or wrong.</exception>
    internal static PrivateKeyMemory ReadKey(byte[] content, string source, char[]? password)
    {
        var text = Characters(content, source);
        try
        {
            using var pair = KeyOf(text, source, password);
            return PrivateKeyMemory.Of(pair);
        }
        finally
        {
            Array.Clear(text);
        }
    }

    /// <summary>Whether istiod's own reader would miss the first block of a file.</summary>
    internal static bool HasByteOrderMark(byte[] content) => content is [0xEF, 0xBB, 0xBF, ..] or [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];

    internal static string Decode(byte[] content, string source) => new(Characters(content, source));

    private static char[] Characters(byte[] content, string source)
    {
        if (content.Length == 0)
            throw Unreadable(source, "it is empty");
        // A DER file is one ASN.1 sequence; no text begins like that.
        if (content is [0x30, >= 0x80, ..])
            throw new MeshException(ErrorCatalog.CertificateNotPem, $"{source} is DER, not PEM", source);
        var (encoding, mark) = content switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            _ => (Encoding.UTF8, 0),
        };
        var bytes = content.AsSpan(mark);
        var characters = GC.AllocateArray<char>(encoding.GetCharCount(bytes), pinned: true);
        encoding.GetChars(bytes, characters);
        return characters;
    }

    private static X509Certificate2 Certificate(ReadOnlySpan<char> base64, string source, int number)
    {
        try
        {
            return new X509Certificate2(Convert.FromBase64String(base64.ToString()));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw Unreadable(source, $"certificate {number} is damaged", e);
        }
    }

    private static AsymmetricAlgorithm KeyOf(ReadOnlySpan<char> text, string source, char[]? password)
    {
        var encrypted = text.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
        if (text.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            throw new MeshException(
                ErrorCatalog.KeyFormatUnsupported, $"{source} is encrypted in the old format of OpenSSL (Proc-Type: 4,ENCRYPTED), which is not read", source);
        }

        if (encrypted && password is null)
            throw new MeshException(ErrorCatalog.KeyPasswordRequired, $"{source} is protected by a password, and none was given", source);
        if (!text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw Unreadable(source, "it holds no private key");
        foreach (var algorithm in new AsymmetricAlgorithm[] { RSA.Create(), ECDsa.Create() })
        {
            try
            {
                if (encrypted)
                    algorithm.ImportFromEncryptedPem(text, password);
                else
                    algorithm.ImportFromPem(text);
                return algorithm;
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                algorithm.Dispose();
            }
        }

        // The messages of the framework tell nothing of the key itself, but nothing of use either.
        throw encrypted
            ? new MeshException(ErrorCatalog.KeyPasswordWrong, $"{source} cannot be decrypted: the password is wrong, or the file is damaged", source)
            : Unreadable(source, "its private key is cut off, damaged, or neither RSA nor EC");
    }

    private static int CountOf(string text, string part)
    {
        var count = 0;
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal))
            count++;
        return count;
    }

    private static MeshException Unreadable(string source, string why, Exception? inner = null) =>
        new(ErrorCatalog.CertificateUnreadable, $"{source} cannot be used: {why}", source, innerException: inner);
}
