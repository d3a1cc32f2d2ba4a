using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>What is refused before anything is written, and input that cannot be used.</summary>
public sealed class RefusalTests
{
    private static Task<EndpointDiscoveryPlan> PlanAsync(LabMesh mesh, IReadOnlyList<MeshCluster> clusters) =>
        EndpointDiscoveryPlan.CreateAsync(clusters, new EndpointDiscoveryOptions(), mesh.Log, CancellationToken.None);

    [Fact]
    public async Task One_cluster_under_two_contexts_is_refused_and_both_are_named()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var yaml = await File.ReadAllTextAsync(mesh.KubeconfigPath);
        await File.WriteAllTextAsync(mesh.KubeconfigPath, yaml + "- name: again\n  context:\n    cluster: lab-1\n    user: lab-1\n");
        var error = await Assert.ThrowsAsync<MeshException>(() => mesh.PlanAsync());
        Assert.Equal((ErrorCatalog.DuplicateCluster, MeshErrorCategory.InvalidArgument), (error.Definition, error.Definition.Category));
        Assert.Contains("'lab-1'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'again'", error.Message, StringComparison.Ordinal);
        Assert.Equal("again", Assert.IsType<MeshCluster>(error.Target).Name);
        Assert.Equal(0, mesh.Writes());
    }

    [Theory]
    [InlineData("same", "Install one of the control planes")]
    [InlineData("Kubernetes", "istiod uses when it is installed without a cluster ID")]
    public async Task Two_clusters_of_one_id_are_refused_and_both_are_named(string id, string advice)
    {
        await using var mesh = await LabMesh.StartAsync(3, (number, options) => options with { ClusterId = number == 2 ? options.Name : id });
        var error = await Assert.ThrowsAsync<MeshException>(() => mesh.PlanAsync());
        Assert.Equal(ErrorCatalog.DuplicateClusterId, error.Definition);
        Assert.Contains("'lab-1'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'lab-3'", error.Message, StringComparison.Ordinal);
        Assert.Contains(advice, error.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(0, mesh.Writes());
    }

    [Fact]
    public async Task One_cluster_and_no_cluster_are_too_few()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var one = mesh.Load();
        foreach (var (clusters, text) in new (IReadOnlyList<MeshCluster>, string)[] { ([], "no clusters"), (one, "only one cluster (lab-1)"), ([.. one, .. one], "only one cluster") })
        {
            var error = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, clusters));
            Assert.Equal(ErrorCatalog.TooFewClusters, error.Definition);
            Assert.Contains(text, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_secret_is_not_installed_in_its_own_cluster()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var cluster = (await mesh.ProbeAsync())[0];
        var plan = await RemoteSecretPlan.CreateAsync(cluster, new RemoteSecretOptions(), mesh.Log, thorough: false, CancellationToken.None);
        var secret = await plan.ExecuteAsync(mesh.Log, CancellationToken.None);
        var error = await Assert.ThrowsAsync<MeshException>(() => SecretInstallation.PlanAsync(secret, cluster, forceConflicts: false, CancellationToken.None));
        Assert.Equal(ErrorCatalog.RemoteSecretForItself, error.Definition);
    }

    [Fact]
    public async Task What_is_declined_is_not_written()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        var plan = await mesh.PlanAsync();
        var links = await plan.ExecuteAsync(change => change.Cluster.Name != "lab-2", mesh.Log, CancellationToken.None).ToListAsync();
        Assert.Equal(6, links.Count);
        Assert.All(links, link => Assert.Equal(
            link.Reader.Name == "lab-2" || link.Target!.Name == "lab-2" ? (null, "declined") : ((ChangeOutcome?) ChangeOutcome.Created, (string?) null), (link.Change, link.Reason)));
        Assert.Equal(0, mesh[2].Requests.MutatingCount);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = ErrorCatalog.Describe(Assert.Throws<KubeconfigException>(() => ClusterCatalog.Load(["/nowhere/kubeconfig"])));
        Assert.Equal((ErrorCatalog.KubeconfigNotFound, "/nowhere/kubeconfig"), (error.Definition, error.Target));
        Assert.Contains("/nowhere/kubeconfig", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broken_YAML_is_named_with_line_and_column()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await File.WriteAllTextAsync(mesh.KubeconfigPath, "apiVersion: v1\nclusters: [\n");
        var exception = Assert.Throws<KubeconfigException>(() => mesh.Load());
        var error = ErrorCatalog.Describe(exception);
        Assert.Equal((ErrorCatalog.KubeconfigInvalid, mesh.KubeconfigPath), (error.Definition, error.Target));
        Assert.NotNull(exception.Line);
        Assert.NotNull(exception.Column);
        Assert.Contains($"{exception.Line}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_context_lists_those_there_are()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var exception = Assert.Throws<KubeconfigException>(() => ClusterCatalog.Load([mesh.KubeconfigPath], ["lab-9"]));
        Assert.Equal(ErrorCatalog.ContextNotFound, ErrorCatalog.Describe(exception).Definition);
        Assert.Equal(["lab-1", "lab-2"], exception.AvailableContexts);
        Assert.Contains("lab-1, lab-2", exception.Message, StringComparison.Ordinal);
    }
}
