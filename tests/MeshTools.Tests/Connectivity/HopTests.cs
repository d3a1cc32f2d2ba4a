using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.Lab;
using MeshTools.Tests.Lab;
using MeshTools.Tests.Lab.ControlPlane;
using MeshTools.Tests.Lab.Samples;
using MeshTools.Tests.Lab.Trust;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Connectivity;

/// <summary>Each place on the way is broken alone, and named.</summary>
public sealed class HopTests
{
    private static readonly ConnectivityOptions s_quick = new() { Count = 6, CallTimeout = TimeSpan.FromSeconds(2) };

    /// <summary>Those pairs fail at that place and no other pair fails.</summary>
    private static async Task<IReadOnlyList<ConnectivityResult>> AssertFailsAsync(ConnectedLab lab, ConnectivityHop hop, string reason, params string[] pairs)
    {
        var mesh = await lab.TestAsync(s_quick);
        var failed = mesh.Failures.ToArray();
        Assert.Equal(pairs.Order(StringComparer.Ordinal), failed.Select(pair => pair.ToString()).Order(StringComparer.Ordinal));
        Assert.All(failed, pair =>
        {
            Assert.True(pair.FailingHop == hop, $"{pair}: {pair.FailingHop}: {pair.Reason}");
            Assert.Contains(reason, pair.Reason, StringComparison.Ordinal);
            Assert.False(string.IsNullOrEmpty(pair.Fix));
        });
        Assert.False(mesh.Passed);
        // One error for each pair, or for each client that cannot call; and all of them in the text.
        var errors = lab.Log.Failures.Select(failure => Assert.IsType<MeshException>(failure.Error)).ToArray();
        Assert.Equal(hop is ConnectivityHop.Client ? failed.Select(pair => pair.Source.Name).Distinct(StringComparer.Ordinal).Count() : pairs.Length, errors.Length);
        Assert.All(errors, error => Assert.Same(hop is ConnectivityHop.Client ? ErrorCatalog.ConnectivityClientUnusable : ErrorCatalog.ConnectivityFailed, error.Definition));
        Assert.Contains(hop.ToString() + ": ", mesh.ToMatrix(), StringComparison.Ordinal);
        return failed;
    }

    [Fact]
    public async Task A_link_that_is_not_there()
    {
        await using var lab = await ConnectedLab.StartAsync(3);
        lab[1].Store.Delete(new ResourceKey("", "secrets", "istio-system", "istio-remote-secret-lab-2"));
        await Eventually.TrueAsync(() => lab[1].RemoteStatus().Count == 1);

        var failed = await AssertFailsAsync(lab, ConnectivityHop.Link, "istiod of lab-1 has no remote secret for lab-2", "lab-1 -> lab-2");
        Assert.Contains("Enable-EndpointDiscovery", failed[0].Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_is_not_in_sync()
    {
        await using var lab = await ConnectedLab.StartAsync(2, options => options with { RemoteTimeout = TimeSpan.FromMilliseconds(300) });
        lab[2].Store.Delete(new ResourceKey("", "secrets", "istio-system", "istio-reader-service-account-istio-remote-secret-token"));
        await PluggedIn.RestartAsync(lab[1]);
        await MeshLab.UntilAsync(lab[1], "lab-2", "timeout");

        await AssertFailsAsync(lab, ConnectivityHop.Link, "timeout", "lab-1 -> lab-2");
    }

    [Fact]
    public async Task A_service_that_the_source_does_not_have()
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        lab[1].Store.Delete(new ResourceKey("", "services", "sample", "helloworld"));

        await AssertFailsAsync(lab, ConnectivityHop.Endpoints, "Service sample/helloworld is not in lab-1", "lab-1 -> lab-2");
    }

    [Fact]
    public async Task Endpoints_that_are_not_ready()
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        var pod = await SampleLab.PodAsync(lab[2], "helloworld");
        lab[2].Store.Mutate(
            pod.Key,
            json =>
            {
                foreach (var condition in json["status"]!["conditions"]!.AsArray().Where(condition => condition!["type"]!.GetValue<string>() == "Ready"))
                    (condition!["status"], condition["message"]) = ("False", "containers with unready status: [main]");
                return json;
            },
            "test");

        await AssertFailsAsync(lab, ConnectivityHop.Endpoints, "containers with unready status: [main]", "lab-1 -> lab-2", "lab-2 -> lab-2");
    }

    [Fact]
    public async Task A_gateway_that_says_another_network()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2);
        lab[2].Store.Mutate(
            new ResourceKey("", "services", "istio-system", "istio-eastwestgateway"),
            json =>
            {
                json["metadata"]!["labels"]!["topology.istio.io/network"] = "elsewhere";
                return json;
            },
            "test");

        await AssertFailsAsync(lab, ConnectivityHop.Network, "leads into network elsewhere, and the pods of sample/helloworld are in lab-2-network", "lab-1 -> lab-2");
    }

    [Fact]
    public async Task One_network_by_name_whose_pods_do_not_reach_each_other()
    {
        await using var lab = await ConnectedLab.StartAsync(2, options => options with { Configure = (index, cluster) => cluster with { PodNetwork = $"wire-{index}" } });

        await AssertFailsAsync(lab, ConnectivityHop.Network, "both clusters say network lab-network, so calls go straight to pods", "lab-1 -> lab-2", "lab-2 -> lab-1");
    }

    [Fact]
    public async Task A_pod_that_still_says_its_old_network()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2);
        lab[2].Store.Mutate(
            new ResourceKey("", "namespaces", null, "istio-system"),
            json =>
            {
                json["metadata"]!["labels"]!["topology.istio.io/network"] = "renamed";
                return json;
            },
            "test");
        lab[2].Store.Delete(new ResourceKey("", "services", "istio-system", "istio-eastwestgateway"));

        var mesh = await lab.TestAsync(s_quick);
        var failed = mesh.Failures.Single(pair => pair.ToString() is "lab-1 -> lab-2");
        Assert.Equal(ConnectivityHop.Network, failed.FailingHop);
        Assert.Contains("says network lab-2-network, and its cluster is in renamed", failed.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "has no east-west gateway")]
    [InlineData(true, "has no address yet")]
    public async Task A_gateway_without_an_address(bool isThere, string reason)
    {
        await using var lab = await ConnectedLab.StartAsync(2, options => options with { SharedNetwork = false, Configure = (index, cluster) => index == 1 ? cluster with { LoadBalancers = LoadBalancing.Never } : cluster });
        await SampleLab.GatewayAsync(lab[1]);
        if (isThere)
            SampleLab.Service(lab[2], "istio-system", "istio-eastwestgateway", 15443, "istio", "eastwestgateway", "lab-2-network", "LoadBalancer");
        await lab.Samples.GatewaysKnownAsync(1);

        var failed = await AssertFailsAsync(lab, ConnectivityHop.GatewayAddress, reason, "lab-1 -> lab-2");
        Assert.Contains("New-EastWestGateway", failed[0].Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_behind_a_firewall()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(3);
        lab[2].Faults.Add(new Fault(FaultKind.GatewayBlocked));

        await AssertFailsAsync(lab, ConnectivityHop.GatewayPort, "does not answer, tried from pod", "lab-1 -> lab-2", "lab-3 -> lab-2");
    }

    [Fact]
    public async Task A_gateway_whose_pods_are_gone()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2);
        lab[2].Store.Delete(new ResourceKey("apps", "deployments", "istio-system", "istio-eastwestgateway"));
        await Eventually.TrueAsync(() => SampleLab.Pods(lab[2], "istio-eastwestgateway", "istio-system").Count == 0);

        await AssertFailsAsync(lab, ConnectivityHop.GatewayPort, "no pod of gateway istio-system/istio-eastwestgateway of lab-2 is ready: it has none", "lab-1 -> lab-2");
    }

    [Fact]
    public async Task Services_that_are_not_exposed()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2, unexposed: 2);
        var failed = await AssertFailsAsync(lab, ConnectivityHop.Exposure, "no Gateway passes port 15443 on", "lab-1 -> lab-2");
        Assert.Equal("Get-MeshCluster lab-2 | Publish-MeshService", failed[0].Fix);
    }

    [Fact]
    public async Task Other_hosts_that_are_exposed()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2, unexposed: 2);
        SampleLab.Expose(lab[2], "*.shop.svc.cluster.local");
        await AssertFailsAsync(lab, ConnectivityHop.Exposure, "is not among the hosts of", "lab-1 -> lab-2");
    }

    [Fact]
    public async Task Roots_that_differ()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2, options => options with { SharedTrust = false });
        var failed = await AssertFailsAsync(lab, ConnectivityHop.Trust, "MT301", "lab-1 -> lab-2", "lab-2 -> lab-1");
        Assert.All(failed, pair => Assert.Contains(pair.Failures.Keys, text => text is "503 UF (TLS CERTIFICATE_VERIFY_FAILED)" or "503 UF (TLS TLSV1_ALERT_UNKNOWN_CA)"));
    }

    [Fact]
    public async Task Mutual_tls_that_is_turned_off()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2);
        SampleLab.Peer(lab[2], "sample", "DISABLE");
        await AssertFailsAsync(lab, ConnectivityHop.Trust, "PeerAuthentication sample/default of lab-2 turns mutual TLS off", "lab-1 -> lab-2", "lab-2 -> lab-1");
    }

    [Fact]
    public async Task An_application_that_answers_with_an_error()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2);
        lab[2].Faults.Add(new Fault(FaultKind.AppError) { StatusCode = 503 });
        await AssertFailsAsync(lab, ConnectivityHop.Application, "calls ended with 503 to /hello", "lab-1 -> lab-2", "lab-2 -> lab-2");
    }

    [Fact]
    public async Task A_path_that_nobody_serves()
    {
        await using var lab = await ConnectedLab.StartAsync(1);
        var mesh = await lab.TestAsync(s_quick with { Path = "/nowhere" });
        var failed = Assert.Single(mesh.Failures);
        Assert.Equal((ConnectivityHop.Application, "the workload answers wrongly: 6 of 6 calls ended with 404 to /nowhere"), (failed.FailingHop, failed.Reason));
        Assert.StartsWith("Name a path that the Service serves with -Path", failed.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_no_side_has()
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        var mesh = await lab.TestAsync(s_quick with { Port = 1234 });
        Assert.Equal(4, mesh.Failures.Count());
        Assert.All(mesh.Failures, pair => Assert.Equal((ConnectivityHop.Endpoints, "Name a port that the Service has: -Port 5000"), (pair.FailingHop, pair.Fix)));
    }

    [Fact]
    public async Task A_client_without_a_proxy()
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        lab[1].Store.Mutate(
            new ResourceKey("", "namespaces", null, "sample"),
            json =>
            {
                json["metadata"]!["labels"]!.AsObject().Remove("istio-injection");
                return json;
            },
            "test");
        var old = await SampleLab.PodAsync(lab[1], "curl");
        lab[1].Store.Delete(old.Key);
        await Eventually.TrueAsync(() => SampleLab.Pods(lab[1], "curl") is [var pod] && pod.Uid != old.Uid && PluggedIn.Stage(pod) == "True");

        var failed = await AssertFailsAsync(lab, ConnectivityHop.Client, "has no proxy", "lab-1 -> lab-2");
        Assert.Contains("Enable-SidecarInjection", failed[0].Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_is_not_there()
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        lab[1].Store.Delete(new ResourceKey("apps", "deployments", "sample", "curl"));
        await Eventually.TrueAsync(() => SampleLab.Pods(lab[1], "curl").Count == 0);

        await AssertFailsAsync(lab, ConnectivityHop.Client, "no pod in namespace sample has app in (curl,sleep)", "lab-1 -> lab-1", "lab-1 -> lab-2");
    }

    [Fact]
    public async Task A_client_without_curl()
    {
        await using var lab = await ConnectedLab.StartAsync(1);
        var mesh = await lab.TestAsync(s_quick with { ClientSelector = "app=helloworld" });
        var failed = Assert.Single(mesh.Failures);
        Assert.Equal(ConnectivityHop.Client, failed.FailingHop);
        Assert.Contains("has no curl", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("-ClientContainer", failed.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_to_the_client_that_break_off()
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        lab[1].Faults.Add(new Fault(FaultKind.Reset) { Resource = "pods/exec" });
        await AssertFailsAsync(lab, ConnectivityHop.Client, "the exec session broke off", "lab-1 -> lab-1", "lab-1 -> lab-2");
    }
}
