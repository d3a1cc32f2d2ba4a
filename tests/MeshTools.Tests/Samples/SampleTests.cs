using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Samples;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Samples;

/// <summary>The sample comes into the clusters of a lab, and goes again.</summary>
public sealed class SampleTests
{
    private static readonly SampleOptions s_quick = new() { Timeout = TimeSpan.FromSeconds(60), Patience = TimeSpan.FromMilliseconds(200) };

    [Theory]
    [InlineData(SampleClient.Curl, "curl")]
    [InlineData(SampleClient.Sleep, "sleep")]
    public async Task It_runs_in_every_cluster_answers_by_version_and_a_second_run_writes_nothing(SampleClient client, string name)
    {
        await using var mesh = await LabMesh.StartAsync(3);

        var samples = await InstallAsync(mesh, s_quick with { Client = client });

        Assert.Equal(["v1", "v2", "v3"], samples.Select(sample => Assert.Single(sample.Version)));
        Assert.All(samples, sample =>
        {
            Assert.Equal((true, ChangeOutcome.Created, $"app={name}", name, "default"), (sample.Ready, sample.Change, sample.ClientSelector, sample.ClientContainer, sample.Revision));
            Assert.Equal(2, sample.Pods.Count);
            Assert.All(sample.Pods, pod => Assert.EndsWith(" 2/2", pod, StringComparison.Ordinal));
        });
        var writes = mesh.Writes();
        Assert.All(await InstallAsync(mesh, s_quick with { Client = client }), sample => Assert.Equal(ChangeOutcome.Unchanged, sample.Change));
        Assert.Equal(writes, mesh.Writes());
        Assert.Contains("Hello version: v2, instance: helloworld-v2-", await CallAsync(mesh, 2, samples[1]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_comes_later_gets_a_version_of_its_own_and_a_wish_moves_versions()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await InstallAsync(mesh, s_quick, mesh.Load().Take(1));

        var samples = await InstallAsync(mesh, s_quick, mesh.Load().Reverse());
        Assert.Equal(["v1", "v2"], samples.Select(sample => Assert.Single(sample.Version)));

        var moved = await InstallAsync(mesh, s_quick with { Versions = ["a", "b", "c"] });
        Assert.Equal(["a,c", "b"], moved.Select(sample => string.Join(',', sample.Version)));
        Assert.Equal(["curl", "helloworld-a", "helloworld-c"], mesh[1].Store.List("apps", "deployments", "sample").Items.Select(item => item.Key.Name));
    }

    [Fact]
    public async Task Versions_follow_the_names_of_the_clusters_in_whatever_order_they_come_and_one_that_is_down_has_its_turn()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        await mesh[2].StopListeningAsync();

        var samples = await InstallAsync(mesh, s_quick, mesh.Load().Reverse());

        Assert.Equal([("lab-1", "v1"), ("lab-3", "v3")], samples.Select(sample => (sample.Cluster.Name, Assert.Single(sample.Version))).Order());
    }

    [Fact]
    public async Task An_image_or_a_quota_in_the_way_is_named_and_the_other_cluster_goes_on()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        mesh[2].Faults.Add(new Fault(FaultKind.QuotaExceeded) { Resource = "pods" });

        var sample = Assert.Single(await InstallAsync(mesh, s_quick));

        Assert.Equal("lab-1", sample.Cluster.Name);
        var quota = Assert.IsType<MeshException>(Assert.Single(mesh.Log.Failures).Error);
        Assert.Equal(nameof(ErrorCatalog.QuotaExceeded), quota.ErrorId);
        Assert.StartsWith("lab-2: Deployment sample/", quota.Message, StringComparison.Ordinal);
        mesh[2].Faults.Clear();
        Assert.Equal(2, (await InstallAsync(mesh, s_quick with { Patience = TimeSpan.FromSeconds(30) })).Count);

        Assert.Empty(await InstallAsync(mesh, s_quick with { ClientImage = "nowhere.invalid/curl:1" }));
        Assert.Contains(mesh.Log.Failures, failure => failure.Error.Message.Contains("container curl cannot pull image nowhere.invalid/curl:1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_private_registry_takes_a_copied_secret()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var options = s_quick with { HelloWorldImage = "private.invalid/examples-helloworld-v1:1.0", ClientImage = "private.invalid/curl:8", ImagePullSecret = "default/vault" };
        Assert.Empty(await InstallAsync(mesh, options));
        Assert.Equal(nameof(ErrorCatalog.PullSecretNotFound), Assert.IsType<MeshException>(Assert.Single(mesh.Log.Failures).Error).ErrorId);
        var secret = KubernetesObject.Create("v1", "Secret", "vault", "default");
        secret.Json["type"] = "kubernetes.io/dockerconfigjson";
        secret.Json["data"] = new JsonObject { [".dockerconfigjson"] = Convert.ToBase64String("""{"auths":{}}"""u8) };
        await mesh.Client(1).CreateAsync(secret);

        Assert.True(Assert.Single(await InstallAsync(mesh, options)).Ready);
        Assert.NotNull(mesh.Find(1, "secrets", "vault", "sample"));
    }

    [Fact]
    public async Task A_pod_that_was_made_to_opt_out_is_found()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var sample = Assert.Single(await InstallAsync(mesh, s_quick));
        Assert.Equal("default", sample.Revision);
        await mesh.Client(1).PatchAsync(
            ResourceTypes.Deployment, "sample", "curl", Patch.Merge(JsonNode.Parse("""{"spec":{"template":{"metadata":{"labels":{"sidecar.istio.io/inject":"false"}}}}}""")!));

        Assert.Empty(await InstallAsync(mesh, s_quick));
        Assert.Equal(nameof(ErrorCatalog.SidecarNotInjected), Assert.IsType<MeshException>(Assert.Single(mesh.Log.Failures).Error).ErrorId);
    }

    [Fact]
    public async Task Pods_of_before_the_label_are_made_anew()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await InstallAsync(mesh, s_quick);
        await (await MeshTools.Injection.InjectionPlan.DisableAsync(mesh.Load()[0], "sample", mesh.Log, CancellationToken.None)).ExecuteAsync(mesh.Log, CancellationToken.None);
        await mesh.Client(1).PatchAsync(
            ResourceTypes.Deployment, "sample", "curl", Patch.Merge(JsonNode.Parse("""{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}}}""")!));
        await mesh.Client(1).WaitForRolloutAsync(ResourceTypes.Deployment, "sample", "curl", TimeSpan.FromSeconds(60));

        var sample = Assert.Single(await InstallAsync(mesh, s_quick));

        Assert.Equal((true, ChangeOutcome.Updated), (sample.Ready, sample.Change));
        Assert.All(sample.Pods, pod => Assert.EndsWith(" 2/2", pod, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_goes_with_its_namespace_and_a_second_removal_finds_nothing()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await InstallAsync(mesh, s_quick);

        Assert.Equal(ChangeOutcome.Removed, (await RemoveAsync(mesh)).Change);
        Assert.Null(mesh.Find(1, "namespaces", "sample", ns: null));
        Assert.Equal(ChangeOutcome.Unchanged, (await RemoveAsync(mesh)).Change);
    }

    [Fact]
    public async Task A_namespace_of_others_is_refused_and_keeps_what_is_theirs()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await mesh.Client(1).CreateAsync(KubernetesObject.Create("v1", "Namespace", "sample"));
        var mine = KubernetesObject.Create("v1", "Service", "mine", "sample");
        mine.Json["spec"] = JsonNode.Parse("""{"ports":[{"port":80}]}""");
        await mesh.Client(1).CreateAsync(mine);

        Assert.Empty(await InstallAsync(mesh, s_quick));
        Assert.Equal(nameof(ErrorCatalog.SampleNamespaceForeign), Assert.IsType<MeshException>(Assert.Single(mesh.Log.Failures).Error).ErrorId);
        Assert.Single(await InstallAsync(mesh, s_quick with { Force = true }));
        await Assert.ThrowsAsync<MeshException>(() => RemoveAsync(mesh));

        Assert.Equal(ChangeOutcome.Removed, (await RemoveAsync(mesh, force: true)).Change);
        Assert.NotNull(mesh.Find(1, "services", "mine", "sample"));
        Assert.Null(mesh.Find(1, "deployments", "curl", "sample", "apps"));
        Assert.Null(mesh.Find(1, "services", "helloworld", "sample"));
    }

    [Fact]
    public async Task What_others_put_into_the_samples_namespace_is_named()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await InstallAsync(mesh, s_quick);
        var mine = KubernetesObject.Create("v1", "Service", "mine", "sample");
        mine.Json["spec"] = JsonNode.Parse("""{"ports":[{"port":80}]}""");
        await mesh.Client(1).CreateAsync(mine);

        var refused = await Assert.ThrowsAsync<MeshException>(() => RemoveAsync(mesh));
        Assert.Contains("Service mine", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ChangeOutcome.Removed, (await RemoveAsync(mesh, force: true)).Change);
    }

    private static async Task<IReadOnlyList<MeshSample>> InstallAsync(LabMesh mesh, SampleOptions options, IEnumerable<MeshTools.Clusters.MeshCluster>? clusters = null)
    {
        var plan = await SampleInstallation.CreateAsync([.. clusters ?? mesh.Load()], options, mesh.Log, CancellationToken.None);
        var samples = await plan.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None).ToListAsync();
        return [.. samples.OrderBy(sample => sample.Cluster.Name, StringComparer.Ordinal)];
    }

    private static async Task<MeshSample> RemoveAsync(LabMesh mesh, bool force = false)
    {
        var plan = await SampleRemoval.CreateAsync(mesh.Load()[0], "sample", force, CancellationToken.None);
        return await plan.ExecuteAsync(_ => true, TimeSpan.FromSeconds(60), mesh.Log, CancellationToken.None);
    }

    private static async Task<string> CallAsync(LabMesh mesh, int number, MeshSample sample)
    {
        var client = mesh.Client(number);
        var pods = await client.ListPageAsync(ResourceTypes.Pod, sample.Namespace, new ListOptions { LabelSelector = sample.ClientSelector });
        var options = new ExecOptions(["curl", "-sS", $"{sample.Service}.{sample.Namespace}:{sample.Port}{sample.Path}"]) { Container = sample.ClientContainer };
        return (await client.ExecAsync(sample.Namespace, pods.Items[0].Name, options)).Stdout;
    }
}
