using FsCheck;
using FsCheck.Fluent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshTools.Trust;
using Xunit;

namespace MeshTools.Tests.Trust;

/// <summary>Random chains, most of them broken in some way: what is accepted here, openssl accepts.</summary>
public sealed class ChainPropertyTests
{
    [SkippableFact]
    public void What_is_accepted_openssl_verifies()
    {
        OpenSsl.Require();
        var accepted = 0;
        var links = Gen.Choose(0, 63).ListOf(3);
        var property = Prop.ForAll(links.Select(list => list.ToArray()).ToArbitrary(), Gen.Choose(0, 15).ToArbitrary(), (choices, layout) =>
        {
            using var folder = new CertificateFolder();
            var chain = Chain(choices);
            folder.Write("ca-cert.pem", chain[0].ExportCertificatePem());
            folder.Write("root-cert.pem", chain[layout % 4 == 3 ? chain.Count - 2 : chain.Count - 1].ExportCertificatePem());
            var between = layout / 4 == 3 ? chain.Take(1) : chain.AsEnumerable().Reverse();
            folder.Write("cert-chain.pem", string.Concat(between.Select(certificate => certificate.ExportCertificatePem() + "\n")));
            using var key = chain[0].GetECDsaPrivateKey()!;
            folder.Write("ca-key.pem", key.ExportPkcs8PrivateKeyPem());
            using var read = folder.ReadFour();
            if (CertificateCheck.Problems(read, "x", DateTimeOffset.UtcNow).Count > 0)
                return true;
            accepted++;
            // Both what was given and what would be installed.
            folder.Write("installed-chain.pem", read.ChainToPem());
            return new[] { "cert-chain.pem", "installed-chain.pem" }.All(name =>
                OpenSsl.Run("verify", "-trusted", folder["root-cert.pem"], "-untrusted", folder[name], folder["ca-cert.pem"]).Code == 0);
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(1, 3), property);
        Assert.InRange(accepted, 1, 59);
    }

    // From the signing certificate up to the root. Each number breaks its certificate in its own way, or not at all.
    private static List<X509Certificate2> Chain(int[] choices)
    {
        var now = DateTimeOffset.UtcNow;
        var chain = new List<X509Certificate2>();
        X509Certificate2? issuer = null;
        for (var i = choices.Length - 1; i >= 0; i--)
        {
            var choice = choices[i];
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN=link {i}", key, HashAlgorithmName.SHA256);
            var isAuthority = choice % 16 != 1;
            if (choice % 16 != 2)
                request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, isAuthority && choice % 8 == 3, isAuthority && choice % 8 == 3 ? i == 0 ? 0 : choice % 3 : 0, true));
            if (choice % 4 != 0)
                request.CertificateExtensions.Add(new X509KeyUsageExtension(choice % 16 == 5 ? X509KeyUsageFlags.DigitalSignature : X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
            var end = choice % 32 == 7 ? now.AddMinutes(-5) : now.AddDays(30);
            // A neighbour of the same name, but another key, has not signed it.
            using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var signer = issuer is null ? key : choice % 16 == 9 ? other : issuer.GetECDsaPrivateKey()!;
            var certificate = request.Create(issuer?.SubjectName ?? request.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), now.AddHours(-1), end, [1, (byte)(i + 1), 7]);
            issuer = certificate.CopyWithPrivateKey(key);
            chain.Insert(0, issuer);
        }

        return chain;
    }
}
