using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Tests.Errors;
using MeshTools.Tests.Scenarios;
using MeshTools.Trust;
using Xunit;

namespace MeshTools.Tests.Trust;

/// <summary>Certificates in three clusters of which the second has a bad day: nothing is silent, and a rerun completes what is left.</summary>
public sealed class TrustFaultTests
{
    private static readonly CertificateInstallationOptions s_restarting = new() { Force = true, RestartControlPlane = true, Timeout = TimeSpan.FromSeconds(60) };
    private static readonly RootRotationOptions s_rotation = new() { Certificates = CertificateFolder.Ec, Timeout = TimeSpan.FromSeconds(60) };

    public static TheoryData<FaultKind, string> BadDays => new()
    {
        { FaultKind.Down, nameof(ErrorCatalog.EndpointUnreachable) },
        { FaultKind.Forbidden, nameof(ErrorCatalog.KubeForbidden) },
    };

    [Theory]
    [MemberData(nameof(BadDays))]
    public async Task A_check_names_the_cluster_that_it_cannot_read_and_proves_nothing(FaultKind kind, string id)
    {
        await using var mesh = await LabMesh.StartAsync(3);
        mesh[2].Faults.Add(Bad(kind, "get"));
        var report = await TrustCheck.RunAsync(mesh.Load(), new TrustCheckOptions(), mesh.Log, CancellationToken.None);
        AssertSaid(Assert.Single(mesh.Log.Failures), id, "get");
        Assert.Equal((false, false), (report.IsComplete, report.IsGood));
        Assert.Equal(["lab-1", "lab-3"], report.Results.Select(result => result.Cluster.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

        mesh[2].Faults.Clear();
        Assert.True((await TrustCheck.RunAsync(mesh.Load(), new TrustCheckOptions(), mesh.Log, CancellationToken.None)).IsGood);
    }

    [Theory]
    [MemberData(nameof(BadDays))]
    public async Task What_a_cluster_trusts_is_an_error_when_it_cannot_be_read(FaultKind kind, string id)
    {
        await using var mesh = await LabMesh.StartAsync(2);
        mesh[2].Faults.Add(Bad(kind, "get"));
        var cluster = mesh.Load()[1];
        var error = await Record.ExceptionAsync(() => InstalledCertificate.FindAsync(cluster, LabMesh.Namespace, mesh.Log, CancellationToken.None));
        AssertSaid((Assert.IsAssignableFrom<KubernetesException>(error), cluster), id, "get");
    }

    [Theory]
    [MemberData(nameof(BadDays))]
    public async Task An_installation_that_is_cut_off_is_completed_by_a_rerun(FaultKind kind, string id)
    {
        await using var mesh = await LabMesh.StartAsync(3);
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        var certificates = mesh.Load().Select(cluster => CertificateIssuing.CreateIntermediate(root, cluster.Name, cluster, CertificateFolder.Ec, mesh.Log)).ToArray();
        var plans = await PlanAsync();
        // Planned in health; the fault comes before the first write.
        mesh[2].Faults.Add(Bad(kind, "update"));
        var changes = await ExecuteAsync(plans);
        AssertSaid(Assert.Single(mesh.Log.Failures), id, "update");
        Assert.Equal("lab-1 Updated, lab-3 Updated", changes);
        mesh[2].Faults.Clear();
        Assert.Equal("lab-1 Unchanged, lab-2 Updated, lab-3 Unchanged", await ExecuteAsync(await PlanAsync()));
        Assert.Single(mesh.Log.Failures);
        Assert.True((await TrustCheck.RunAsync(mesh.Load(), new TrustCheckOptions(), mesh.Log, CancellationToken.None)).IsGood);

        Task<CertificateInstallation[]> PlanAsync() => Task.WhenAll(
            certificates.Select(certificate => CertificateInstallation.PlanAsync(certificate, certificate.Cluster!, s_restarting, mesh.Log, CancellationToken.None)));

        async Task<string> ExecuteAsync(IEnumerable<CertificateInstallation> going)
        {
            var done = await Task.WhenAll(going.Select(async plan =>
            {
                try
                {
                    var result = await plan.ExecuteAsync(mesh.Log, CancellationToken.None);
                    return $"{result.Cluster.Name} {result.Change}";
                }
                catch (KubernetesException e)
                {
                    mesh.Log.Failed(e, plan.Cluster);
                    return null;
                }
            }));
            return string.Join(", ", done.OfType<string>().Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task An_installation_that_is_cut_off_before_the_restart_is_completed_by_a_rerun()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var cluster = mesh.Load()[0];
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        using var certificate = CertificateIssuing.CreateIntermediate(root, "lab-1", cluster, CertificateFolder.Ec, mesh.Log);
        mesh[1].Faults.Add(new Fault(FaultKind.Forbidden) { Verb = "patch", Resource = "deployments" });
        var error = await Assert.ThrowsAsync<KubernetesApiException>(() => InstallAsync());
        Assert.Contains("User \"kubernetes-admin\" cannot patch resource \"deployments\"", error.Message, StringComparison.Ordinal);

        mesh[1].Faults.Clear();
        var result = await InstallAsync();
        Assert.Equal((ChangeOutcome.Unchanged, true, false), (result.Change, result.Restarted, result.RestartRequired));

        async Task<CertificateInstallationResult> InstallAsync() =>
            await (await CertificateInstallation.PlanAsync(certificate, cluster, s_restarting, mesh.Log, CancellationToken.None)).ExecuteAsync(mesh.Log, CancellationToken.None);
    }

    [Theory]
    [MemberData(nameof(BadDays))]
    public async Task A_step_of_a_rotation_is_not_planned_while_a_cluster_cannot_be_read(FaultKind kind, string id)
    {
        await using var mesh = await LabMesh.StartAsync(3);
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        mesh[2].Faults.Add(Bad(kind, "get"));
        var refused = await Assert.ThrowsAsync<MeshException>(() => RootRotation.PlanAsync(mesh.Load(), root, s_rotation, mesh.Log, CancellationToken.None));
        Assert.Equal("RotationNotReady", refused.ErrorId);
        Assert.Contains("lab-2", refused.Message, StringComparison.Ordinal);
        AssertSaid(Assert.Single(mesh.Log.Failures), id, "get");
        Assert.Equal(0, mesh.Writes());
    }

    [Theory]
    [InlineData("update", "secrets")]
    [InlineData("patch", "deployments")]
    public async Task A_step_that_is_cut_off_in_one_cluster_is_done_in_the_rest_and_completed_by_a_rerun(string verb, string resource)
    {
        await using var mesh = await LabMesh.StartAsync(3);
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        var clusters = mesh.Load();
        foreach (var step in new[] { RotationStep.CombineRoots, RotationStep.ReplaceIntermediates, RotationStep.DropOldRoots })
        {
            // The roots that istiod publishes show that it has not read its Secret; an intermediate shows only by whole seconds.
            if (step == RotationStep.ReplaceIntermediates && resource == "deployments")
            {
                Assert.Equal(3, (await ExecuteAsync(step, mesh.Log)).Count);
                continue;
            }

            mesh[2].Faults.Add(new Fault(FaultKind.Forbidden) { Verb = verb, Resource = resource });
            var log = new RecordedLog();
            var results = await ExecuteAsync(step, log);
            Assert.Equal(["lab-1", "lab-3"], results.Select(result => result.Cluster.Name));
            var error = Described.TheOnly(log.Failures, ErrorCatalog.KubeForbidden, "lab-2");
            Assert.Contains($"User \"kubernetes-admin\" cannot {verb} resource \"{resource}\"", error.Message, StringComparison.Ordinal);
            Assert.True((await TrustCheck.RunAsync(clusters, new TrustCheckOptions(), log, CancellationToken.None)).Results
                .All(result => result.Id is not "MT301" || result.Severity != Verify.CheckSeverity.Error), "every cluster still trusts what the others sign with");

            mesh[2].Faults.Clear();
            Assert.Equal(3, (await ExecuteAsync(step, mesh.Log)).Count);
        }

        Assert.Empty(mesh.Log.Failures);
        Assert.True((await TrustCheck.RunAsync(clusters, new TrustCheckOptions(), mesh.Log, CancellationToken.None)).IsGood);

        async Task<IReadOnlyList<RotationResult>> ExecuteAsync(RotationStep step, RecordedLog log)
        {
            var rotation = await RootRotation.PlanAsync(clusters, root, s_rotation, log, CancellationToken.None);
            Assert.Equal(step, rotation.Step);
            return await rotation.ExecuteAsync(log, CancellationToken.None);
        }
    }

    private static Fault Bad(FaultKind kind, string verb) => kind == FaultKind.Down ? new Fault(kind) : new Fault(kind) { Verb = verb, Resource = "secrets" };

    private static void AssertSaid((Exception Error, object? Target) failure, string id, string verb)
    {
        var error = Described.TheOnly([failure], ErrorCatalog.All.Single(definition => definition.Id == id), "lab-2");
        if (error.Definition == ErrorCatalog.KubeForbidden)
            Assert.Contains($"User \"kubernetes-admin\" cannot {verb} resource \"secrets\"", error.Message, StringComparison.Ordinal);
    }
}
