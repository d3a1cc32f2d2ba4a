using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MeshTools.Errors;
using MeshTools.Trust;
using Xunit;

namespace MeshTools.Tests.Trust;

public sealed class BadInputTests : IDisposable
{
    private readonly CertificateFolder _folder = new();
    private readonly MeshCertificate _root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
    private readonly MeshCertificate _good;

    public BadInputTests()
    {
        _good = _folder.Intermediate(_root);
        _folder.Save(_good);
    }

    public void Dispose()
    {
        _root.Dispose();
        _good.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(CertificateKeyAlgorithm.Rsa2048)]
    [InlineData(CertificateKeyAlgorithm.EcdsaP256)]
    public void A_swapped_key(CertificateKeyAlgorithm algorithm)
    {
        using var root = CertificateIssuing.CreateRoot(new CertificateOptions { KeyAlgorithm = algorithm });
        using var one = CertificateIssuing.CreateIntermediate(root, "a", null, new CertificateOptions { KeyAlgorithm = algorithm }, _folder.Log);
        using var other = CertificateIssuing.CreateIntermediate(root, "b", null, new CertificateOptions { KeyAlgorithm = algorithm }, _folder.Log);
        _folder.Save(one);
        _folder.Write("ca-key.pem", other.ExportPrivateKeyPem());
        Assert.Equal(["KeyMismatch"], Problems());
    }

    [Fact]
    public void A_leaf_in_place_of_an_authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signer = (ECDsa)_root.HeldKey().Open();
        var request = new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var leaf = request.Create(_root.X509.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3]);
        _folder.Write("ca-cert.pem", leaf.ExportCertificatePem());
        _folder.Write("cert-chain.pem", leaf.ExportCertificatePem() + "\n" + _root.ToPem());
        _folder.Write("ca-key.pem", key.ExportPkcs8PrivateKeyPem());
        Assert.Equal(["NotACertificateAuthority"], Problems());
    }

    [Fact]
    public void An_expired_one()
    {
        using var read = _folder.ReadFour();
        Assert.Equal(["CertificateOutOfTime"], Problems(read, _good.NotAfter.AddSeconds(1)));
        Assert.Equal(["CertificateOutOfTime"], Problems(read, _good.NotBefore.AddSeconds(-1)));
    }

    [Fact]
    public void Another_root()
    {
        using var other = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        _folder.Write("root-cert.pem", other.ToPem());
        Assert.Equal(["ChainNotTrusted"], Problems());
    }

    [Fact]
    public void The_sample_root_of_the_istio_repository()
    {
        // samples/certs/root-cert.pem of istio/istio since April 2024; a certificate, and as such public.
        var sample = X509Certificate2.CreateFromPem(SampleRoot);
        Assert.True(SampleRoots.Contains(sample));
        Assert.False(SampleRoots.Contains(_root.X509));
        _folder.Write("root-cert.pem", _root.ToPem() + SampleRoot);
        Assert.Equal(["SampleRoot"], Problems());
    }

    [Theory]
    [InlineData("ca-cert.pem")]
    [InlineData("root-cert.pem")]
    [InlineData("cert-chain.pem")]
    [InlineData("ca-key.pem")]
    public void A_truncated_file(string name)
    {
        var text = File.ReadAllText(_folder[name]);
        _folder.Write(name, text[..^60]);
        Assert.Equal("CertificateUnreadable", CertificateFolder.IdOf(() => _folder.ReadFour()));
        _folder.Write(name, "");
        Assert.Equal("CertificateUnreadable", CertificateFolder.IdOf(() => _folder.ReadFour()));
        File.Delete(_folder[name]);
        Assert.Equal("CertificateFileFailed", CertificateFolder.IdOf(() => _folder.ReadFour()));
    }

    [Fact]
    public void Der()
    {
        _folder.Write("ca-cert.pem", _good.X509.RawData);
        Assert.Equal("CertificateNotPem", CertificateFolder.IdOf(() => _folder.ReadFour()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Windows_line_endings_and_byte_order_marks_are_no_harm(bool utf16)
    {
        foreach (var name in new[] { "ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem" })
        {
            var text = File.ReadAllText(_folder[name]).ReplaceLineEndings("\r\n");
            File.WriteAllText(_folder[name], text, utf16 ? Encoding.Unicode : new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        }

        using var read = _folder.ReadFour();
        Assert.Empty(Problems(read, DateTimeOffset.UtcNow));
        Assert.Equal((_good.ToPem(), _good.ChainToPem(), _good.RootToPem()), (read.ToPem(), read.ChainToPem(), read.RootToPem()));
        Assert.Equal(_good.ExportPrivateKeyPem(), read.ExportPrivateKeyPem());
    }

    [Fact]
    public void A_chain_in_any_order_becomes_the_right_one()
    {
        _folder.Write("cert-chain.pem", _root.ToPem() + _good.ToPem());
        using var read = _folder.ReadFour();
        Assert.Equal(_good.ChainToPem(), read.ChainToPem());
        _folder.Write("cert-chain.pem", _root.ToPem());
        using var without = _folder.ReadFour();
        Assert.Equal(_good.ChainToPem(), without.ChainToPem());
    }

    [Fact]
    public void A_protected_key_needs_its_password()
    {
        using var pair = (ECDsa)_good.HeldKey().Open();
        _folder.Write("ca-key.pem", pair.ExportEncryptedPkcs8PrivateKeyPem("correct horse", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        Assert.Equal("KeyPasswordRequired", CertificateFolder.IdOf(() => _folder.ReadFour()));
        Assert.Equal("KeyPasswordWrong", CertificateFolder.IdOf(() => _folder.ReadFour(password: "wrong".ToCharArray())));
        using var read = _folder.ReadFour(password: "correct horse".ToCharArray());
        Assert.Empty(Problems(read, DateTimeOffset.UtcNow));
    }

    [Fact]
    public void A_key_in_the_formats_of_older_openssl()
    {
        using var pair = (ECDsa)_good.HeldKey().Open();
        _folder.Write("ca-key.pem", pair.ExportECPrivateKeyPem());
        Assert.Empty(Problems());
        _folder.Write("ca-key.pem", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        Assert.Equal("KeyFormatUnsupported", CertificateFolder.IdOf(() => _folder.ReadFour()));
    }

    [SkippableFact]
    public void A_key_that_others_may_read_is_worth_a_warning()
    {
        Skip.If(OperatingSystem.IsWindows(), "file modes: Windows has none.");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder["ca-key.pem"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        using var read = _folder.ReadFour();
        Assert.Single(_folder.Log.Warnings, text => text.Contains("chmod 600", StringComparison.Ordinal));
    }

    [Fact]
    public void No_error_shows_a_key()
    {
        var key = Encoding.ASCII.GetString(_good.ExportPrivateKeyPem());
        var secret = key.Split('\n')[1];
        _folder.Write("ca-cert.pem", key);
        _folder.Write("ca-key.pem", key[..^40]);
        foreach (var set in new[] { new CertificateFileSet(_folder["ca-cert.pem"]), new CertificateFileSet(_folder["root-cert.pem"]) { Key = _folder["ca-key.pem"] } })
        {
            var error = Assert.Throws<MeshException>(() => CertificateFiles.Read(set, null, _folder.Log));
            Assert.DoesNotContain(secret[..20], error.ToString(), StringComparison.Ordinal);
        }
    }

    private IEnumerable<string> Problems()
    {
        using var read = _folder.ReadFour();
        return Problems(read, DateTimeOffset.UtcNow);
    }

    private static IEnumerable<string> Problems(MeshCertificate certificate, DateTimeOffset now) =>
        [.. CertificateCheck.Problems(certificate, "lab-1", now).Select(problem => problem.ErrorId)];

    private const string SampleRoot = """
        -----BEGIN CERTIFICATE-----
        MIID+zCCAuOgAwIBAgIUa2k6RWVxHlK1opC/jVlWfWFHiUkwDQYJKoZIhvcNAQEL
        BQAwgYsxCzAJBgNVBAYTAlVTMRMwEQYDVQQIDApDYWxpZm9ybmlhMRIwEAYDVQQH
        DAlTdW5ueXZhbGUxDjAMBgNVBAoMBUlzdGlvMQ0wCwYDVQQLDARUZXN0MRAwDgYD
        VQQDDAdSb290IENBMSIwIAYJKoZIhvcNAQkBFhN0ZXN0cm9vdGNhQGlzdGlvLmlv
        MCAXDTI0MDQwMjE2Mjk1MVoYDzIxMjQwMzA5MTYyOTUxWjCBizELMAkGA1UEBhMC
        VVMxEzARBgNVBAgMCkNhbGlmb3JuaWExEjAQBgNVBAcMCVN1bm55dmFsZTEOMAwG
        A1UECgwFSXN0aW8xDTALBgNVBAsMBFRlc3QxEDAOBgNVBAMMB1Jvb3QgQ0ExIjAg
        BgkqhkiG9w0BCQEWE3Rlc3Ryb290Y2FAaXN0aW8uaW8wggEiMA0GCSqGSIb3DQEB
        AQUAA4IBDwAwggEKAoIBAQCxRLoCYbiBw+XQIylXSQF+7sNE2cjMKeljJBuQmuJf
        pq5SI+nZUJhAjlLFgUk916xzBpPHXHuct9yixWa9/BLt0QIMm4VXCEhzPNHDFI4O
        vyWvT2jl07YdH8Snto7q4vlqdfBZZC8YZ9Ubga0rneQYokt+ylyAXyrKWstQVsAp
        iEfVVubo6I4TlcVYr2GwrbmgM9Si28jRenIA0zXhO3pr2Wf+NXs5MYHvQaFdDSAw
        8ESwwXYRP1O/br5xwUeKZxmryAiONUnXbKTJGGaY3CljEOMY04uzFtakRcB96J5G
        Vy5l6wAir5WqOJ1gIRl0yZOrVNzkP27lNmSY9Ct/pD8JAgMBAAGjUzBRMB0GA1Ud
        DgQWBBR8aI2R/S01tY+mSLKDaUNxkehRwDAfBgNVHSMEGDAWgBR8aI2R/S01tY+m
        SLKDaUNxkehRwDAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQCk
        mhEBcLOX7eb88udgoH+ivsCEwZGP9C3EDm/XRwS9qV1DHadih7wTJ3vzkattpM70
        Ney6BcHEbwAtXMeuCQV/yUc1dHTsP91dIULIqOTl9+6G9lvYxuNmpjX65qiMBb/U
        Pd+RQ5a4nN9cdBT9X93yPgVQyJDbs+0rKZ1nVOiOfK7SdxJy52iVZWL6mdLr6qIw
        vLBg2Pt0r6RlnNOU4LGw3eKbUl7lFnbYPZjNyZYk8+QBuileCTOdDWdMybFqHWE+
        bNR1g5r8aJXIn0Qvg27jL+0ZN+lCUS3EpoBdbUFelZlq48hxeXcFFSLe7rqoB4ZH
        c7d8s914uxSggnXtzf6J
        -----END CERTIFICATE-----
        """;
}
