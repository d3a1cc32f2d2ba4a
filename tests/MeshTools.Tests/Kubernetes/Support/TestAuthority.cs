using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Tests.Kubernetes;

/// <summary>A certificate authority for one test.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _certificate;

    internal TestAuthority(string name = "test-ca", TestAuthority? parent = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        if (parent is null)
        {
            _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(1));
            return;
        }

        using var issued = request.Create(parent._certificate, DateTimeOffset.UtcNow.AddDays(-90), DateTimeOffset.UtcNow.AddDays(90), RandomNumberGenerator.GetBytes(12));
        _certificate = issued.CopyWithPrivateKey(key);
    }

    internal string Pem => _certificate.ExportCertificatePem();

    internal X509Certificate2 Certificate => _certificate;

    internal X509Certificate2 IssueServer(params string[] names) => IssueServer(DateTimeOffset.UtcNow.AddDays(30), names);

    internal X509Certificate2 IssueServer(DateTimeOffset notAfter, params string[] names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }

        return Issue("CN=server", "1.3.6.1.5.5.7.3.1", notAfter, alternatives.Build());
    }

    internal X509Certificate2 IssueClient(string user) => Issue($"CN={user}", "1.3.6.1.5.5.7.3.2", DateTimeOffset.UtcNow.AddDays(30), null);

    private X509Certificate2 Issue(string subject, string usage, DateTimeOffset notAfter, X509Extension? alternatives)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        if (alternatives is not null)
            request.CertificateExtensions.Add(alternatives);
        using var issued = request.Create(_certificate, DateTimeOffset.UtcNow.AddDays(-60), notAfter, RandomNumberGenerator.GetBytes(12));
        return issued.CopyWithPrivateKey(key);
    }

    public void Dispose() => _certificate.Dispose();
}
