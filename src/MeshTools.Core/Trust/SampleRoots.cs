using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Trust;

/// <summary>
/// The roots of <c>samples/certs</c> in the Istio repository, whose private keys anybody can download: every version that the repository has had of
/// <c>root-cert.pem</c>, <c>root-cert-alt.pem</c> and of the roots in <c>root-cert-combined-2.pem</c> as far as they are known, by the SHA-256 of their DER.
/// </summary>
internal static class SampleRoots
{
    private static readonly HashSet<string> s_fingerprints = new(StringComparer.Ordinal)
    {
        "63:72:7A:17:85:CA:B4:7A:CE:C5:C2:4C:C0:66:9C:20:82:4E:8A:E1:AC:28:07:9A:4D:2F:8C:83:05:92:E7:B0", // 2018, OU=Test
        "99:5E:14:00:33:5A:AA:F3:B7:0D:AD:F1:6E:73:4F:CC:6F:E7:43:83:15:97:C4:F5:A2:D8:03:2C:46:7C:EE:DC", // 2024, OU=Test
        "13:13:A3:55:1F:A1:E9:3C:91:23:55:C7:41:52:BB:0C:2C:40:6F:4F:8B:D4:37:F3:43:A1:44:F4:68:83:7A:47", // 2021, alt
        "11:C9:20:2C:6B:E8:EA:5F:CF:B4:6D:85:91:A8:CF:83:B2:0E:B9:7A:DE:97:23:48:40:85:1A:F8:76:3A:E4:28", // December 2023, alt
        "2D:DF:E1:A9:4B:5B:07:64:97:B7:73:92:D9:A7:D1:5F:65:76:B7:2F:05:AA:61:1A:A3:B4:F0:28:D1:4D:8B:87", // 2020
        "E5:CC:55:1E:46:8F:D6:47:EC:E4:96:72:27:55:BF:7A:72:9A:DB:62:05:B1:14:CB:D0:6B:91:8C:E2:B4:BB:57", // February 2023, alt
    };

    internal static bool Contains(X509Certificate2 certificate) => s_fingerprints.Contains(MeshCertificate.FingerprintOf(certificate)) || HasSampleSubject(certificate);

    // Later versions are made by the same script with the same subject, which nobody else has reason to use.
    private static bool HasSampleSubject(X509Certificate2 certificate) =>
        certificate.Subject.Contains("testrootca@istio.io", StringComparison.OrdinalIgnoreCase);
}
