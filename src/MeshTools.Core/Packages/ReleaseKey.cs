using System.Security.Cryptography;
using MeshTools.Errors;

namespace MeshTools.Packages;

/// <summary>A public key that verifies the signatures of release archives: over SHA-256, ECDSA in DER or RSA with PKCS#1 padding, as <c>openssl dgst -sha256 -sign</c> writes them.</summary>
/// <param name="Name">What it is called in messages: for a key from a file, the beginning of the SHA-256 of it in DER.</param>
/// <param name="SubjectPublicKeyInfo">The key, in DER.</param>
internal sealed record ReleaseKey(string Name, byte[] SubjectPublicKeyInfo)
{
    private const int Largest = 64 * 1024;

    /// <summary>The key with which Google signs the archives of Cloud Service Mesh (page "Download istioctl" of its documentation; the same since 1.6).</summary>
    internal static ReleaseKey Google { get; } = new(
        "Google's release key",
        Convert.FromBase64String("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWZrGCUaJJr1H8a36sG4UUoXvlXvZwQfk16sxprI2gOJ2vFFggdq3ixF2h4qNBt0kI7ciDhgpwS8t+/960IsIgw=="));

    /// <summary>Reads a key.</summary>
    /// <param name="path">A PEM file with <c>BEGIN PUBLIC KEY</c>.</param>
    /// <returns>The key.</returns>
    /// <exception cref="MeshException">There is none in it (<c>PublicKeyInvalid</c>).</exception>
    internal static ReleaseKey Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > Largest)
                throw Invalid(path, "it is too large for a key");
            var text = File.ReadAllText(path);
            // A private key would do, and has no place on a machine that only verifies.
            if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] is not "PUBLIC KEY")
                throw Invalid(path, "it holds no PEM block 'PUBLIC KEY' at its beginning");
            var der = Convert.FromBase64String(text[fields.Base64Data]);
            var key = new ReleaseKey($"key {Convert.ToHexString(SHA256.HashData(der))[..16].ToLowerInvariant()}", der);
            _ = key.Verifies(new byte[SHA256.HashSizeInBytes], []);
            return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            throw Invalid(path, e.Message, e);
        }
    }

    /// <summary>Whether a signature is this key's.</summary>
    /// <param name="hash">The SHA-256 of what is signed.</param>
    /// <param name="signature">The signature.</param>
    /// <returns>Whether it is.</returns>
    internal bool Verifies(byte[] hash, byte[] signature)
    {
        try
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(SubjectPublicKeyInfo, out _);
            return ecdsa.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            // No key of an elliptic curve; then one of RSA, or none at all.
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(SubjectPublicKeyInfo, out _);
            return rsa.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    private static MeshException Invalid(string path, string why, Exception? inner = null) => new(ErrorCatalog.PublicKeyInvalid, $"{path} is no public key that can be used: {why}", path, innerException: inner);
}
