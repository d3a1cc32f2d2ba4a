using MeshTools.Clusters;
using MeshTools.Fleet;
using MeshTools.Install;
using MeshTools.Lab;
using MeshTools.Requirements;
using MeshTools.Tests.GoogleCloud;
using MeshTools.Tests.Scenarios;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Requirements;

public sealed class RequirementTests
{
    [Fact]
    public async Task On_an_empty_project_everything_that_is_missing_is_named_and_nothing_is_written()
    {
        await using var lab = await GoogleLab.StartAsync();

        var results = await CheckAsync(lab, new CloudWish(GoogleLab.Project));

        Assert.Equal(["MT108", "MT110", "MT111", "MT112", "MT112", "MT113", "MT115", "MT117"], Failed(results));
        Assert.All(results.Where(result => result.Severity == CheckSeverity.Error), result => Assert.NotNull(result.Fix));
        Assert.Equal(0, lab.Google.WriteCount);
        Assert.Equal(0, lab.Mesh.Writes());
    }

    [Fact]
    public async Task After_the_preparation_nothing_is_missing_but_the_namespace()
    {
        await using var lab = await GoogleLab.StartAsync();
        var wish = new CloudWish(GoogleLab.Fleet)
        {
            CertificateAuthority = MeshAuthority.CaService,
            CaPool = "projects/lab-fleet/locations/us-central1/caPools/lab-pool",
            CertificateTemplate = "projects/lab-fleet/locations/us-central1/certificateTemplates/lab-template",
        };
        await lab.PrepareAsync(wish);

        var results = await CheckAsync(lab, wish);

        Assert.Equal(["MT117"], Failed(results));
        Assert.Contains(results, result => result is { Id: "MT123", Severity: CheckSeverity.Pass });
        Assert.Equal(3, results.Count(result => result is { Id: "MT122", Severity: CheckSeverity.Pass }));
    }

    [Fact]
    public async Task Each_missing_role_is_named_with_its_project()
    {
        await using var lab = await GoogleLab.StartAsync(1, new MeshTools.Lab.GoogleCloudOptions { Prepared = true });
        lab.Google.Faults.Deny("meshconfig.");
        lab.Google.Faults.Deny("container.clusterRoleBindings.create");

        var results = await CheckAsync(lab, new CloudWish(GoogleLab.Fleet));

        var roles = results.Where(result => result is { Id: "MT114", Severity: CheckSeverity.Error }).Select(result => result.Message).Order(StringComparer.Ordinal);
        Assert.Equal(
            ["roles/container.admin is missing on project lab-project", "roles/meshconfig.admin is missing on project lab-fleet", "roles/meshconfig.admin is missing on project lab-project"], roles);
        Assert.Contains(results, result => result.Evidence is "missing: meshconfig.projects.init");
    }

    [Fact]
    public async Task A_member_of_another_fleet_is_found()
    {
        await using var lab = await GoogleLab.StartAsync();
        await lab.PrepareAsync(new CloudWish(GoogleLab.Project));

        var results = await CheckAsync(lab, new CloudWish(GoogleLab.Fleet));

        Assert.Contains(results, result => result is { Id: "MT111", Severity: CheckSeverity.Error } && result.Message.Contains("not in the fleet of lab-fleet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cluster_that_is_down_is_one_finding_and_Google_is_still_checked()
    {
        await using var lab = await GoogleLab.StartAsync();
        await lab.Mesh[1].StopListeningAsync();

        var results = await CheckAsync(lab, new CloudWish(GoogleLab.Project));

        Assert.Single(results, result => result is { Id: "MT103", Severity: CheckSeverity.Error });
        Assert.Contains(results, result => result.Id is "MT112");
    }

    [Fact]
    public async Task Without_a_usable_credential_the_cluster_is_still_checked()
    {
        await using var lab = await GoogleLab.StartAsync();
        using var client = lab.Open(options => options with { AccessToken = "wrong" });

        var results = await RequirementCheck.RunAsync([lab.Cluster()], Options(new CloudWish(GoogleLab.Project)), client, lab.Log, CancellationToken.None).ToListAsync();

        Assert.Contains(results, result => result is { Id: "MT102", Severity: CheckSeverity.Error });
        Assert.Contains(results, result => result is { Id: "MT116", Severity: CheckSeverity.Pass });
    }

    [Theory]
    [InlineData("1.28.5-asm.12", "v1.33.5-gke.1", CheckSeverity.Pass)]
    [InlineData("1.28.5-asm.12", "v1.29.1", CheckSeverity.Warning)]
    [InlineData("1.28.5-asm.12", "v1.35.1", CheckSeverity.Warning)]
    [InlineData("1.28.5-asm.12", "v1.24.1", CheckSeverity.Error)]
    [InlineData("1.99.0", "v1.33.5", CheckSeverity.Pass)]
    public async Task The_version_of_Kubernetes_is_compared_with_the_release(string release, string kubernetes, CheckSeverity severity)
    {
        await using var lab = await LabMesh.StartAsync(1, options => options with { ControlPlane = false, ServerVersion = kubernetes });

        var results = await RequirementCheck.RunAsync(lab.Load(), new RequirementOptions { Version = release }, null, lab.Log, CancellationToken.None).ToListAsync();

        Assert.Equal(severity, Assert.Single(results, result => result.Id is "MT104").Severity);
    }

    [Theory]
    [InlineData("1.31.0", CheckSeverity.Pass)]
    [InlineData("1.29.0", CheckSeverity.Error)]
    [InlineData("1.32.0", CheckSeverity.Warning)]
    public async Task Installed_revisions_are_compared_with_the_release(string release, CheckSeverity severity)
    {
        await using var lab = await LabMesh.StartAsync(1);

        var results = await RequirementCheck.RunAsync(lab.Load(), new RequirementOptions { Version = release }, null, lab.Log, CancellationToken.None).ToListAsync();

        Assert.Equal(severity, Assert.Single(results, result => result.Id is "MT118").Severity);
    }

    [Fact]
    public async Task A_control_plane_in_another_namespace_is_found()
    {
        await using var lab = await LabMesh.StartAsync(1);

        var results = await RequirementCheck.RunAsync(lab.Load(), new RequirementOptions { Namespace = "mesh" }, null, lab.Log, CancellationToken.None).ToListAsync();

        Assert.Contains(results, result => result is { Id: "MT119", Severity: CheckSeverity.Error } && result.Object!.Namespace is "istio-system");
        Assert.Contains(results, result => result is { Id: "MT117", Severity: CheckSeverity.Error });
    }

    [Theory]
    [InlineData("e2-standard-4", 4)]
    [InlineData("c3-standard-8-lssd", 8)]
    [InlineData("e2-custom-4-8192", 4)]
    [InlineData("custom-6-8192", 6)]
    [InlineData("e2-medium", 1)]
    [InlineData("a2-highgpu-1g", 1)]
    [InlineData("strange", null)]
    public void Machine_types_tell_their_size(string type, int? cpus) => Assert.Equal(cpus, MachineSize.Cpus(type));

    private static RequirementOptions Options(CloudWish wish) => new() { Cloud = _ => wish, IstioctlPath = "/nonexistent" };

    private static async Task<List<CheckResult>> CheckAsync(GoogleLab lab, CloudWish wish)
    {
        MeshCluster[] clusters = [lab.Cluster()];
        return await RequirementCheck.RunAsync(clusters, Options(wish), lab.Client, lab.Log, CancellationToken.None).ToListAsync();
    }

    private static IEnumerable<string> Failed(IEnumerable<CheckResult> results) => results.Where(result => result.Severity == CheckSeverity.Error).Select(result => result.Id);
}
