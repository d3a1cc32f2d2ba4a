using MeshTools.Lab;
using MeshTools.Tests.Lab;
using MeshTools.Tests.Lab.ControlPlane;
using MeshTools.Tests.Lab.Samples;
using MeshTools.Tests.Scenarios;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Connectivity;

/// <summary>What calls alone do not show.</summary>
public sealed class JudgementTests
{
    [Fact]
    public async Task Locality_failover_is_said_and_fails_no_pair()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2);
        for (var number = 1; number <= 2; number++)
        {
            var cluster = lab[number];
            foreach (var node in cluster.Store.List("", "nodes").Items)
            {
                cluster.Store.Mutate(
                    node.Key,
                    json =>
                    {
                        json["metadata"]!["labels"]!["topology.kubernetes.io/region"] = cluster.Name;
                        return json;
                    },
                    "test");
            }

            SampleLab.Create(
                cluster, new ResourceKey("networking.istio.io", "destinationrules", "sample", "helloworld"),
                """{"apiVersion":"networking.istio.io/v1","kind":"DestinationRule","spec":{"host":"helloworld.sample.svc.cluster.local","trafficPolicy":{"outlierDetection":{"consecutive5xxErrors":1} } } }""");
        }

        var mesh = await lab.TestAsync(new ConnectivityOptions { Count = 5 });
        Assert.True(mesh.Passed, mesh.ToMatrix());
        var crossing = mesh.Results.Where(pair => pair.Source.Name != pair.Target.Name).ToArray();
        Assert.All(crossing, pair => Assert.Equal(0, pair.Succeeded));
        Assert.All(crossing, pair => Assert.Contains("DestinationRule sample/helloworld has outlierDetection", pair.Note, StringComparison.Ordinal));
        Assert.NotEmpty(lab.Log.Warnings);
        Assert.Empty(lab.Log.Failures);

        // A fault behind it is found all the same.
        lab[2].Faults.Add(new Fault(FaultKind.GatewayBlocked));
        Assert.Equal(["lab-1 -> lab-2"], (await lab.TestAsync(new ConnectivityOptions { Count = 5 })).Failures.Select(pair => pair.ToString()));
    }

    [Fact]
    public async Task Answers_that_name_nobody_are_told_apart_by_the_proxy()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2);
        var mesh = await lab.TestAsync(new ConnectivityOptions { Path = "/health" });
        Assert.True(mesh.Passed, mesh.ToMatrix());
        Assert.All(mesh.Results, pair => Assert.Equal((10, AnswerEvidence.Proxy), (pair.Succeeded, pair.ToldBy)));
    }

    [Fact]
    public async Task Answers_that_cannot_be_told_apart_are_judged_by_the_way()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2);
        lab[1].Faults.Add(new Fault(FaultKind.ServerError) { Resource = "pods/portforward" });
        lab[2].Faults.Add(new Fault(FaultKind.ServerError) { Resource = "pods/portforward" });
        var mesh = await lab.TestAsync(new ConnectivityOptions { Path = "/health" });
        Assert.True(mesh.Passed, mesh.ToMatrix());
        Assert.All(mesh.Results, pair => Assert.Contains("do not say which cluster", pair.Note, StringComparison.Ordinal));

        lab[2].Store.Delete(new ResourceKey("networking.istio.io", "gateways", "istio-system", "cross-network-gateway"));
        var broken = await lab.TestAsync(new ConnectivityOptions { Path = "/health", Count = 4 });
        Assert.Contains(broken.Failures, pair => pair.ToString() is "lab-1 -> lab-2" && pair.FailingHop == ConnectivityHop.Exposure);
    }

    [Fact]
    public async Task A_cluster_that_is_down_is_one_error_and_the_others_go_on()
    {
        await using var lab = await ConnectedLab.StartAsync(3);
        await lab[3].StopListeningAsync();
        var mesh = await lab.TestAsync(new ConnectivityOptions { Count = 4 });
        Assert.False(mesh.Passed);
        Assert.Equal(["lab-3"], mesh.Unreadable.Select(cluster => cluster.Name));
        Assert.Equal(4, mesh.Results.Count);
        Assert.Single(lab.Log.Failures);
        Assert.Contains("lab-3: could not be read", mesh.ToMatrix(), StringComparison.Ordinal);
        Assert.StartsWith("FAILED: 4 of 4 pairs passed, 1 cluster could not be read,", mesh.ToMatrix(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_without_a_shell_calls_all_the_same()
    {
        await using var lab = await ConnectedLab.StartAsync(1);
        SampleLab.Deploy(lab[1], "sample", "bare", "example.com/curl-distroless:1");
        await SampleLab.PodAsync(lab[1], "bare");
        var mesh = await lab.TestAsync(new ConnectivityOptions { ClientSelector = "app=bare", Count = 7 });
        Assert.True(mesh.Passed, mesh.ToMatrix());
        Assert.Equal(7, mesh.Calls);
    }

    [Fact]
    public async Task Patience_waits_for_what_comes_later()
    {
        await using var lab = await ConnectedLab.StartAsync(2, link: false);
        var log = new RecordedLog();
        var testing = lab.TestAsync(new ConnectivityOptions { Count = 2, Patience = TimeSpan.FromMinutes(2) }, log);
        await Eventually.TrueAsync(() => log.VerboseLines.Any(line => line.Contains("do not answer yet", StringComparison.Ordinal)));
        await MeshLab.LinkAsync(lab[1], lab[2]);
        await MeshLab.LinkAsync(lab[2], lab[1]);

        var mesh = await testing;
        Assert.True(mesh.Passed, mesh.ToMatrix());
        Assert.Empty(log.Failures);
    }

    [Fact]
    public async Task A_stop_leaves_no_process_and_says_what_was_measured()
    {
        // Every other call hangs at an address that leads nowhere.
        await using var lab = await ConnectedLab.StartAsync(2, options => options with { SharedNetwork = false, ConnectTimeout = TimeSpan.FromMinutes(5) });
        using var stop = new CancellationTokenSource();
        var test = new ConnectivityTest(lab.Load(), new ConnectivityOptions { CallTimeout = TimeSpan.FromMinutes(5) }, lab.Log);
        var running = test.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => lab[1].Programs.Running == 1 && lab[2].Programs.Running == 1 && test.SoFar is { Calls: >= 1 });
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Eventually.TrueAsync(() => lab[1].Programs.Running == 0 && lab[2].Programs.Running == 0);
        Assert.Contains("lab-1 made 1, answered by lab-1 1", test.SoFar!.ToPartial(), StringComparison.Ordinal);
    }
}
