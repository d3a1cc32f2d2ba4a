using System.Diagnostics;
using System.Security.Cryptography;
using MeshTools.Errors;
using MeshTools.Packages;
using Xunit;

namespace MeshTools.Tests.Packages;

public sealed class KeyTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("meshtools-key-");

    public void Dispose() => _home.Delete(recursive: true);

    [SkippableTheory]
    [InlineData("ecparam -name prime256v1 -genkey -noout")]
    [InlineData("ecparam -name secp384r1 -genkey -noout")]
    [InlineData("genrsa 2048")]
    public void What_openssl_signed_verifies_and_nothing_else_does(string generation)
    {
        var (archive, signature) = (PathOf("archive"), PathOf("archive.1.sig"));
        File.WriteAllBytes(archive, RandomNumberGenerator.GetBytes(300_000));
        File.WriteAllText(PathOf("private.pem"), OpenSsl(generation));
        File.WriteAllText(PathOf("public.pem"), OpenSsl($"pkey -in {PathOf("private.pem")} -pubout"));
        OpenSsl($"dgst -sha256 -sign {PathOf("private.pem")} -out {signature} {archive}");

        var key = ReleaseKey.Read(PathOf("public.pem"));

        var (hash, made) = (SHA256.HashData(File.ReadAllBytes(archive)), File.ReadAllBytes(signature));
        Assert.True(key.Verifies(hash, made));
        Assert.False(key.Verifies(SHA256.HashData("other"u8), made));
        Assert.False(ReleaseKey.Google.Verifies(hash, made));
        for (var i = 0; i < made.Length; i += 5)
        {
            byte[] broken = [.. made];
            broken[i] ^= 1;
            Assert.False(key.Verifies(hash, broken));
        }

        Assert.False(key.Verifies(hash, []));
        Assert.False(key.Verifies(hash, [.. made, 0]));
        Assert.False(key.Verifies(hash, made[..^1]));
        Assert.Throws<MeshException>(() => ReleaseKey.Read(PathOf("private.pem")));
    }

    [SkippableFact]
    public void Googles_key_is_the_one_that_its_documentation_prints()
    {
        File.WriteAllText(PathOf("google.pem"), """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWZrGCUaJJr1H8a36sG4UUoXvlXvZ
            wQfk16sxprI2gOJ2vFFggdq3ixF2h4qNBt0kI7ciDhgpwS8t+/960IsIgw==
            -----END PUBLIC KEY-----
            """);

        Assert.Equal(ReleaseKey.Read(PathOf("google.pem")).SubjectPublicKeyInfo, ReleaseKey.Google.SubjectPublicKeyInfo);
        Assert.Contains("prime256v1", OpenSsl($"pkey -pubin -in {PathOf("google.pem")} -text -noout"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nbm8ga2V5\n-----END PUBLIC KEY-----\n")]
    public void What_is_no_key_is_said(string content)
    {
        File.WriteAllText(PathOf("key.pem"), content);

        var error = Assert.Throws<MeshException>(() => ReleaseKey.Read(PathOf("key.pem")));

        Assert.Equal(ErrorCatalog.PublicKeyInvalid, error.Definition);
        Assert.Equal(ErrorCatalog.PublicKeyInvalid, Assert.Throws<MeshException>(() => ReleaseKey.Read(PathOf("absent.pem"))).Definition);
    }

    [Theory]
    [InlineData("mirror/releases")]
    [InlineData("ftp://mirror.example.com/")]
    [InlineData("https://user:secret@mirror.example.com/")]
    [InlineData("https://mirror.example.com/?token=secret")]
    public void What_is_no_source_is_said_without_its_secrets(string address)
    {
        var error = Assert.Throws<MeshException>(() => ReleaseSource.Choose(new Uri(address, UriKind.RelativeOrAbsolute), null, _ => null));

        Assert.Equal(ErrorCatalog.PackageSourceInvalid, error.Definition);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_have_the_addresses_of_the_makers_or_of_the_mirror()
    {
        var makers = ReleaseSource.Choose(null, null, _ => null);
        Assert.Equal("https://storage.googleapis.com/gke-release/asm/istio-1.28.5-asm.12-linux-amd64.tar.gz", Address(makers, "1.28.5-asm.12", "linux-amd64").Address.AbsoluteUri);
        Assert.Equal("https://storage.googleapis.com/gke-release/asm/istio-1.28.5-asm.12-win.zip.1.sig", Address(makers, "1.28.5-asm.12", "win").ProofAddress.AbsoluteUri);
        Assert.Equal("https://github.com/istio/istio/releases/download/1.30.3/istio-1.30.3-osx-arm64.tar.gz.sha256", Address(makers, "1.30.3", "osx-arm64").ProofAddress.AbsoluteUri);
        var mirror = ReleaseSource.Choose(null, null, name => name is ReleaseSource.AddressVariable ? "https://mirror.example.com/asm" : null);
        Assert.Equal("https://mirror.example.com/asm/istio-1.28.5-asm.12-osx.tar.gz", Address(mirror, "1.28.5-asm.12", "osx").Address.AbsoluteUri);
        Assert.Equal("Google's release key", Address(mirror, "1.28.5-asm.12", "osx").Proof.By);
    }

    [Fact]
    public void Unencrypted_is_only_what_is_signed()
    {
        var mirror = ReleaseSource.Choose(new Uri("http://mirror.example.com/"), null, _ => null);

        Assert.NotNull(Address(mirror, "1.28.5-asm.12", "osx"));
        Assert.Equal(ErrorCatalog.PackageSourceInvalid, Assert.Throws<MeshException>(() => Address(mirror, "1.30.3", "osx")).Definition);
    }

    [Theory]
    [InlineData("{0} archive", true)]
    [InlineData("{0}  archive\n", true)]
    [InlineData("{0} *archive\n", true)]
    [InlineData("{0}", true)]
    [InlineData("{0} other", false)]
    [InlineData("{0}00 archive", false)]
    [InlineData("archive {0}", false)]
    [InlineData("", false)]
    public void Checksums_are_read_as_sha256sum_writes_them(string text, bool holds)
    {
        var hash = SHA256.HashData("archive"u8);
        var proof = System.Text.Encoding.UTF8.GetBytes(string.Format(System.Globalization.CultureInfo.InvariantCulture, text, Convert.ToHexString(hash).ToLowerInvariant()));

        Assert.Equal(holds, new ChecksumProof("archive", "example.com").Holds(hash, proof));
        Assert.False(new ChecksumProof("archive", "example.com").Holds(SHA256.HashData("other"u8), proof));
    }

    private static ReleaseArchive Address(ReleaseSource source, string release, string platform) => source.ArchiveOf(MeshTools.Install.IstioRelease.Parse(release), new PackagePlatform(platform));

    private string PathOf(string name) => Path.Combine(_home.FullName, name);

    private static string OpenSsl(string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return text;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Skip.If(true, "openssl: there is none on PATH.");
            throw;
        }
    }
}
