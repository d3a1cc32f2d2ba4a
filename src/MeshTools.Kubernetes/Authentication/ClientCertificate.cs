using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MeshTools.Kubernetes;

/// <summary>A client certificate with its key and the intermediates that are sent along.</summary>
internal sealed class ClientCertificate
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _intermediates;
    private SslStreamCertificateContext? _context;

    internal ClientCertificate(X509Certificate2 certificate, X509Certificate2Collection intermediates)
    {
        _certificate = certificate;
        _intermediates = intermediates;
    }

    /// <summary>Built once: it holds the handle that each handshake would otherwise make again.</summary>
    internal SslStreamCertificateContext GetContext() =>
        _context ??= SslStreamCertificateContext.Create(_certificate, _intermediates, offline: true);

    /// <summary>Reads a certificate chain and a key, both PEM.</summary>
    /// <exception cref="CredentialException">They cannot be read, or do not belong together.</exception>
    internal static ClientCertificate FromPem(byte[] certificatePem, byte[] keyPem, string origin)
    {
        try
        {
            var certificateText = Encoding.UTF8.GetString(certificatePem);
            var certificate = X509Certificate2.CreateFromPem(certificateText, Encoding.UTF8.GetString(keyPem));
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificateText);
            if (chain.Count > 0)
                chain.RemoveAt(0);
            return new ClientCertificate(Persist(certificate), chain);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // The message of a parser error never quotes the key.
            throw new CredentialException($"the client certificate and key of {origin} cannot be used: {e.Message}", e);
        }
    }

    private static X509Certificate2 Persist(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
            return certificate;

        // Windows' TLS cannot use keys that live only in memory.
        using (certificate)
            return new X509Certificate2(certificate.Export(X509ContentType.Pkcs12));
    }
}
