using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Tests.Scenarios;
using MeshTools.Trust;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Trust;

/// <summary>What is found in clusters that share a root, and yet are not as they should be.</summary>
public sealed class TrustFindingTests
{
    private static readonly CertificateInstallationOptions s_forced = new() { Force = true, RestartControlPlane = true, Timeout = TimeSpan.FromSeconds(60) };

    [Theory]
    [InlineData(10, null)]
    [InlineData(19, null)]
    [InlineData(20, "Root CA")]
    public async Task An_end_is_near_within_the_days_asked_for(int days, string? named)
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var clusters = mesh.Load();
        // Neither 19 days from now nor 20, however long the test takes within the day.
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec with { ValidityPeriod = TimeSpan.FromDays(19.5) });
        await InstallAsync(mesh, root, clusters.Take(1));
        var found = (await CheckAsync(mesh, clusters, days)).Where(result => result.Id == "MT303").ToArray();
        Assert.Equal(CheckSeverity.Pass, Assert.Single(found, result => result.Cluster.Name == "lab-2").Severity);
        var own = found.Where(result => result.Cluster.Name == "lab-1").ToArray();
        if (named is null)
        {
            Assert.Equal((CheckSeverity.Pass, $"no certificate ends within {days} days"), (Assert.Single(own).Severity, own[0].Message));
            return;
        }

        // The root and the intermediate, which never outlives it.
        Assert.Equal(2, own.Length);
        Assert.All(own, result => Assert.Equal(CheckSeverity.Warning, result.Severity));
        var ending = Assert.Single(own, result => result.Evidence == root.Fingerprint);
        Assert.Contains(named, ending.Message, StringComparison.Ordinal);
        Assert.Contains($"ends in 19 days, on {root.NotAfter:yyyy-MM-dd}", ending.Message, StringComparison.Ordinal);
        Assert.Contains("Update-MeshCertificate", ending.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_that_has_come_is_an_error()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var clusters = mesh.Load();
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec with { TimeProvider = new PastClock(), ValidityPeriod = TimeSpan.FromDays(30) });
        using var late = CertificateIssuing.CreateIntermediate(root, "lab-1", clusters[0], CertificateFolder.Ec with { TimeProvider = new PastClock(), ValidityPeriod = TimeSpan.FromDays(30) }, mesh.Log);
        // Nobody can install it by now; it was installed when it was young.
        var secret = await clusters[0].Connect().GetAsync(ResourceTypes.Secret, LabMesh.Namespace, "cacerts");
        secret.Json["data"] = Cacerts.Data(late);
        await clusters[0].Connect().UpdateAsync(secret);
        var report = await TrustCheck.RunAsync(clusters, new TrustCheckOptions(), mesh.Log, CancellationToken.None);
        Assert.False(report.IsGood);
        var ended = Assert.Single(report.Results, result => result is { Id: "MT303", Severity: CheckSeverity.Error } && result.Evidence == late.Fingerprint);
        Assert.Contains($"ended on {late.NotAfter:yyyy-MM-dd}", ended.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.example", "", "a.example", "", "")]
    [InlineData("a.example", "b.example", "b.example", "a.example", "")]
    [InlineData("a.example", "b.example", "b.example", "", "lab-2>lab-1")]
    [InlineData("a.example", "", "b.example", "a.example", "lab-1>lab-2")]
    [InlineData("a.example", "", "b.example", "", "lab-1>lab-2 lab-2>lab-1")]
    public async Task Trust_domains_are_accepted_in_both_directions(string domain, string alias, string otherDomain, string otherAlias, string refusing)
    {
        await using var mesh = await LabMesh.StartAsync(2, (number, cluster) => cluster with
        {
            Revision = "asm-1303-1",
            TrustDomain = number == 1 ? domain : otherDomain,
            TrustDomainAliases = (number == 1 ? alias : otherAlias) is { Length: > 0 } other ? [other] : [],
        });
        var found = (await CheckAsync(mesh, mesh.Load(), 30)).Where(result => result.Id == "MT304").ToArray();
        var errors = found.Where(result => result.Severity == CheckSeverity.Error).ToArray();
        Assert.Equal(refusing, string.Join(' ', errors.Select(result => $"{result.Cluster.Name}>{result.Peer?.Name}").Order(StringComparer.Ordinal)));
        Assert.Equal(2 - errors.Length, found.Count(result => result.Severity == CheckSeverity.Pass));
        Assert.All(errors, result =>
        {
            Assert.Contains(result.Cluster.Name == "lab-1" ? otherDomain : domain, result.Message, StringComparison.Ordinal);
            Assert.Contains(domain, result.Evidence, StringComparison.Ordinal);
            Assert.Contains(otherDomain, result.Evidence, StringComparison.Ordinal);
            Assert.Contains("trustDomainAliases", result.Fix, StringComparison.Ordinal);
            Assert.Equal("ConfigMap istio-system/istio-asm-1303-1", result.Object?.ToString());
        });
    }

    [Fact]
    public async Task A_weak_key_is_found()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var clusters = mesh.Load();
        using var key = RSA.Create(1024);
        var request = new CertificateRequest("O=Istio,CN=Weak CA", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddYears(5));
        using var root = new MeshCertificate(made, [], [made], key: null);
        // istiod publishes the weak root beside its own: a mesh in the middle of a rotation.
        var secret = await clusters[0].Connect().GetAsync(ResourceTypes.Secret, LabMesh.Namespace, "cacerts");
        var roots = System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(secret.FindString("data", "root-cert.pem")!));
        secret.Json["data"]!["root-cert.pem"] = Cacerts.Base64(roots + root.ToPem());
        await clusters[0].Connect().UpdateAsync(secret);
        var trust = await ClusterTrust.ReadAsync(clusters[0], LabMesh.Namespace, mesh.Log, CancellationToken.None);
        await ControlPlaneRestart.RunAsync(trust, trust.PluggedIn!.RootFingerprints.ToHashSet(StringComparer.Ordinal), TimeSpan.FromSeconds(60), mesh.Log, CancellationToken.None);
        var found = Assert.Single(await CheckAsync(mesh, clusters, 30), result => result.Id == "MT312");
        Assert.Equal(("lab-1", CheckSeverity.Warning, root.Fingerprint), (found.Cluster.Name, found.Severity, found.Evidence));
        Assert.Contains("Weak CA", found.Message, StringComparison.Ordinal);
        Assert.Contains("1024 bits", found.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<CheckResult>> CheckAsync(LabMesh mesh, IReadOnlyList<MeshCluster> clusters, int days) =>
        (await TrustCheck.RunAsync(clusters, new TrustCheckOptions { WarnDays = days }, mesh.Log, CancellationToken.None)).Results;

    private static async Task InstallAsync(LabMesh mesh, MeshCertificate root, IEnumerable<MeshCluster> clusters)
    {
        foreach (var cluster in clusters)
        {
            using var certificate = CertificateIssuing.CreateIntermediate(root, cluster.Name, cluster, CertificateFolder.Ec, mesh.Log);
            await (await CertificateInstallation.PlanAsync(certificate, cluster, s_forced, mesh.Log, CancellationToken.None)).ExecuteAsync(mesh.Log, CancellationToken.None);
        }
    }

    private sealed class PastClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow.AddDays(-60);
    }
}
