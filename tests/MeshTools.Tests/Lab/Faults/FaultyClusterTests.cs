using System.Net;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Faults;

public sealed class FaultyClusterTests : IAsyncLifetime
{
    private LabHost lab = null!;
    private LabHttp http = null!;

    private LabCluster Cluster => lab.Clusters[0];

    public async Task InitializeAsync()
    {
        lab = await LabHost.StartAsync(new LabOptions { ClusterCount = 1, ControlPlane = false });
        http = LabHttp.Admin(Cluster);
    }

    public async Task DisposeAsync()
    {
        http.Dispose();
        await lab.DisposeAsync();
    }

    [Fact]
    public async Task Down_cuts_the_connection_and_clear_mends_it()
    {
        Cluster.Faults.Add(new Fault(FaultKind.Down));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/version"));

        Cluster.Faults.Clear();
        using var response = await http.GetAsync("/version");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Down_for_one_request_is_logged_without_a_status()
    {
        Cluster.Faults.Add(new Fault(FaultKind.Down) { Verb = "list", Resource = "namespaces", Times = 1 });
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/api/v1/namespaces"));

        await Eventually.TrueAsync(() => Cluster.Requests.Count(entry => entry is { Status: 0, Fault: FaultKind.Down, Resource: "namespaces" }) == 1);
    }

    [Fact]
    public async Task Slow_answers_late_but_right()
    {
        Cluster.Faults.Add(new Fault(FaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(150) });
        var watch = System.Diagnostics.Stopwatch.StartNew();

        using var response = await http.GetAsync("/version");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        // A lower bound cannot be missed by a slow machine.
        Assert.True(watch.Elapsed >= TimeSpan.FromMilliseconds(140));
    }

    [Fact]
    public async Task Throttle_says_when_to_come_back()
    {
        Cluster.Faults.Add(new Fault(FaultKind.Throttle) { RetryAfterSeconds = 7, Times = 1 });

        using var response = await http.GetAsync("/api/v1/namespaces");
        var status = await LabHttp.ReadAsync(response, HttpStatusCode.TooManyRequests);

        Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter!.Delta);
        Assert.Equal("TooManyRequests", status["reason"]!.GetValue<string>());
        Assert.Equal(7, status["details"]!["retryAfterSeconds"]!.GetValue<int>());
        using var second = await http.GetAsync("/api/v1/namespaces");
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Theory]
    [InlineData(500, "InternalError", null)]
    [InlineData(503, "ServiceUnavailable", 2)]
    public async Task A_server_error_is_a_status(int code, string reason, int? retryAfter)
    {
        Cluster.Faults.Add(new Fault(FaultKind.ServerError) { StatusCode = code, RetryAfterSeconds = retryAfter });

        using var response = await http.GetAsync("/api/v1/namespaces");
        var status = await LabHttp.ReadAsync(response, (HttpStatusCode)code);

        Assert.Equal(reason, status["reason"]!.GetValue<string>());
        Assert.Equal(retryAfter, (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Reset_cuts_the_body_in_the_middle(string version)
    {
        Cluster.Faults.Add(new Fault(FaultKind.Reset) { Resource = "namespaces" });
        using var client = LabHttp.Admin(Cluster, Version.Parse(version));
        using var response = await client.Client.GetAsync("/api/v1/namespaces", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        await using var body = await response.Content.ReadAsStreamAsync();
        using var received = new MemoryStream();
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(received));

        Assert.True(received.Length > 0);
    }

    [Fact]
    public async Task Forbidden_is_said_as_rbac_says_it()
    {
        Cluster.Faults.Add(new Fault(FaultKind.Forbidden) { Verb = "list", Resource = "secrets", Times = 1 });

        using var response = await http.GetAsync("/api/v1/namespaces/default/secrets");
        var status = await LabHttp.ReadAsync(response, HttpStatusCode.Forbidden);

        Assert.Equal(
            "secrets is forbidden: User \"kubernetes-admin\" cannot list resource \"secrets\" in API group \"\" in the namespace \"default\"",
            status["message"]!.GetValue<string>());
        using var second = await http.GetAsync("/api/v1/namespaces/default/secrets");
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Fact]
    public async Task The_log_tells_reads_writes_dry_runs_and_users_apart()
    {
        Cluster.Requests.Clear();
        var map = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "a" } };
        using (await http.GetAsync("/api/v1/namespaces?limit=5"))
        {
        }

        await http.PostAsync("/api/v1/namespaces/default/configmaps?dryRun=All", map);
        await http.PostAsync("/api/v1/namespaces/default/configmaps", map);
        await http.PostAsync(
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            (JsonObject)JsonNode.Parse(
                """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}""")!);
        using (var message = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/namespaces/default/configmaps/a"))
        {
            message.Content = LabHttp.Content(JsonNode.Parse("""{"apiVersion":"v1","kind":"DeleteOptions","dryRun":["All"]}""")!);
            using var dry = await http.Client.SendAsync(message);
        }

        var entries = Cluster.Requests.Entries;
        Assert.Equal(["list", "create", "create", "create", "delete"], entries.Select(entry => entry.Verb));
        Assert.Equal(1, Cluster.Requests.MutatingCount);
        Assert.Equal([false, true, false, false, true], entries.Select(entry => entry.DryRun));
        Assert.All(entries, entry => Assert.Equal("kubernetes-admin", entry.User));
        Assert.Equal("/api/v1/namespaces?limit=5", entries[0].Path);
        Assert.Equal(("configmaps", "default", 201), (entries[2].Resource, entries[2].Namespace, entries[2].Status));
        Assert.True(entries[3].IsReview);
    }
}
