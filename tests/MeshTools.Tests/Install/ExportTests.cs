using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Install;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Install;

public sealed class ExportTests : IAsyncLifetime
{
    private readonly StandIn _standIn = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshtools-export-");
    private LabMesh _lab = null!;
    private MeshCluster _cluster = null!;

    private string Operator => Path.Combine(_folder.FullName, "lab-1", "istio-operator.yaml");

    private string Manifests => Path.Combine(_folder.FullName, "lab-1", "manifests");

    public async Task InitializeAsync()
    {
        _lab = await LabMesh.StartAsync(1, options => options with { ControlPlane = false });
        _cluster = _lab.Load()[0];
    }

    public async Task DisposeAsync()
    {
        await _lab.DisposeAsync();
        _standIn.Dispose();
        _folder.Delete(recursive: true);
    }

    [SkippableFact]
    public async Task It_says_what_an_installation_would_be_given()
    {
        SkipOnWindows();
        var options = new InstallOptions { Options = ["envoy-access-log"], Network = "net", MeshId = "mesh", TrustDomainAliases = ["old.example"] };

        var export = await ExportAsync(options);

        var plan = await InstallPlan.CreateAsync(_cluster, _standIn.Path, options, _lab.Log, CancellationToken.None);
        Assert.Equal(plan.Configuration.ToYaml(), export.Configuration.ToYaml());
        // The tag that an installation gets is in no manifest: injector, validator and Service.
        Assert.Equal(plan.Objects.SkipLast(3).Select(change => $"{change.Object}"), export.Objects!.Skip(1).Select(obj => $"{obj.Reference}"));
        Assert.Equal(("Namespace", LabMesh.Namespace, "net"), (export.Objects![0].Kind, export.Objects[0].Name, export.Objects[0].Labels["topology.istio.io/network"]));
        Assert.Equal(0, _lab.Writes());
    }

    [SkippableFact]
    public async Task What_is_exported_makes_the_control_plane_that_an_installation_makes()
    {
        SkipOnWindows();
        await WriteAsync(await ExportAsync());
        var client = _cluster.Connect();
        foreach (var file in Directory.GetFiles(Manifests).Order(StringComparer.Ordinal))
        {
            var obj = Assert.Single(KubernetesYaml.ReadObjects(await File.ReadAllTextAsync(file)));
            await client.ApplyAsync(obj, new ApplyOptions { FieldManager = "delivery" });
        }

        var installed = Assert.Single(await InstallationCatalog.GetAsync(_cluster, LabMesh.Namespace, _lab.Log, CancellationToken.None));
        Assert.Equal(("1-30-3", "1.30.3"), (installed.Revision, installed.Version));
    }

    [SkippableFact]
    public async Task A_second_export_touches_nothing_not_even_where_git_changed_line_ends()
    {
        SkipOnWindows();
        var first = await WriteAsync(await ExportAsync());
        Assert.Equal(ChangeOutcome.Created, first.Change);
        Assert.Equal(first.Files.Select(file => file.Path), first.Files.Select(file => file.Path).Order(StringComparer.Ordinal));
        await File.WriteAllTextAsync(Operator, (await File.ReadAllTextAsync(Operator)).Replace("\n", "\r\n", StringComparison.Ordinal));
        var then = DateTime.UnixEpoch;
        foreach (var file in first.Files)
            File.SetLastWriteTimeUtc(file.Path, then);

        var second = await WriteAsync(await ExportAsync());

        Assert.Equal(ChangeOutcome.Unchanged, second.Change);
        Assert.All(first.Files, file => Assert.Equal(then, File.GetLastWriteTimeUtc(file.Path)));
        Assert.Equal((await ExportAsync()).ToYaml(), (await ExportAsync()).ToYaml());
    }

    [SkippableFact]
    public async Task Files_that_say_something_else_stay_unless_forced()
    {
        SkipOnWindows();
        await WriteAsync(await ExportAsync());
        var other = await ExportAsync(new InstallOptions { Revision = "next" });
        var mine = Path.Combine(Manifests, "9-mine.yaml");
        await File.WriteAllTextAsync(mine, "# mine\n");
        var before = await File.ReadAllTextAsync(Operator);

        var refused = Assert.Throws<MeshException>(() => ConfigurationFolder.Compare(other, _folder.FullName, force: false));
        Assert.Equal("ConfigurationFileExists", refused.ErrorId);
        Assert.Contains("istio-operator.yaml", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(Operator));

        var written = await WriteAsync(other, force: true);
        Assert.Equal(ChangeOutcome.Updated, written.Change);
        // What both revisions share stays as it is, so that a review shows what is new.
        Assert.Contains(written.Files, file => file.Change is ChangeOutcome.Unchanged && file.Path.Contains("customresourcedefinition", StringComparison.Ordinal));
        Assert.Contains(written.Files, file => file.Change is ChangeOutcome.Removed && file.Path.Contains("istiod-1-30-3", StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.GetFiles(Manifests), file => file.Contains("1-30-3", StringComparison.Ordinal));
        Assert.True(File.Exists(mine));
        Assert.Equal(ChangeOutcome.Unchanged, (await WriteAsync(other)).Change);
    }

    [SkippableFact]
    public async Task A_secret_is_not_written()
    {
        SkipOnWindows();
        var manifest = Path.Combine(_folder.FullName, "rendered.yaml");
        await File.WriteAllTextAsync(manifest, """
            apiVersion: v1
            kind: Secret
            metadata: {name: pull, namespace: istio-system}
            stringData: {password: hunter2}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: "a:b"}
            """);

        var export = await ExportAsync(path: _standIn.Instead("manifest", $"cat '{manifest}'"));
        await WriteAsync(export);

        Assert.Equal(["1-namespace-istio-system.yaml", "3-clusterrole-a_b.yaml", "4-configmap-istio-system.a.yaml"], Directory.GetFiles(Manifests).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("hunter2", export.ToYaml(), StringComparison.Ordinal);
        Assert.Contains(_lab.Log.Warnings, warning => warning.Contains("istio-system/pull", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Without_istioctl_the_release_has_to_be_named()
    {
        SkipOnWindows();
        var options = new InstallOptions { Release = IstioRelease.Parse("1.28.5-asm.12") };

        var export = await ServiceMeshExport.CreateAsync(_cluster, "/no/such/istioctl", options, expand: false, _lab.Log, CancellationToken.None);

        Assert.StartsWith("---\n# Export-ServiceMeshConfiguration: lab-1, release 1.28.5-asm.12, revision asm-1285-12\n# Layers: base, authority IstioCA, authority IstioCA\n", export.ToYaml(), StringComparison.Ordinal);
        Assert.Equal("IstioctlNotFound", (await Assert.ThrowsAsync<MeshException>(() => ExportAsync(path: "/no/such/istioctl"))).ErrorId);
        Assert.Equal("IstioctlVersionWrong", (await Assert.ThrowsAsync<MeshException>(() => ExportAsync(options))).ErrorId);
        Assert.Equal("IstioctlFailed", (await Assert.ThrowsAsync<MeshException>(() => ExportAsync(path: _standIn.Instead("manifest", "echo no; exit 1")))).ErrorId);
    }

    [SkippableFact]
    public async Task A_file_that_cannot_be_written_is_named_and_a_rerun_completes()
    {
        SkipOnWindows();
        var export = await ExportAsync();
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "lab-1"));
        await File.WriteAllTextAsync(Manifests, "in the way");

        var failed = await Assert.ThrowsAsync<MeshException>(() => WriteAsync(export));

        Assert.Equal("ConfigurationFileFailed", failed.ErrorId);
        Assert.Contains(Manifests, failed.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Operator));
        File.Delete(Manifests);
        Assert.Equal(ChangeOutcome.Updated, (await WriteAsync(export)).Change);
        Assert.DoesNotContain(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories), file => Path.GetFileName(file).StartsWith('.'));
    }

    [Fact]
    public void Clusters_that_would_share_a_folder_are_refused()
    {
        var shared = Assert.Throws<MeshException>(() => ConfigurationFolder.RequireApart([_cluster, _cluster with { Name = "LAB-1" }]));
        Assert.Equal("ConfigurationFolderShared", shared.ErrorId);
        ConfigurationFolder.RequireApart([_cluster, _cluster with { Name = "lab-2" }]);
    }

    private Task<ServiceMeshExport> ExportAsync(InstallOptions? options = null, string? path = null) =>
        ServiceMeshExport.CreateAsync(_cluster, path ?? _standIn.Path, options ?? new InstallOptions(), expand: true, _lab.Log, CancellationToken.None);

    private Task<ServiceMeshConfiguration> WriteAsync(ServiceMeshExport export, bool force = false) =>
        ConfigurationFolder.Compare(export, _folder.FullName, force).ExecuteAsync(_ => true, _lab.Log, CancellationToken.None);

    private static void SkipOnWindows() => Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script.");
}
