using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Lab;

/// <summary>The certificates in a PEM text, in order. What is no certificate, or cannot be read as one, is passed over, as Go's pools do.</summary>
internal static class PemCertificates
{
    public static IReadOnlyList<X509Certificate2> Read(string pem)
    {
        var certificates = new List<X509Certificate2>();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] is "CERTIFICATE")
            {
                try
                {
                    certificates.Add(X509Certificate2.CreateFromPem(rest[fields.Location]));
                }
                catch (CryptographicException)
                {
                    // A block with something else in it.
                }
            }

            rest = rest[fields.Location.End..];
        }

        return certificates;
    }
}
