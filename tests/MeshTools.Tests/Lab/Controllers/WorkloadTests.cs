using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Controllers;

public sealed class WorkloadTests
{
    private static readonly ResourceKey App = new("apps", "deployments", "default", "app");

    [Fact]
    public async Task A_deployment_gets_ready_pods_and_says_so()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Deploy("app", 3);

        var deployment = await lab.UntilAsync(App, json => json["status"]?["readyReplicas"]?.GetValue<long>() == 3);
        deployment = await lab.UntilAsync(App, json => StoreLab.Condition(json, "Progressing") == "NewReplicaSetAvailable");

        Assert.Equal("MinimumReplicasAvailable", StoreLab.Condition(deployment.Json, "Available"));
        Assert.Equal(1, deployment.Json["status"]!["observedGeneration"]!.GetValue<long>());
        var pods = await lab.PodsAsync("app", 3);
        Assert.Equal(3, pods.Select(pod => pod.Json["status"]!["podIP"]!.GetValue<string>()).Distinct().Count());
        Assert.All(pods, pod => Assert.Equal("lab-1-node-1", pod.Json["spec"]!["nodeName"]!.GetValue<string>()));
        var set = Assert.Single(lab.Store.List("apps", "replicasets", "default").Items);
        Assert.Equal(set.Uid, pods[0].Json["metadata"]!["ownerReferences"]![0]!["uid"]!.GetValue<string>());
    }

    [Fact]
    public async Task Scaling_changes_the_number_of_pods()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Deploy("app", 1);
        await lab.PodsAsync("app", 1);

        SetReplicas(lab, 3);
        await lab.PodsAsync("app", 3);
        SetReplicas(lab, 0);
        await lab.PodsAsync("app", 0);
    }

    [Fact]
    public async Task A_new_template_rolls_out_and_the_old_pods_go()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Deploy("app", 2);
        var before = (await lab.PodsAsync("app", 2)).ConvertAll(pod => pod.Uid);

        lab.Store.Mutate(App, json => WithImage(json, "example/app:2"), "test");

        await Eventually.TrueAsync(() => lab.Pods("app") is { Count: 2 } pods && !pods.Exists(pod => before.Contains(pod.Uid)));
        await lab.UntilAsync(App, json => json["metadata"]!["annotations"]?["deployment.kubernetes.io/revision"]?.GetValue<string>() == "2");
        Assert.Equal(2, lab.Store.List("apps", "replicasets", "default").Items.Count);
    }

    [Fact]
    public async Task A_template_that_cannot_start_leaves_the_old_pods_running()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Deploy("app", 1);
        var old = Assert.Single(await lab.PodsAsync("app", 1));

        lab.Store.Mutate(App, json => WithImage(json, "registry.invalid/app:2"), "test");

        await lab.PodsAsync("app", 2);
        Assert.NotNull(lab.Store.Find(old.Key));
        var stuck = lab.Pods("app").Single(pod => pod.Uid != old.Uid);
        Assert.Equal("ImagePullBackOff", stuck.Json["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["reason"]!.GetValue<string>());
        await lab.UntilAsync(App, json => StoreLab.Condition(json, "Progressing") == "ReplicaSetUpdated");
    }

    [Fact]
    public async Task A_rollout_past_its_deadline_says_so()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Deploy("app", 1, "registry.invalid/app:1");
        lab.Store.Mutate(
            App,
            json =>
            {
                json["spec"]!["progressDeadlineSeconds"] = 1;
                return json;
            },
            "test");

        var deployment = await lab.UntilAsync(App, json => StoreLab.Condition(json, "Progressing") == "ProgressDeadlineExceeded");

        Assert.Equal("MinimumReplicasUnavailable", StoreLab.Condition(deployment.Json, "Available"));
    }

    [Fact]
    public async Task A_deleted_pod_is_made_again()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Deploy("app", 1);
        var first = Assert.Single(await lab.PodsAsync("app", 1));

        lab.Store.Delete(first.Key);

        await Eventually.TrueAsync(() => lab.Pods("app") is [var second] && second.Uid != first.Uid);
    }

    [Fact]
    public async Task A_pod_in_its_grace_period_is_ended_by_its_kubelet()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Deploy("app", 1);
        var pod = Assert.Single(await lab.PodsAsync("app", 1));

        using var http = LabHttp.Admin(lab.Cluster);
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/namespaces/default/pods/{pod.Key.Name}?gracePeriodSeconds=30");
        using var response = await http.Client.SendAsync(request);
        var deleted = await LabHttp.ReadAsync(response, System.Net.HttpStatusCode.OK);

        Assert.Equal(30, deleted["metadata"]!["deletionGracePeriodSeconds"]!.GetValue<int>());
        await lab.GoneAsync(pod.Key);
    }

    [Fact]
    public async Task Deleting_a_deployment_takes_its_sets_and_pods_along()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Deploy("app", 2);
        await lab.PodsAsync("app", 2);

        lab.Store.Delete(App);

        await lab.PodsAsync("app", 0);
        await Eventually.TrueAsync(() => lab.Store.List("apps", "replicasets", "default").Items.Count == 0);
    }

    [Theory]
    [InlineData("foregroundDeletion", true)]
    [InlineData("orphan", false)]
    public async Task Finalizers_of_a_deletion_decide_about_dependents(string finalizer, bool dependentsGo)
    {
        await using var lab = await StoreLab.StartAsync();
        var owner = new ResourceKey("", "configmaps", "default", "owner");
        var dependent = new ResourceKey("", "configmaps", "default", "dependent");
        var created = lab.Create(owner, $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"finalizers":["{{finalizer}}"]} }""");
        lab.Create(
            dependent,
            $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"{{created.Uid}}"}]} }""");

        lab.Store.Delete(owner);

        await lab.GoneAsync(owner);
        Assert.Equal(dependentsGo, lab.Store.Find(dependent) is null);
        if (!dependentsGo)
        {
            Assert.Null(lab.Store.Get(dependent).Json["metadata"]!["ownerReferences"]);
        }
    }

    [Fact]
    public async Task An_object_whose_owner_never_was_is_collected()
    {
        await using var lab = await StoreLab.StartAsync();
        var key = new ResourceKey("", "configmaps", "default", "stray");

        lab.Create(
            key,
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"x","uid":"00000000-0000-0000-0000-000000000000"}]}}""");

        await lab.GoneAsync(key);
    }

    [Fact]
    public async Task A_statefulset_has_pods_with_ordinals()
    {
        await using var lab = await StoreLab.StartAsync();
        var key = new ResourceKey("apps", "statefulsets", "default", "db");
        lab.Create(
            key,
            """
            {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"generation":1},"spec":{"replicas":2,"serviceName":"db",
             "selector":{"matchLabels":{"app":"db"}},"template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"db","image":"x/y:1"}]}}}}
            """);

        await lab.UntilAsync(key, json => json["status"]?["readyReplicas"]?.GetValue<long>() == 2);

        Assert.Equal(["db-0", "db-1"], lab.Pods("db").Select(pod => pod.Key.Name));
    }

    [Fact]
    public async Task A_daemonset_has_a_pod_on_every_node()
    {
        await using var lab = await StoreLab.StartAsync(options => options with { NodeCount = 3 });
        var key = new ResourceKey("apps", "daemonsets", "default", "agent");
        lab.Create(
            key,
            """
            {"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"generation":1},"spec":{
             "selector":{"matchLabels":{"app":"agent"}},"template":{"metadata":{"labels":{"app":"agent"}},"spec":{"containers":[{"name":"a","image":"x/y:1"}]}}}}
            """);

        await lab.UntilAsync(key, json => json["status"]?["numberReady"]?.GetValue<long>() == 3);

        Assert.Equal(3, lab.Pods("agent").Select(pod => pod.Json["spec"]!["nodeName"]!.GetValue<string>()).Distinct().Count());
    }

    private static void SetReplicas(StoreLab lab, int replicas) => lab.Store.Mutate(
        App,
        json =>
        {
            json["spec"]!["replicas"] = replicas;
            return json;
        },
        "test");

    private static JsonObject WithImage(JsonObject json, string image)
    {
        json["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image;
        return json;
    }
}
