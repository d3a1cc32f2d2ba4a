using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class WaitTests
{
    private static string Deployment(int generation, int observed, string available = "False", string uid = "u") => $$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","namespace":"ns","uid":"{{{uid}}}","generation":{{{generation}}},"resourceVersion":"{{{generation}}}{{{observed}}}{{{available.Length}}}"},
        "spec":{"replicas":1},"status":{"observedGeneration":{{{observed}}},"conditions":[{"type":"Available","status":"{{{available}}}","reason":"R","message":"M"}]}}
        """.ReplaceLineEndings("");

    private static string List(params string[] items) => $$$"""{"metadata":{"resourceVersion":"5"},"items":[{{{string.Join(',', items)}}}]}""";

    private static string Event(string type, string item) => $$$"""{"type":"{{{type}}}","object":{{{item}}}}""" + "\n";

    private static string NotFound => """{"kind":"Status","status":"Failure","reason":"NotFound","message":"gone","details":{"name":"d"},"code":404}""";

    /// <summary>A server with one list, one get and one endless watch.</summary>
    private static Task<TestApiServer> ServeAsync(string list, string watch, string? get = null) => TestApiServer.StartAsync(async context =>
    {
        if (context.Request.Path.Value!.EndsWith("/d", StringComparison.Ordinal))
        {
            await TestApiServer.JsonAsync(context, get ?? NotFound, get is null ? 404 : 200);
            return;
        }

        if (!context.Request.Query.ContainsKey("watch"))
        {
            await TestApiServer.JsonAsync(context, list);
            return;
        }

        await context.Response.WriteAsync(watch);
        await context.Response.Body.FlushAsync();
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
    });

    private static Task<KubernetesObject> WaitAsync(KubernetesClient client, WaitCondition condition, int seconds = 60) =>
        client.WaitAsync(ResourceTypes.Deployment, "ns", "d", condition, TimeSpan.FromSeconds(seconds));

    [Fact]
    public async Task A_condition_about_an_older_generation_does_not_count()
    {
        await using var server = await ServeAsync(List(Deployment(2, 1, "True")), Event("MODIFIED", Deployment(2, 2, "False")) + Event("MODIFIED", Deployment(2, 2, "True")));
        using var client = server.Client();
        Assert.Equal(2, (await WaitAsync(client, WaitCondition.Condition("available", "TRUE"))).FindInt64("status", "observedGeneration"));
        Assert.Contains("fieldSelector=metadata.name%3Dd", server.Requests.First().Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_already_so_takes_one_request()
    {
        await using var server = await ServeAsync(List(Deployment(1, 1, "True")), "");
        using var client = server.Client();
        await WaitAsync(client, WaitCondition.Condition("Available"));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_timeout_says_what_was_missing()
    {
        var clock = new ManualClock();
        await using var server = await ServeAsync(List(Deployment(1, 1)), "");
        using var client = server.Client(new KubernetesClientOptions { TimeProvider = clock });
        var wait = WaitAsync(client, WaitCondition.Condition("Available"), 20);
        await server.SeenAsync(r => r.Query.Contains("watch=true", StringComparison.Ordinal));
        await clock.PassAsync(TimeSpan.FromSeconds(20));
        var error = await Assert.ThrowsAsync<WaitTimeoutException>(() => wait);
        Assert.Equal("Deployment ns/d has not reached condition Available=True after 20 s: condition Available is False, not True (R: M)", error.Message);
        Assert.Equal(("d", "test"), (error.LastSeen!.Name, error.ContextName));
    }

    [Fact]
    public async Task Zero_looks_once_and_negative_waits_a_week()
    {
        await using var server = await ServeAsync(List(), "", Deployment(1, 1));
        using var client = server.Client();
        Assert.Contains("is False", Assert.Single((await Assert.ThrowsAsync<WaitTimeoutException>(() => WaitAsync(client, WaitCondition.Condition("Available"), 0))).Unmet), StringComparison.Ordinal);
        Assert.Single(server.Requests);

        var clock = new ManualClock();
        using var patient = server.Client(new KubernetesClientOptions { TimeProvider = clock });
        var wait = WaitAsync(patient, WaitCondition.Exists, -1);
        await clock.PassAsync(TimeSpan.FromHours(168));
        await Assert.ThrowsAsync<WaitTimeoutException>(() => wait);
    }

    [Fact]
    public async Task An_absent_object_is_an_error_for_a_condition_and_not_yet_for_existence()
    {
        await using var server = await ServeAsync(List(), Event("ADDED", Deployment(1, 1)));
        using var client = server.Client();
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => WaitAsync(client, WaitCondition.Condition("Available")))).IsNotFound);
        Assert.Equal("d", (await WaitAsync(client, WaitCondition.Exists)).Name);
        Assert.Equal("d", (await WaitAsync(client, WaitCondition.Predicate("always", _ => true))).Name);
    }

    [Fact]
    public async Task Deletion_during_a_condition_is_an_error()
    {
        await using var server = await ServeAsync(List(Deployment(1, 1)), Event("DELETED", Deployment(1, 1)));
        using var client = server.Client();
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => WaitAsync(client, WaitCondition.Condition("Available")))).IsNotFound);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Gone_is_gone_even_when_another_took_the_name(bool remade)
    {
        await using var server = await ServeAsync(List(Deployment(1, 1)), Event("DELETED", Deployment(1, 1)), remade ? Deployment(1, 1, uid: "v") : null);
        using var client = server.Client();
        await WaitAsync(client, WaitCondition.Deleted);
        await using var empty = await ServeAsync(List(), "");
        using var other = empty.Client();
        await WaitAsync(other, WaitCondition.Deleted);
    }

    [Theory]
    [InlineData("{.status.phase}", "Running", true)]
    [InlineData("status.phase", "Running", true)]
    [InlineData("{.status.phase}", "Failed", false)]
    [InlineData("{.status.none}", null, false)]
    [InlineData("{.status.phase}", null, true)]
    [InlineData("{.status.count}", "3", true)]
    [InlineData("{.status.ok}", "true", true)]
    [InlineData("{.status.list[0].n}", "1", true)]
    [InlineData("{.status.list[-1].n}", "2", true)]
    [InlineData("{.status.list[*].n}", "1", false)]
    [InlineData("{.status.list[?(@.t==\"b\")].n}", "2", true)]
    [InlineData("{.status.list[?(@.n>1)].t}", "b", true)]
    [InlineData("{.status.list[?(@.missing)].t}", null, false)]
    [InlineData("{.metadata.labels['a.b/c']}", "d", true)]
    [InlineData("{.metadata.labels.a\\.b/c}", "d", true)]
    [InlineData("{..phase}", "Running", true)]
    [InlineData("{.status.list[0:1].n}", "1", true)]
    [InlineData("{.status.list}", "x", false)]
    public void Json_paths_select_as_with_kubectl(string expression, string? value, bool met)
    {
        var obj = new KubernetesObject((JsonObject)JsonNode.Parse("""
            {"metadata":{"labels":{"a.b/c":"d"}},"status":{"phase":"Running","count":3,"ok":true,"list":[{"t":"a","n":1},{"t":"b","n":2}]}}
            """)!);
        Assert.Equal(met, WaitCondition.JsonPath(expression, value).Unmet(obj) is null);
    }

    [Theory]
    [InlineData("{.a")]
    [InlineData("{}")]
    [InlineData("{.a[}")]
    [InlineData("{.a[x]}")]
    [InlineData("{.a[?(@.b=1)]}")]
    [InlineData("{.a['b}")]
    public void What_is_no_json_path_is_refused(string expression) => Assert.Throws<FormatException>(() => WaitCondition.JsonPath(expression));

    /// <summary>The decisions of kubectl's rollout_status.go.</summary>
    [Theory]
    [InlineData("Deployment", """{"metadata":{"generation":2},"spec":{"replicas":1},"status":{"observedGeneration":1}}""", "spec update to be observed")]
    [InlineData("Deployment", """{"metadata":{"generation":1},"spec":{"replicas":2},"status":{"observedGeneration":1,"updatedReplicas":1}}""", "1 out of 2 new replicas have been updated")]
    [InlineData("Deployment", """{"metadata":{"generation":1},"spec":{"replicas":2},"status":{"observedGeneration":1,"updatedReplicas":2,"replicas":3}}""", "1 old replicas are pending termination")]
    [InlineData("Deployment", """{"metadata":{"generation":1},"spec":{"replicas":2},"status":{"observedGeneration":1,"updatedReplicas":2,"replicas":2,"availableReplicas":1}}""", "1 of 2 updated replicas are available")]
    [InlineData("Deployment", """{"metadata":{"generation":1},"spec":{"replicas":2},"status":{"observedGeneration":1,"updatedReplicas":2,"replicas":2,"availableReplicas":2}}""", "+successfully rolled out")]
    [InlineData("Deployment", """{"metadata":{"generation":1},"spec":{"replicas":0},"status":{"observedGeneration":1}}""", "+successfully rolled out")]
    [InlineData("Deployment", """{"metadata":{"generation":1},"status":{"observedGeneration":1,"conditions":[{"type":"Progressing","reason":"ProgressDeadlineExceeded"}]}}""", "!exceeded its progress deadline")]
    [InlineData("DaemonSet", """{"metadata":{"generation":1},"spec":{"updateStrategy":{"type":"OnDelete"}},"status":{"observedGeneration":1}}""", "!only available for RollingUpdate")]
    [InlineData("DaemonSet", """{"metadata":{"generation":1},"status":{"observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":1}}""", "1 out of 2 new pods have been updated")]
    [InlineData("DaemonSet", """{"metadata":{"generation":1},"status":{"observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":1}}""", "1 of 2 updated pods are available")]
    [InlineData("DaemonSet", """{"metadata":{"generation":1},"status":{"observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":2}}""", "+successfully rolled out")]
    [InlineData("StatefulSet", """{"metadata":{"generation":1},"spec":{"replicas":1},"status":{}}""", "spec update to be observed")]
    [InlineData("StatefulSet", """{"metadata":{"generation":1},"spec":{"replicas":2},"status":{"observedGeneration":1,"readyReplicas":1}}""", "1 pods of statefulset")]
    [InlineData("StatefulSet", """{"metadata":{"generation":1},"spec":{"replicas":3,"updateStrategy":{"rollingUpdate":{"partition":1}}},"status":{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":1}}""", "1 out of 2 new pods")]
    [InlineData("StatefulSet", """{"metadata":{"generation":1},"spec":{"replicas":3,"updateStrategy":{"rollingUpdate":{"partition":1}}},"status":{"observedGeneration":1,"readyReplicas":3,"updatedReplicas":2}}""", "+partitioned roll out complete")]
    [InlineData("StatefulSet", """{"metadata":{"generation":1},"spec":{"replicas":1},"status":{"observedGeneration":1,"readyReplicas":1,"updateRevision":"b","currentRevision":"a"}}""", "at revision b")]
    [InlineData("StatefulSet", """{"metadata":{"generation":1},"spec":{"replicas":1},"status":{"observedGeneration":1,"readyReplicas":1,"updateRevision":"b","currentRevision":"b"}}""", "+rolling update complete")]
    [InlineData("Job", "{}", "!no rollout status")]
    public void Rollouts_are_judged_as_by_kubectl(string kind, string json, string expected)
    {
        var workload = (JsonObject)JsonNode.Parse(json)!;
        workload["kind"] = kind;
        var status = RolloutStatus.Of(new KubernetesObject(workload));
        Assert.Equal((expected[0] == '+', expected[0] == '!'), (status.Done, status.Failure is not null));
        Assert.Contains(expected.TrimStart('+', '!'), status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollout_reports_its_progress()
    {
        const string Done = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","namespace":"ns","uid":"u","generation":2,"resourceVersion":"9"},"spec":{"replicas":1},"status":{"observedGeneration":2,"updatedReplicas":1,"replicas":1,"availableReplicas":1}}""";
        await using var server = await ServeAsync(List(Deployment(2, 1)), Event("MODIFIED", Deployment(2, 2)) + Event("MODIFIED", Done));
        using var client = server.Client();
        var lines = new Lines();
        await client.WaitForRolloutAsync(ResourceTypes.Deployment, "ns", "d", TimeSpan.FromMinutes(1), lines);
        Assert.Equal(
            ["waiting for deployment spec update to be observed", "waiting for deployment \"d\" rollout to finish: 0 out of 1 new replicas have been updated", "deployment \"d\" successfully rolled out"],
            lines.All);
    }

    [Theory]
    [InlineData(false, "was deleted")]
    [InlineData(true, "was replaced")]
    public async Task A_rollout_of_a_deleted_workload_fails(bool remade, string text)
    {
        await using var server = await ServeAsync(List(Deployment(2, 1)), Event("DELETED", Deployment(2, 1)), remade ? Deployment(1, 1, uid: "v") : null);
        using var client = server.Client();
        var error = await Assert.ThrowsAsync<RolloutFailedException>(() => client.WaitForRolloutAsync(ResourceTypes.Deployment, "ns", "d", TimeSpan.FromMinutes(1)));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    private sealed class Lines : IProgress<string>
    {
        internal List<string> All { get; } = [];

        public void Report(string value) => All.Add(value);
    }
}
