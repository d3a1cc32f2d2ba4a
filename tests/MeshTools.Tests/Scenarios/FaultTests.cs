using System.Text.Json.Nodes;
using MeshTools.ControlPlane;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Tests.Errors;
using MeshTools.Tests.Lab;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>Joining three clusters of which the second has a bad day: the others are joined, the reason is said, and a rerun completes it.</summary>
public sealed class FaultTests
{
    private static readonly EndpointDiscoveryOptions s_waiting = new() { Wait = true, Timeout = TimeSpan.FromSeconds(60) };

    public static TheoryData<string, string> BadDays => new()
    {
        { "refused", nameof(ErrorCatalog.EndpointUnreachable) },
        { "cut", nameof(ErrorCatalog.EndpointUnreachable) },
        { "throttled", nameof(ErrorCatalog.KubeThrottled) },
        { "failing", nameof(ErrorCatalog.KubeServerError) },
        { "reset", nameof(ErrorCatalog.EndpointUnreachable) },
        { "no version", nameof(ErrorCatalog.KubeForbidden) },
        { "no secrets", nameof(ErrorCatalog.KubeForbidden) },
        { "no roles", nameof(ErrorCatalog.KubeForbidden) },
        { "wrong authority", nameof(ErrorCatalog.TlsUntrusted) },
        { "wrong name", nameof(ErrorCatalog.TlsNameMismatch) },
    };

    private static Task BreakAsync(LabCluster cluster, string how)
    {
        switch (how)
        {
            case "refused":
                return cluster.StopListeningAsync();
            case "wrong authority":
                cluster.UseServerCertificate(ServerCertificate.WrongAuthority);
                return Task.CompletedTask;
            case "wrong name":
                cluster.UseServerCertificate(ServerCertificate.WrongName);
                return Task.CompletedTask;
        }

        cluster.Faults.Add(how switch
        {
            "cut" => new Fault(FaultKind.Down),
            "throttled" => new Fault(FaultKind.Throttle) { RetryAfterSeconds = 0 },
            "failing" => new Fault(FaultKind.ServerError),
            "reset" => new Fault(FaultKind.Reset),
            "no version" => new Fault(FaultKind.Forbidden),
            "no secrets" => new Fault(FaultKind.Forbidden) { Verb = "list", Resource = "secrets" },
            "no roles" => new Fault(FaultKind.Forbidden) { Verb = "get", Resource = "clusterroles" },
            _ => throw new ArgumentOutOfRangeException(nameof(how), how, null),
        });
        return Task.CompletedTask;
    }

    private static Task MendAsync(LabCluster cluster)
    {
        cluster.Faults.Clear();
        cluster.UseServerCertificate(ServerCertificate.Proper);
        return cluster.IsListening ? Task.CompletedTask : cluster.StartListeningAsync();
    }

    private static bool Touches(EndpointDiscoveryLink link, string cluster) => link.Reader.Name == cluster || link.Target!.Name == cluster;

    private static async Task AssertRerunCompletesAsync(LabMesh mesh, IReadOnlyList<EndpointDiscoveryLink> before)
    {
        var log = new RecordedLog();
        var links = await mesh.EnableAsync(s_waiting, log);
        Assert.Empty(log.Failures);
        Assert.Equal(before.Count, links.Count);
        var made = before.Where(link => link.Change != ChangeOutcome.Failed).Select(link => link.ToString()).ToHashSet(StringComparer.Ordinal);
        Assert.All(links, link => Assert.Equal(
            (made.Contains(link.ToString()) ? ChangeOutcome.Unchanged : ChangeOutcome.Created, "synced", null), (link.Change, link.SyncStatus, link.Reason)));
        mesh.AssertNothingLeaked(links, log);
    }

    [Theory]
    [MemberData(nameof(BadDays))]
    public async Task A_cluster_that_cannot_be_looked_at_is_left_out_and_joined_by_a_rerun(string how, string id)
    {
        await using var mesh = await LabMesh.StartAsync(3);
        await BreakAsync(mesh[2], how);
        var links = await mesh.EnableAsync(s_waiting);

        var error = Described.TheOnly(mesh.Log.Failures, ErrorCatalog.All.Single(definition => definition.Id == id), "lab-2");
        Assert.Equal(6, links.Count);
        Assert.All(links.Where(link => !Touches(link, "lab-2")), link => Assert.Equal((ChangeOutcome.Created, "synced"), (link.Change, link.SyncStatus)));
        Assert.All(links.Where(link => Touches(link, "lab-2")), link => Assert.Equal((ChangeOutcome.Failed, error.Message), (link.Change, link.Reason)));
        Assert.Equal(0, mesh[2].Requests.MutatingCount);
        if (error.Definition == ErrorCatalog.KubeForbidden)
            Assert.Contains("User \"kubernetes-admin\"", error.Message, StringComparison.Ordinal);
        mesh.AssertNothingLeaked(links);

        await MendAsync(mesh[2]);
        await AssertRerunCompletesAsync(mesh, links);
    }

    [Theory]
    [InlineData(FaultKind.Slow)]
    [InlineData(FaultKind.Throttle)]
    public async Task A_cluster_that_is_slow_or_throttles_for_a_while_is_joined_all_the_same(FaultKind kind)
    {
        await using var mesh = await LabMesh.StartAsync(3);
        mesh[2].Faults.Add(kind is FaultKind.Slow
            ? new Fault(kind) { Delay = TimeSpan.FromMilliseconds(200) }
            : new Fault(kind) { RetryAfterSeconds = 1, Times = 3 });
        var links = await mesh.EnableAsync(s_waiting);
        Assert.Empty(mesh.Log.Failures);
        Assert.All(links, link => Assert.Equal((ChangeOutcome.Created, "synced"), (link.Change, link.SyncStatus)));
    }

    [Theory]
    [InlineData("patch", "secrets", "no remote secrets")]
    [InlineData("create", "secrets", "no token")]
    public async Task A_user_who_may_not_write_one_kind_fails_the_links_that_need_it_alone(string verb, string resource, string what)
    {
        await using var mesh = await LabMesh.StartAsync(3);
        mesh[2].Faults.Add(new Fault(FaultKind.Forbidden) { Verb = verb, Resource = resource });
        var links = await mesh.EnableAsync();
        Assert.All(mesh.Log.Failures, failure =>
        {
            var error = Described.By(failure);
            Assert.Equal(ErrorCatalog.KubeForbidden, error.Definition);
            Assert.Contains("lab-2", error.Message, StringComparison.Ordinal);
            Assert.Contains($"User \"kubernetes-admin\" cannot {verb} resource \"{resource}\"", error.Message, StringComparison.Ordinal);
        });
        Assert.All(links, link => Assert.Equal(
            (what == "no token" ? link.Target!.Name : link.Reader.Name) == "lab-2" ? ChangeOutcome.Failed : ChangeOutcome.Created, link.Change));
        Assert.Equal(what == "no token" ? 1 : 2, mesh.Log.Failures.Count);

        await MendAsync(mesh[2]);
        await AssertRerunCompletesAsync(mesh, links);
    }

    [Fact]
    public async Task A_cluster_that_fails_halfway_fails_its_links_alone()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        var plan = await mesh.PlanAsync(s_waiting);
        mesh[2].Faults.Add(new Fault(FaultKind.Down));
        var links = await plan.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None).ToListAsync();
        Assert.Equal(6, links.Count);
        Assert.All(links, link => Assert.Equal(Touches(link, "lab-2") ? ChangeOutcome.Failed : ChangeOutcome.Created, link.Change));
        Assert.All(links.Where(link => Touches(link, "lab-2")), link => Assert.Contains("lab-2", link.Reason, StringComparison.Ordinal));
        Assert.All(mesh.Log.Failures, failure => Assert.Equal(ErrorCatalog.EndpointUnreachable, Described.By(failure).Definition));
        mesh.AssertNothingLeaked(links);

        await MendAsync(mesh[2]);
        await AssertRerunCompletesAsync(mesh, links);
    }

    [Fact]
    public async Task An_expired_token_is_refused_and_not_shown()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var token = mesh[2].IssueToken(LabMesh.Namespace, LabMesh.Account, TimeSpan.FromHours(-1));
        var yaml = KubernetesYaml.ParseAll(await File.ReadAllTextAsync(mesh.KubeconfigPath))[0];
        yaml["users"]!.AsArray().Single(user => user!["name"]!.GetValue<string>() == "lab-2")!["user"] = new JsonObject { ["token"] = token };
        await File.WriteAllTextAsync(mesh.KubeconfigPath, KubernetesYaml.Write(yaml));
        var links = await mesh.EnableAsync();
        var error = Described.TheOnly(mesh.Log.Failures, ErrorCatalog.KubeUnauthorized, "lab-2");
        Assert.Equal(MeshErrorCategory.AuthenticationError, error.Category);
        Assert.Contains("--context lab-2", error.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain(token, error.Exception.ToString() + error, StringComparison.Ordinal);
        Assert.All(links, link => Assert.Equal(ChangeOutcome.Failed, link.Change));
        mesh.AssertNothingLeaked(links);
    }

    [Fact]
    public async Task A_credential_plugin_that_is_not_installed_is_named_with_its_hint()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var yaml = KubernetesYaml.ParseAll(await File.ReadAllTextAsync(mesh.KubeconfigPath))[0];
        yaml["users"]!.AsArray().Single(user => user!["name"]!.GetValue<string>() == "lab-2")!["user"] = JsonNode.Parse(
            """{"exec":{"apiVersion":"client.authentication.k8s.io/v1","command":"no-such-plugin","installHint":"Install no-such-plugin.","interactiveMode":"Never"}}""");
        await File.WriteAllTextAsync(mesh.KubeconfigPath, KubernetesYaml.Write(yaml));
        await mesh.EnableAsync();
        var error = Described.TheOnly(mesh.Log.Failures, ErrorCatalog.ExecPluginNotFound, "lab-2");
        Assert.Equal("Install no-such-plugin.", error.RecommendedAction);
    }

    [Fact]
    public async Task A_cluster_that_istiod_cannot_read_is_named_with_replica_and_status()
    {
        await using var mesh = await LabMesh.StartAsync(2, options => options with { RemoteTimeout = TimeSpan.FromMilliseconds(200) });
        mesh[2].Faults.Add(new Fault(FaultKind.Forbidden) { Verb = "list", Resource = "services" });
        var links = await mesh.EnableAsync(new EndpointDiscoveryOptions { Wait = true, Timeout = TimeSpan.FromSeconds(2) });
        var late = links.Single(link => link.Target!.Name == "lab-2");
        Assert.Equal((ChangeOutcome.Created, "timeout"), (late.Change, late.SyncStatus));
        Assert.Contains($"{Assert.Single(late.Replicas).Replica}: timeout", late.Reason, StringComparison.Ordinal);
        Assert.Equal("synced", links.Single(link => link.Target!.Name == "lab-1").SyncStatus);
        var error = Described.By(Assert.Single(mesh.Log.Failures));
        Assert.Equal((ErrorCatalog.MeshWaitTimeout, MeshErrorCategory.OperationTimeout), (error.Definition, error.Category));
        Assert.Same(late.Reader, Assert.IsType<EndpointDiscoveryLink>(error.Target).Reader);
        Assert.Contains("lab-1 does not read lab-2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_leave_to_forward_ports_the_wait_ends_at_once()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        mesh[1].Faults.Add(new Fault(FaultKind.Forbidden) { Resource = "pods/portforward" });
        var links = await mesh.EnableAsync(new EndpointDiscoveryOptions { Wait = true, Timeout = TimeSpan.FromMinutes(5) });
        Described.TheOnly(mesh.Log.Failures, ErrorCatalog.KubeForbidden, "lab-1");
        Assert.Contains("pods/portforward", links.Single(link => link.Reader.Name == "lab-1").Reason, StringComparison.Ordinal);
        Assert.Equal("synced", links.Single(link => link.Reader.Name == "lab-2").SyncStatus);
    }

    [Fact]
    public async Task An_istiod_that_is_gone_is_said_and_one_that_comes_back_is_waited_for()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var plan = await mesh.PlanAsync(s_waiting with { Timeout = TimeSpan.FromSeconds(1) });
        await ScaleAsync(mesh, 0);
        var links = await plan.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None).ToListAsync();
        var late = links.Single(link => link.Reader.Name == "lab-1");
        Assert.Equal((ChangeOutcome.Created, "unknown"), (late.Change, late.SyncStatus));
        Assert.Contains("no istiod runs in namespace istio-system", late.Reason, StringComparison.Ordinal);
        Assert.Equal(ErrorCatalog.MeshWaitTimeout, Described.By(Assert.Single(mesh.Log.Failures)).Definition);

        var log = new RecordedLog();
        var again = await mesh.PlanAsync(s_waiting, log);
        mesh[1].Requests.Clear();
        var waiting = again.ExecuteAsync(_ => true, log, CancellationToken.None).ToListAsync().AsTask();
        await Eventually.TrueAsync(() => mesh[1].Requests.Count(entry => entry is { Verb: "list", Resource: "pods" } && entry.UserAgent.StartsWith("meshtools/", StringComparison.Ordinal)) > 0);
        await ScaleAsync(mesh, 1);
        Assert.All(await waiting, link => Assert.Equal((ChangeOutcome.Unchanged, "synced"), (link.Change, link.SyncStatus)));
        Assert.Empty(log.Failures);
    }

    [Fact]
    public async Task A_slow_reader_does_not_hold_back_the_links_of_the_others()
    {
        await using var mesh = await LabMesh.StartAsync(5);
        await mesh.EnableAsync();
        foreach (var number in new[] { 1, 2, 3, 4, 5 })
        {
            foreach (var secret in mesh.RemoteSecrets(number))
                mesh.Delete(number, "secrets", secret);
        }

        var plan = await mesh.PlanAsync(new EndpointDiscoveryOptions { ThrottleLimit = 4 });
        mesh[1].Faults.Add(new Fault(FaultKind.Slow) { Verb = "patch", Resource = "secrets", Delay = TimeSpan.FromMinutes(10) });
        var others = 0;
        await foreach (var link in plan.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None))
        {
            Assert.NotEqual("lab-1", link.Reader.Name);
            if (++others == 16)
                break;
        }

        Assert.Equal(16, others);
    }

    [Theory]
    [InlineData("looking")]
    [InlineData("writing")]
    [InlineData("waiting")]
    public async Task Cancelling_ends_within_a_second_and_a_rerun_completes(string step)
    {
        await using var mesh = await LabMesh.StartAsync(3, options => options with { RemoteTimeout = TimeSpan.FromMinutes(5) });
        mesh[2].Faults.Add(step switch
        {
            "looking" => new Fault(FaultKind.Slow) { Delay = TimeSpan.FromMinutes(10) },
            "writing" => new Fault(FaultKind.Slow) { Verb = "patch", Delay = TimeSpan.FromMinutes(10) },
            _ => new Fault(FaultKind.Slow) { Verb = "list", Resource = "services", Delay = TimeSpan.FromMinutes(10) },
        });
        using var stop = new CancellationTokenSource();
        var run = Task.Run(async () =>
        {
            var plan = await EndpointDiscoveryPlan.CreateAsync(mesh.Load(), s_waiting with { Timeout = TimeSpan.FromMinutes(10) }, mesh.Log, stop.Token);
            return await plan.ExecuteAsync(_ => true, mesh.Log, stop.Token).ToListAsync();
        });

        // The healthy clusters have come as far as they can without the slow one.
        await Eventually.TrueAsync(() => step == "looking"
            ? mesh[1].Requests.Count(entry => entry is { Resource: "deployments", Verb: "list" }) > 0
            : mesh.RemoteSecrets(1).Count == 2 && mesh.RemoteSecrets(3).Count == 2 && (step == "writing" || mesh.RemoteSecrets(2).Count == 2));
        var cancelled = System.Diagnostics.Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.InRange(cancelled.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Empty(mesh.Log.Failures);
        mesh.AssertNothingLeaked();

        // Whoever hangs in the slow cluster is cut off, as by a restart of its API server.
        mesh[2].Faults.Clear();
        await mesh[2].StopListeningAsync();
        await mesh[2].StartListeningAsync();
        var log = new RecordedLog();
        Assert.All(await mesh.EnableAsync(s_waiting, log), link => Assert.Equal("synced", link.SyncStatus));
        Assert.Empty(log.Failures);
    }

    private static Task ScaleAsync(LabMesh mesh, int replicas)
    {
        mesh[1].Store.Mutate(new ResourceKey("apps", "deployments", LabMesh.Namespace, "istiod"), json =>
        {
            json["spec"]!["replicas"] = replicas;
            return json;
        }, "kubectl");
        return replicas > 0
            ? Task.CompletedTask
            : Eventually.TrueAsync(() => mesh[1].Store.List("", "pods", LabMesh.Namespace).Items.All(pod => !pod.Key.Name.StartsWith("istiod-", StringComparison.Ordinal)));
    }
}
