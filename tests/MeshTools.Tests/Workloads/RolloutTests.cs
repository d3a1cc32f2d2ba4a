using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Tests.Lab;
using MeshTools.Tests.Scenarios;
using MeshTools.Workloads;
using Xunit;

namespace MeshTools.Tests.Workloads;

/// <summary>Waiting for workloads of a lab that come up, and for those that do not: the reason is the cluster's.</summary>
public sealed class RolloutTests : IAsyncLifetime
{
    private static readonly RolloutOptions s_short = new() { Timeout = TimeSpan.FromSeconds(60), Patience = TimeSpan.FromMilliseconds(200) };

    private LabMesh _lab = null!;
    private MeshCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _lab = await LabMesh.StartAsync(1, (_, options) => options with { RestartDelay = TimeSpan.FromMilliseconds(50) });
        _cluster = _lab.Load()[0];
        await _cluster.Connect().CreateAsync(Named("Namespace", "shop", new JsonObject { ["istio-injection"] = "enabled" }));
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Theory]
    [InlineData("Deployment")]
    [InlineData("StatefulSet")]
    [InlineData("DaemonSet")]
    public async Task What_comes_up_is_waited_for(string kind)
    {
        var workload = await MakeAsync(kind, "example/app:1");

        var done = await WaitAsync(workload, s_short with { Injected = true });

        Assert.Equal(workload.Name, done.Name);
        Assert.Empty(await WorkloadDiagnosis.ReadAsync(_cluster, done, injected: true));
    }

    [Fact]
    public async Task An_image_is_named_with_its_container_and_what_the_registry_says()
    {
        var workload = await MakeAsync("Deployment", "nowhere.invalid/app:1");

        var error = await Assert.ThrowsAsync<MeshException>(() => WaitAsync(workload, s_short));

        Assert.Equal(nameof(ErrorCatalog.ImagePullFailed), error.ErrorId);
        Assert.StartsWith("lab-1: Deployment shop/app does not come up: container main cannot pull image nowhere.invalid/app:1: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("no such host", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_registry_asks_for_a_secret_and_takes_it()
    {
        var workload = await MakeAsync("Deployment", "private.invalid/app:1");
        var refused = await Assert.ThrowsAsync<MeshException>(() => WaitAsync(workload, s_short));
        Assert.Contains("401 Unauthorized", refused.Message, StringComparison.Ordinal);
        Assert.Contains("pull secret", refused.RecommendedAction, StringComparison.Ordinal);

        await MakeAsync("Deployment", "private.invalid/app:1", "vault");
        var missing = await Assert.ThrowsAsync<MeshException>(() => WaitAsync(workload, s_short));
        Assert.Contains("Unable to retrieve some image pull secrets (vault)", missing.Message, StringComparison.Ordinal);

        var secret = Named("Secret", "vault", null, "shop");
        secret.Json["type"] = "kubernetes.io/dockerconfigjson";
        secret.Json["stringData"] = new JsonObject { [".dockerconfigjson"] = "{}" };
        await _cluster.Connect().CreateAsync(secret);
        await WaitAsync(workload, s_short with { Patience = TimeSpan.FromSeconds(60) });
    }

    [Theory]
    [InlineData("Deployment", FaultKind.QuotaExceeded, nameof(ErrorCatalog.QuotaExceeded), "a quota leaves no room for its pods: pods \"")]
    [InlineData("StatefulSet", FaultKind.QuotaExceeded, nameof(ErrorCatalog.QuotaExceeded), "a quota leaves no room for its pods: ")]
    [InlineData("DaemonSet", FaultKind.QuotaExceeded, nameof(ErrorCatalog.QuotaExceeded), "a quota leaves no room for its pods: pods \"")]
    [InlineData("Deployment", FaultKind.AdmissionRefused, nameof(ErrorCatalog.AdmissionRefused), "admission refuses its pods: admission webhook \"policy.lab.example\"")]
    public async Task A_refusal_of_pods_is_told_in_its_own_words(string kind, FaultKind fault, string id, string words)
    {
        _lab[1].Faults.Add(new Fault(fault) { Resource = "pods" });
        var workload = await MakeAsync(kind, "example/app:1");

        var error = await Assert.ThrowsAsync<MeshException>(() => WaitAsync(workload, s_short));

        Assert.Equal(id, error.ErrorId);
        Assert.Contains($"{kind} shop/app does not come up: {words}", error.Message, StringComparison.Ordinal);
        _lab[1].Faults.Clear();
        await WaitAsync(workload, s_short with { Patience = TimeSpan.FromSeconds(60) });
    }

    [Fact]
    public async Task An_injector_that_does_not_answer_is_named()
    {
        await _cluster.Connect().PatchAsync(ResourceTypes.Deployment, "istio-system", "istiod", Patch.Merge(JsonNode.Parse("""{"spec":{"replicas":0}}""")!));
        await Eventually.TrueAsync(() => _lab[1].Store.List("", "pods", "istio-system").Items.Count == 0);
        var workload = await MakeAsync("Deployment", "example/app:1");

        var error = await Assert.ThrowsAsync<MeshException>(() => WaitAsync(workload, s_short));

        Assert.Equal(nameof(ErrorCatalog.AdmissionRefused), error.ErrorId);
        Assert.Contains("failed calling webhook", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_without_its_proxy_is_an_error_only_where_it_should_have_one()
    {
        await _cluster.Connect().PatchAsync(ResourceTypes.Namespace, null, "shop", Patch.Merge(JsonNode.Parse("""{"metadata":{"labels":{"istio-injection":null}}}""")!));
        var workload = await MakeAsync("Deployment", "example/app:1");
        await WaitAsync(workload, s_short);

        var error = await Assert.ThrowsAsync<MeshException>(() => WaitAsync(workload, s_short with { Injected = true }));

        Assert.Equal(nameof(ErrorCatalog.SidecarNotInjected), error.ErrorId);
    }

    [Fact]
    public async Task A_time_that_is_over_still_says_why()
    {
        var workload = await MakeAsync("Deployment", "example/app:1", node: "none");

        var error = await Assert.ThrowsAsync<MeshException>(() => WaitAsync(workload, new RolloutOptions { Timeout = TimeSpan.FromMilliseconds(500) }));

        Assert.Equal(nameof(ErrorCatalog.RolloutFailed), error.ErrorId);
        Assert.Contains("didn't match Pod's node affinity/selector", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_ends_is_told_with_its_exit()
    {
        var workload = await MakeAsync("Deployment", "example/app:1", command: "false");

        var error = await Assert.ThrowsAsync<MeshException>(() => WaitAsync(workload, s_short));

        Assert.Contains("container main of pod app-", error.Message, StringComparison.Ordinal);
        Assert.Contains("exit code 1 (Error)", error.Message, StringComparison.Ordinal);
    }

    private Task<KubernetesObject> WaitAsync(KubernetesObject workload, RolloutOptions options) =>
        WorkloadRollout.WaitAsync(_cluster, workload.Reference, options, _lab.Log, CancellationToken.None);

    private async Task<KubernetesObject> MakeAsync(string kind, string image, string? secret = null, string? node = null, string? command = null)
    {
        var workload = KubernetesObject.Create("apps/v1", kind, "app", "shop");
        var container = new JsonObject { ["name"] = "main", ["image"] = image };
        if (command is not null)
            container["command"] = new JsonArray(command);
        var pod = new JsonObject { ["containers"] = new JsonArray(container) };
        if (secret is not null)
            pod["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = secret });
        if (node is not null)
            pod["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = node };
        workload.Json["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "app" } },
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "app" } }, ["spec"] = pod },
        };
        if (kind is "StatefulSet")
            workload.Json["spec"]!["serviceName"] = "app";
        return (await _cluster.Connect().ApplyAsync(workload)).Object;
    }

    private static KubernetesObject Named(string kind, string name, JsonObject? labels = null, string? ns = null)
    {
        var obj = KubernetesObject.Create("v1", kind, name, ns);
        if (labels is not null)
            obj.Json["metadata"]!["labels"] = labels;
        return obj;
    }
}
