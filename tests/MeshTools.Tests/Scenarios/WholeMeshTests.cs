using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Gateways;
using MeshTools.Lab;
using MeshTools.Samples;
using MeshTools.Tests.Lab;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>From clusters with a control plane and nothing else to a mesh whose calls are proved, and back, step by step as the guides go.</summary>
public sealed class WholeMeshTests
{
    private static readonly EndpointDiscoveryOptions s_waiting = new() { Wait = true, Timeout = TimeSpan.FromSeconds(60) };

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task Clusters_on_networks_of_their_own_call_each_other_through_gateways(int count)
    {
        await using var mesh = await LabMesh.StartAsync(count, options => options with { SharedNetwork = false });
        var clusters = await mesh.ProbeAsync();
        var before = Objects(mesh);

        foreach (var cluster in clusters)
            await GatewayAsync(mesh, cluster);
        Assert.All(await mesh.EnableAsync(s_waiting), link => Assert.Equal("synced", link.SyncStatus));
        await SampleAsync(mesh, clusters);
        var outcome = await TestAsync(mesh, clusters);
        Assert.Empty(mesh.Log.Failures);
        Assert.True(outcome.Passed, outcome.ToMatrix());
        Assert.Equal(count * count, outcome.Results.Count);
        Assert.All(
            outcome.Results.GroupBy(pair => pair.Source.Name, StringComparer.Ordinal),
            source => Assert.Equal(Enumerable.Range(1, count).Select(number => $"v{number}"), source.SelectMany(pair => pair.Versions.Keys).Order(StringComparer.Ordinal)));

        // And back: nothing that was made is left.
        foreach (var cluster in clusters)
            await (await SampleRemoval.CreateAsync(cluster, "sample", force: false, CancellationToken.None)).ExecuteAsync(_ => true, TimeSpan.FromSeconds(60), mesh.Log, CancellationToken.None);
        Assert.False((await TestAsync(mesh, clusters, new RecordedLog())).Passed);
        var leaving = await EndpointDiscoveryRemoval.CreateAsync(clusters, [], new EndpointDiscoveryOptions(), mesh.Log, CancellationToken.None);
        _ = await leaving.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None).ToListAsync();
        foreach (var cluster in clusters)
            await RemoveGatewayAsync(mesh, cluster);
        Assert.Empty(mesh.Log.Failures);
        await Eventually.TrueAsync(() => before.SequenceEqual(Objects(mesh)), () => string.Join(", ", Objects(mesh).Except(before).Concat(before.Except(Objects(mesh)))));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task Clusters_on_one_network_call_each_other_directly(int count)
    {
        await using var mesh = await LabMesh.StartAsync(count);
        var clusters = await mesh.ProbeAsync();
        _ = await mesh.EnableAsync(s_waiting);
        await SampleAsync(mesh, clusters, SampleClient.Sleep);
        var outcome = await TestAsync(mesh, clusters);
        Assert.Empty(mesh.Log.Failures);
        Assert.True(outcome.Passed, outcome.ToMatrix());
        Assert.Equal(count * count, outcome.Results.Count);
    }

    [Fact]
    public async Task Clusters_that_all_say_network_default_do_not_use_their_gateways_and_that_is_said()
    {
        // As a guide for clusters outside of Google Cloud has it: --network default for both, and pods that do not reach each other.
        await using var mesh = await LabMesh.StartAsync(2, (number, cluster) => cluster with { Network = "default", PodNetwork = $"site-{number}" });
        var clusters = await mesh.ProbeAsync();
        foreach (var cluster in clusters)
            await GatewayAsync(mesh, cluster);
        _ = await mesh.EnableAsync(s_waiting);
        await SampleAsync(mesh, clusters);
        var outcome = await TestAsync(mesh, clusters);
        Assert.Equal(["lab-1 -> lab-2", "lab-2 -> lab-1"], outcome.Failures.Select(pair => pair.ToString()));
        Assert.All(outcome.Failures, pair => Assert.Equal(ConnectivityHop.Network, pair.FailingHop));
        Assert.All(outcome.Failures, pair => Assert.Contains("both clusters say network default", pair.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_gateway_of_the_gateway_api_is_passed_and_its_port_is_looked_at()
    {
        await using var mesh = await LabMesh.StartAsync(2, options => options with { SharedNetwork = false, Configure = (_, cluster) => cluster with { GatewayApi = true } });
        await Eventually.TrueAsync(() => mesh.Host.Clusters.All(cluster => cluster.Store.Find(new ResourceKey("gateway.networking.k8s.io", "gatewayclasses", null, "istio")) is not null));
        var clusters = await mesh.ProbeAsync();
        foreach (var cluster in clusters)
            await NewGatewayAsync(mesh, cluster, new EastWestGatewayOptions { Form = EastWestGatewayForm.GatewayApi, Wait = true, Timeout = TimeSpan.FromSeconds(60) });
        _ = await mesh.EnableAsync(s_waiting);
        await SampleAsync(mesh, clusters);
        var outcome = await TestAsync(mesh, clusters);
        Assert.True(outcome.Passed, outcome.ToMatrix());

        mesh[2].Faults.Add(new Fault(FaultKind.GatewayBlocked));
        var blocked = Assert.Single((await TestAsync(mesh, clusters)).Failures);
        Assert.Equal(("lab-1 -> lab-2", ConnectivityHop.GatewayPort), (blocked.ToString(), blocked.FailingHop));
    }

    private static async Task GatewayAsync(LabMesh mesh, MeshCluster cluster)
    {
        await NewGatewayAsync(mesh, cluster, new EastWestGatewayOptions { Wait = true, Timeout = TimeSpan.FromSeconds(60) });
        var exposure = await ServiceExposurePlan.CreateAsync(cluster, new ServiceExposureOptions(), mesh.Log, CancellationToken.None);
        await exposure.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None);
    }

    private static async Task NewGatewayAsync(LabMesh mesh, MeshCluster cluster, EastWestGatewayOptions options)
    {
        var plan = await EastWestGatewayPlan.CreateAsync(cluster, options, [], mesh.Log, CancellationToken.None);
        await plan.ExecuteAsync(mesh.Log, CancellationToken.None);
    }

    private static async Task RemoveGatewayAsync(LabMesh mesh, MeshCluster cluster)
    {
        var hidden = await ServiceExposureRemoval.CreateAsync(cluster, new ServiceExposureOptions(), mesh.Log, CancellationToken.None);
        await hidden.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None);
        var gateways = await EastWestGateways.ReadAsync(cluster, mesh.Log, CancellationToken.None);
        var removal = await EastWestGatewayRemoval.PlanAsync(cluster, gateways, [], mesh.Log, CancellationToken.None);
        await removal.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None);
        await removal.WaitAsync(TimeSpan.FromSeconds(60), mesh.Log, CancellationToken.None);
    }

    private static async Task SampleAsync(LabMesh mesh, IReadOnlyList<MeshCluster> clusters, SampleClient client = SampleClient.Curl)
    {
        var plan = await SampleInstallation.CreateAsync(clusters, new SampleOptions { Client = client, Timeout = TimeSpan.FromSeconds(60) }, mesh.Log, CancellationToken.None);
        Assert.All(await plan.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None).ToListAsync(), sample => Assert.True(sample.Ready));
    }

    private static Task<MeshConnectivity> TestAsync(LabMesh mesh, IReadOnlyList<MeshCluster> clusters, RecordedLog? log = null) =>
        new ConnectivityTest(clusters, new ConnectivityOptions { Patience = log is null ? TimeSpan.FromSeconds(2) : TimeSpan.Zero }, log ?? mesh.Log).RunAsync(CancellationToken.None);

    // What somebody made: not what comes and goes by itself with it.
    private static string[] Objects(LabMesh mesh) =>
    [
        .. from cluster in mesh.Host.Clusters
           from kind in new[] { ("", "namespaces"), ("", "services"), ("", "secrets"), ("", "serviceaccounts"), ("apps", "deployments"), ("networking.istio.io", "gateways"), ("rbac.authorization.k8s.io", "roles") }
           from item in cluster.Store.List(kind.Item1, kind.Item2).Items
           orderby cluster.Index
           select $"{cluster.Name}: {kind.Item2} {item.Key.Namespace}/{item.Key.Name}" into text
           orderby text
           select text,
    ];
}
