using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using MeshTools.Errors;
using MeshTools.Trust;
using Xunit;

namespace MeshTools.Tests.Trust;

public sealed class IssuingTests : IDisposable
{
    private readonly CertificateFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(CertificateKeyAlgorithm.Rsa4096)]
    [InlineData(CertificateKeyAlgorithm.Rsa2048)]
    [InlineData(CertificateKeyAlgorithm.EcdsaP256)]
    [InlineData(CertificateKeyAlgorithm.EcdsaP384)]
    public void Openssl_accepts_every_generated_file(CertificateKeyAlgorithm algorithm)
    {
        OpenSsl.Require();
        var options = new CertificateOptions { KeyAlgorithm = algorithm };
        using var root = CertificateIssuing.CreateRoot(options);
        using var intermediate = CertificateIssuing.CreateIntermediate(root, "lab-1", null, options, _folder.Log);
        _folder.Save(root);
        _folder.Save(intermediate, "lab-1");

        OpenSsl.Must("verify", "-CAfile", _folder["root-cert.pem"], _folder["root-cert.pem"]);
        OpenSsl.Must("verify", "-x509_strict", "-trusted", _folder["lab-1/root-cert.pem"], "-untrusted", _folder["lab-1/cert-chain.pem"], _folder["lab-1/ca-cert.pem"]);
        foreach (var key in new[] { _folder["root-key.pem"], _folder["lab-1/ca-key.pem"] })
            OpenSsl.Must(algorithm is CertificateKeyAlgorithm.Rsa4096 or CertificateKeyAlgorithm.Rsa2048 ? "rsa" : "ec", "-in", key, "-check", "-noout");
        foreach (var file in new[] { "root-cert.pem", "lab-1/ca-cert.pem", "lab-1/cert-chain.pem", "lab-1/root-cert.pem" })
            OpenSsl.Must("x509", "-in", _folder[file], "-text", "-noout");
        Assert.Equal(root.Fingerprint, OpenSsl.Must("x509", "-in", _folder["root-cert.pem"], "-noout", "-fingerprint", "-sha256").Trim().Split('=')[1]);
        Assert.Equal(File.ReadAllText(_folder["lab-1/ca-cert.pem"]) + File.ReadAllText(_folder["root-cert.pem"]), File.ReadAllText(_folder["lab-1/cert-chain.pem"]));
    }

    [SkippableFact]
    public void The_set_is_what_the_makefile_makes()
    {
        OpenSsl.Require();
        // The commands of tools/certs/common.mk and Makefile.selfsigned.mk, with its configuration files.
        var rootConf = _folder.Write("root-ca.conf", """
            [ req ]
            encrypt_key = no
            prompt = no
            utf8 = yes
            default_md = sha256
            default_bits = 4096
            req_extensions = req_ext
            x509_extensions = req_ext
            distinguished_name = req_dn
            [ req_ext ]
            subjectKeyIdentifier = hash
            basicConstraints = critical, CA:true
            keyUsage = critical, digitalSignature, nonRepudiation, keyEncipherment, keyCertSign
            [ req_dn ]
            O = Istio
            CN = Root CA
            """);
        var conf = _folder.Write("intermediate.conf", """
            [ req ]
            encrypt_key = no
            prompt = no
            utf8 = yes
            default_md = sha256
            default_bits = 4096
            req_extensions = req_ext
            x509_extensions = req_ext
            distinguished_name = req_dn
            [ req_ext ]
            subjectKeyIdentifier = hash
            basicConstraints = critical, CA:true, pathlen:0
            keyUsage = critical, digitalSignature, nonRepudiation, keyEncipherment, keyCertSign
            subjectAltName=@san
            [ san ]
            DNS.1 = istiod.istio-system.svc
            [ req_dn ]
            O = Istio
            CN = Intermediate CA
            L = lab-1
            """);
        OpenSsl.Must("genrsa", "-out", _folder["k.pem"], "4096");
        OpenSsl.Must("req", "-sha256", "-new", "-key", _folder["k.pem"], "-config", rootConf, "-out", _folder["root.csr"]);
        OpenSsl.Must("x509", "-req", "-sha256", "-days", "3650", "-signkey", _folder["k.pem"], "-extensions", "req_ext", "-extfile", rootConf, "-in", _folder["root.csr"], "-out", _folder["theirs-root.pem"]);
        OpenSsl.Must("req", "-sha256", "-new", "-config", conf, "-key", _folder["k.pem"], "-out", _folder["ca.csr"]);
        OpenSsl.Must("x509", "-req", "-sha256", "-days", "3650", "-CA", _folder["theirs-root.pem"], "-CAkey", _folder["k.pem"], "-CAcreateserial", "-extensions", "req_ext", "-extfile", conf, "-in", _folder["ca.csr"], "-out", _folder["theirs-ca.pem"]);
        using var root = CertificateIssuing.CreateRoot(new CertificateOptions());
        using var ca = CertificateIssuing.CreateIntermediate(root, "lab-1", null, new CertificateOptions(), _folder.Log);

        foreach (var (theirs, ours) in new[] { (X509Certificate2.CreateFromPem(File.ReadAllText(_folder["theirs-root.pem"])), root.X509), (X509Certificate2.CreateFromPem(File.ReadAllText(_folder["theirs-ca.pem"])), ca.X509) })
        {
            Assert.Equal(theirs.SubjectName.RawData, ours.SubjectName.RawData);
            Assert.Equal(theirs.IssuerName.RawData, ours.IssuerName.RawData);
            Assert.Equal(theirs.Version, ours.Version);
            Assert.Equal(theirs.SignatureAlgorithm.Value, ours.SignatureAlgorithm.Value);
            Assert.Equal(theirs.GetSerialNumber().Length, ours.GetSerialNumber().Length);
            Assert.Equal(theirs.PublicKey.EncodedParameters!.RawData, ours.PublicKey.EncodedParameters!.RawData);
            Assert.Equal(3650, (ours.NotAfter - ours.NotBefore).TotalDays, 3);
            // Identifiers differ with the keys; everything else is the same to the byte, and in the same order. OpenSSL before 3 adds no AKI.
            Assert.Equal(
                theirs.Extensions.Select(Describe).Where(text => !text.StartsWith("2.5.29.35", StringComparison.Ordinal)),
                ours.Extensions.Select(Describe).Where(text => !text.StartsWith("2.5.29.35", StringComparison.Ordinal)));
        }

        var identifier = root.X509.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single();
        var authority = ca.X509.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single();
        Assert.Equal(identifier.SubjectKeyIdentifierBytes.ToArray(), authority.KeyIdentifier!.Value.ToArray());
        Assert.DoesNotContain(root.X509.Extensions, extension => extension.Oid?.Value == "2.5.29.35");

        static string Describe(X509Extension extension) =>
            $"{extension.Oid!.Value} {extension.Critical} {(extension is X509SubjectKeyIdentifierExtension ? "" : Convert.ToHexString(extension.RawData))}";
    }

    [Theory]
    [InlineData("O=Istio, CN=Root CA", "O=Istio, CN=Root CA")]
    [InlineData("C=DE,ST=Hessen, L=Frankfurt, O=Größe, OU=a\\,b, CN=x", null)]
    [InlineData("CN=\"a, b\", O=c", null)]
    public void Subjects_keep_their_order(string subject, string? shown)
    {
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec with { Subject = subject });
        if (shown is not null)
            Assert.Equal(shown, root.Subject);
        var tags = new List<UniversalTagNumber>();
        var reader = new AsnReader(root.X509.SubjectName.RawData, AsnEncodingRules.DER).ReadSequence();
        while (reader.HasData)
        {
            var pair = reader.ReadSetOf().ReadSequence();
            var oid = pair.ReadObjectIdentifier();
            tags.Add((UniversalTagNumber)pair.PeekTag().TagValue);
            Assert.Equal(oid == "2.5.4.6" ? UniversalTagNumber.PrintableString : UniversalTagNumber.UTF8String, tags[^1]);
        }

        Assert.NotEmpty(tags);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Root CA")]
    [InlineData("X=y")]
    [InlineData("C=Germany")]
    [InlineData("CN=\"open")]
    [InlineData("CN=")]
    public void Subjects_that_cannot_be_read_are_refused(string subject) =>
        Assert.Equal("SubjectInvalid", CertificateFolder.IdOf(() => CertificateIssuing.CreateRoot(CertificateFolder.Ec with { Subject = subject })));

    [Fact]
    public void An_intermediate_never_outlives_its_root()
    {
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec with { ValidityPeriod = TimeSpan.FromDays(90) });
        using var intermediate = _folder.Intermediate(root);
        Assert.Equal(root.NotAfter, intermediate.NotAfter);
        Assert.Single(_folder.Log.Warnings, text => text.Contains("ends with its root", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void A_request_is_signed_on_another_machine()
    {
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        using var request = MeshCertificateRequest.Create("lab-1", CertificateFolder.Ec);
        CertificateFiles.Write(CertificateFile.Of(request, _folder.Path), overwrite: false);
        using var read = MeshCertificateRequest.Read(File.ReadAllBytes(_folder["ca-cert.csr"]), "ca-cert.csr");
        using var signed = CertificateIssuing.SignRequest(root, read, new CertificateOptions(), _folder.Log);
        Assert.Equal(("lab-1", "O=Istio, CN=Intermediate CA, L=lab-1", false), (read.Name, signed.Subject, signed.HasPrivateKey));
        _folder.Save(signed);

        using var whole = _folder.ReadFour();
        Assert.Empty(CertificateCheck.Problems(whole, "lab-1", DateTimeOffset.UtcNow));
        OpenSsl.Require();
        OpenSsl.Must("req", "-in", _folder["ca-cert.csr"], "-verify", "-noout");
        OpenSsl.Must("verify", "-trusted", _folder["root-cert.pem"], "-untrusted", _folder["cert-chain.pem"], _folder["ca-cert.pem"]);
    }

    [Fact]
    public void Only_an_authority_with_its_key_signs()
    {
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        using var intermediate = _folder.Intermediate(root);
        Assert.Equal("NotACertificateAuthority", CertificateFolder.IdOf(() => _folder.Intermediate(intermediate)));
        Assert.Equal("PrivateKeyNotHeld", CertificateFolder.IdOf(() => _folder.Intermediate(new MeshCertificate(root.X509, [], [root.X509], null))));
    }

    [Fact]
    public void Disposing_clears_the_key()
    {
        var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        var key = root.Key!;
        Assert.Contains(key.Bytes.ToArray(), value => value != 0);
        root.Dispose();
        Assert.All(key.Bytes.ToArray(), value => Assert.Equal(0, value));
        Assert.False(root.HasPrivateKey);
        Assert.Equal("PrivateKeyNotHeld", CertificateFolder.IdOf(() => root.ExportPrivateKeyPem()));
    }

    [Fact]
    public void Files_are_private_from_the_first_byte_and_never_overwritten_unasked()
    {
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        CertificateFiles.Write(CertificateFile.Of(root, _folder.Path), overwrite: false);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["root-key.pem"]));
        var before = File.ReadAllBytes(_folder["root-key.pem"]);
        File.Delete(_folder["root-cert.pem"]);
        using var other = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        Assert.Equal("CertificateFileExists", CertificateFolder.IdOf(() => CertificateFiles.Write(CertificateFile.Of(other, _folder.Path), overwrite: false)));
        Assert.Equal(before, File.ReadAllBytes(_folder["root-key.pem"]));
        Assert.Equal(["root-key.pem"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        CertificateFiles.Write(CertificateFile.Of(other, _folder.Path), overwrite: true);
        Assert.NotEqual(before, File.ReadAllBytes(_folder["root-key.pem"]));
    }
}
