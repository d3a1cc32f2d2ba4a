using System.Security.Cryptography;

namespace MeshTools.Trust;

/// <summary>
/// A private key (PKCS #8) that no property shows. Its memory does not move, so no copy of it stays behind, and is cleared when it is disposed or, should nobody do
/// that, collected.
/// </summary>
internal sealed class PrivateKeyMemory : IDisposable
{
    private readonly byte[] _pkcs8;
    private bool _cleared;

    private PrivateKeyMemory(byte[] pkcs8) => _pkcs8 = pkcs8;

#pragma warning disable MA0055 // A safe handle cannot own managed memory, and objects in a pipeline are seldom disposed.
    ~PrivateKeyMemory() => Clear();
#pragma warning restore MA0055

    /// <summary>Takes the key of a key pair.</summary>
    internal static PrivateKeyMemory Of(AsymmetricAlgorithm pair)
    {
        // Grown until it fits: the export writes nowhere else.
        for (var size = 4096; ; size *= 2)
        {
            var buffer = GC.AllocateArray<byte>(size, pinned: true);
            if (pair.TryExportPkcs8PrivateKey(buffer, out var written))
            {
                var exact = GC.AllocateArray<byte>(written, pinned: true);
                buffer.AsSpan(0, written).CopyTo(exact);
                CryptographicOperations.ZeroMemory(buffer);
                return new PrivateKeyMemory(exact);
            }
        }
    }

    /// <summary>Whether the memory has been cleared.</summary>
    internal bool IsCleared => _cleared;

    /// <summary>The memory itself, so that tests can see that it is cleared.</summary>
    internal ReadOnlySpan<byte> Bytes => _pkcs8;

    /// <summary>The key pair; the caller disposes it.</summary>
    internal AsymmetricAlgorithm Open()
    {
        ObjectDisposedException.ThrowIf(_cleared, typeof(MeshCertificate));
        return KeyPair.FromPkcs8(_pkcs8);
    }

    /// <summary>The key in PEM (<c>PRIVATE KEY</c>, as OpenSSL 3 writes it), in UTF-8; the caller clears it.</summary>
    internal byte[] ToPem()
    {
        ObjectDisposedException.ThrowIf(_cleared, typeof(MeshCertificate));
        const string Label = "PRIVATE KEY";
        var characters = GC.AllocateArray<char>(PemEncoding.GetEncodedSize(Label.Length, _pkcs8.Length) + 1, pinned: true);
        try
        {
            _ = PemEncoding.TryWrite(Label, _pkcs8, characters, out var written);
            characters[written] = '\n';
            var pem = GC.AllocateArray<byte>(written + 1, pinned: true);
            System.Text.Encoding.ASCII.GetBytes(characters.AsSpan(0, written + 1), pem);
            return pem;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(characters.AsSpan()));
        }
    }

    public void Dispose()
    {
        Clear();
        GC.SuppressFinalize(this);
    }

    private void Clear()
    {
        _cleared = true;
        CryptographicOperations.ZeroMemory(_pkcs8);
    }
}
