using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Tests.Lab.Samples;
using MeshTools.Tests.Scenarios;
using MeshTools.Trust;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Trust;

/// <summary>Trust of lab clusters, from their own roots to a shared one, and from that to the next.</summary>
public sealed class MeshTrustTests
{
    private static readonly CertificateInstallationOptions s_restarting = new() { RestartControlPlane = true, Timeout = TimeSpan.FromSeconds(60) };
    private static readonly RootRotationOptions s_rotation = new() { Certificates = CertificateFolder.Ec, Timeout = TimeSpan.FromSeconds(60) };

    [Fact]
    public async Task Three_clusters_get_one_root_and_a_second_run_writes_nothing()
    {
        await using var mesh = await LabMesh.StartAsync(3, options => options with { SharedTrust = false });
        var clusters = mesh.Load();
        Assert.False((await CheckAsync(mesh, clusters)).IsGood);
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        var certificates = clusters.Select(cluster => CertificateIssuing.CreateIntermediate(root, cluster.Name, cluster, CertificateFolder.Ec, mesh.Log)).ToArray();

        var first = await InstallAsync(mesh, certificates, s_restarting);
        Assert.All(first, result => Assert.Equal((ChangeOutcome.Created, true, false), (result.Change, result.Restarted, result.RestartRequired)));
        foreach (var cluster in clusters)
        {
            var secret = await cluster.Connect().GetAsync(ResourceTypes.Secret, "istio-system", "cacerts");
            Assert.Equal(["ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"], secret.Json["data"]!.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal));
        }

        var report = await CheckAsync(mesh, clusters);
        Assert.True(report.IsGood, string.Join('\n', report.Results));
        var writes = mesh.Writes();
        Assert.All(await InstallAsync(mesh, certificates, s_restarting), result => Assert.Equal((ChangeOutcome.Unchanged, false), (result.Change, result.Restarted)));
        Assert.Equal(writes, mesh.Writes());
        Assert.Empty(mesh.Log.Failures);

        // One cluster gets another root: refused without force, and then named with both fingerprints and the fix.
        using var other = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        using var foreign = CertificateIssuing.CreateIntermediate(other, clusters[2].Name, clusters[2], CertificateFolder.Ec, mesh.Log);
        var refused = await Assert.ThrowsAsync<MeshException>(() => InstallAsync(mesh, [foreign], s_restarting));
        Assert.Equal("CacertsDiffer", refused.ErrorId);
        Assert.Equal("RootsDiffer", (await Assert.ThrowsAsync<MeshException>(() => InstallAsync(mesh, [certificates[0], foreign], s_restarting with { Force = true }))).ErrorId);
        Assert.Equal(writes, mesh.Writes());
        await InstallAsync(mesh, [foreign], s_restarting with { Force = true });
        var broken = Assert.Single((await CheckAsync(mesh, clusters)).Results, result => result is { Id: "MT301", Severity: CheckSeverity.Error });
        Assert.Equal(("lab-3", "lab-1"), (broken.Cluster.Name, broken.Peer?.Name));
        Assert.Contains(root.Fingerprint, broken.Evidence, StringComparison.Ordinal);
        Assert.Contains(other.Fingerprint, broken.Evidence, StringComparison.Ordinal);
        Assert.Contains("Install-MeshCertificate", broken.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_istiod_has_not_read_is_found()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var clusters = mesh.Load();
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        using var certificate = CertificateIssuing.CreateIntermediate(root, "lab-1", clusters[0], CertificateFolder.Ec, mesh.Log);
        var result = Assert.Single(await InstallAsync(mesh, [certificate], new CertificateInstallationOptions { Force = true }));
        Assert.Equal((ChangeOutcome.Updated, false, true), (result.Change, result.Restarted, result.RestartRequired));
        Assert.Contains((await CheckAsync(mesh, clusters)).Results, found => found is { Id: "MT302", Severity: CheckSeverity.Error });

        // A second run finds the Secret as it should be, and the istiod that still has to read it.
        Assert.Equal((ChangeOutcome.Unchanged, true), await InstallAsync(mesh, [certificate], s_restarting) is [var again] ? (again.Change, again.Restarted) : default);
        Assert.True((await CheckAsync(mesh, clusters)).IsGood);
        var installed = await InstalledCertificate.FindAsync(clusters[0], "istio-system", mesh.Log, CancellationToken.None);
        Assert.Equal([certificate.Fingerprint, root.Fingerprint], installed.Select(found => found.Fingerprint));
        Assert.All(installed, found => Assert.Equal((CertificateAuthorityKind.PluggedIn, false), (found.Authority, found.Certificate!.HasPrivateKey)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_rotation_takes_three_steps_and_every_cluster_trusts_every_other_at_each(bool shared)
    {
        await using var mesh = await LabMesh.StartAsync(2, options => options with { SharedTrust = shared });
        var clusters = mesh.Load();
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        foreach (var expected in new[] { RotationStep.CombineRoots, RotationStep.ReplaceIntermediates, RotationStep.DropOldRoots })
        {
            var rotation = await RootRotation.PlanAsync(clusters, root, s_rotation, mesh.Log, CancellationToken.None);
            Assert.Equal(expected, rotation.Step);
            var results = await rotation.ExecuteAsync(mesh.Log, CancellationToken.None);
            Assert.Empty(mesh.Log.Failures.Select(failure => failure.Error.ToString()));
            Assert.Equal(2, results.Count);
            var report = await CheckAsync(mesh, clusters);
            Assert.True(report.IsGood, string.Join('\n', report.Results));
        }

        var writes = mesh.Writes();
        var done = await RootRotation.PlanAsync(clusters, root, s_rotation, mesh.Log, CancellationToken.None);
        Assert.Equal(RotationStep.Complete, done.Step);
        Assert.All(await done.ExecuteAsync(mesh.Log, CancellationToken.None), result => Assert.Equal([root.Fingerprint], result.RootFingerprints));
        Assert.Equal(writes, mesh.Writes());
        Assert.Empty(mesh.Log.Failures);
    }

    [Fact]
    public async Task No_sample_call_fails_during_a_rotation()
    {
        await using var lab = await SampleLab.StartAsync(2);
        using var folder = new CertificateFolder();
        var clusters = ClusterCatalog.Load([folder.Write("lab.yaml", lab.KubeconfigYaml)]);
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        for (var step = RotationStep.CombineRoots; step != RotationStep.Complete; step++)
        {
            var rotation = await RootRotation.PlanAsync(clusters, root, s_rotation, folder.Log, CancellationToken.None);
            Assert.Equal(step, rotation.Step);
            var running = rotation.ExecuteAsync(folder.Log, CancellationToken.None);
            do
                await CallAsync();
            while (!running.IsCompleted);
            Assert.Equal(2, (await running).Count);
            // Workloads renew, one after the other.
            foreach (var cluster in lab.Clusters)
            {
                await CallTests.RestartAsync(cluster, "helloworld", "helloworld-v" + (cluster.Index + 1));
                await CallAsync();
                await CallTests.RestartAsync(cluster, "curl", "curl");
                await CallAsync();
            }
        }

        Assert.Empty(folder.Log.Failures);
        Assert.All(lab.Clusters, cluster => Assert.Equal(root.ToPem().Trim(), cluster.MeshRootPem?.Trim()));

        async Task CallAsync()
        {
            foreach (var source in lab.Clusters)
                Assert.All((await SampleLab.AnswersAsync(source, 2)).Split(' '), answer => Assert.Matches("^v[12]$", answer));
        }
    }

    [Fact]
    public async Task A_step_does_not_start_before_the_last_is_seen()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var clusters = mesh.Load();
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        var first = await RootRotation.PlanAsync(clusters, root, s_rotation, mesh.Log, CancellationToken.None);
        await first.ExecuteAsync(mesh.Log, CancellationToken.None);
        // Somebody writes the Secret again after istiod has read it: nobody knows what the next istiod will say.
        var secret = await clusters[1].Connect().GetAsync(ResourceTypes.Secret, "istio-system", "cacerts");
        using var stray = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        var roots = System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(secret.FindString("data", "root-cert.pem")!)) + stray.ToPem();
        secret.Json["data"]!["root-cert.pem"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(roots));
        await clusters[1].Connect().UpdateAsync(secret);
        var writes = mesh.Writes();
        var early = await Assert.ThrowsAsync<MeshException>(() => RootRotation.PlanAsync(clusters, root, s_rotation, mesh.Log, CancellationToken.None));
        Assert.Equal("RotationNotReady", early.ErrorId);
        Assert.Contains("lab-2", early.Message, StringComparison.Ordinal);
        Assert.Equal(writes, mesh.Writes());
    }

    private static Task<TrustReport> CheckAsync(LabMesh mesh, IReadOnlyList<MeshCluster> clusters) =>
        TrustCheck.RunAsync(clusters, new TrustCheckOptions(), mesh.Log, CancellationToken.None);

    private static async Task<IReadOnlyList<CertificateInstallationResult>> InstallAsync(
        LabMesh mesh, IReadOnlyList<MeshCertificate> certificates, CertificateInstallationOptions options)
    {
        var plans = new List<CertificateInstallation>();
        foreach (var certificate in certificates)
            plans.Add(await CertificateInstallation.PlanAsync(certificate, certificate.Cluster!, options, mesh.Log, CancellationToken.None));
        CertificateInstallation.RequireOneRoot(plans);
        return await Task.WhenAll(plans.Select(plan => plan.ExecuteAsync(mesh.Log, CancellationToken.None)));
    }
}
