using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Gateways;
using MeshTools.Lab;
using MeshTools.Tests.Lab.Hosting;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Lab.Samples;

/// <summary>Calls between networks through gateways of every form, and the reasons why they do not get through.</summary>
public sealed class GatewayCallTests
{
    private const string Closed = "upstream connect error or disconnect/reset before headers. reset reason: connection termination";
    private const string Refused = "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused";

    private static readonly ResourceKey Balanced = new("", "services", "istio-system", "istio-eastwestgateway");

    private static Task<SampleLab> StartAsync(Func<LabOptions, LabOptions>? configure = null) =>
        SampleLab.StartAsync(2, options => configure is null ? options with { SharedNetwork = false } : configure(options with { SharedNetwork = false }));

    private static void Gateway(LabCluster cluster, string kind, string network, string hostname = "*.local", string addresses = "[]") => SampleLab.Create(
        cluster,
        new ResourceKey("gateway.networking.k8s.io", "gateways", "istio-system", "east"),
        $$"""
        {"apiVersion":"gateway.networking.k8s.io/v1","kind":"Gateway","metadata":{"generation":1,"labels":{"topology.istio.io/network":"{{network}}"} },
         "spec":{"gatewayClassName":"{{kind}}","addresses":{{addresses}},
          "listeners":[{"name":"cross-network","hostname":"{{hostname}}","port":15443,"protocol":"TLS","tls":{"mode":"Passthrough"} }]} }
        """);

    private static MeshCluster Load(LabCluster cluster)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "config");
        File.WriteAllText(path, cluster.AdminKubeconfigYaml);
        return ClusterCatalog.Load([path])[0];
    }

    [Fact]
    public async Task A_gateway_of_the_gateway_api_lets_in_what_its_listener_names()
    {
        await using var lab = await StartAsync(options => options with { GatewayApi = true });
        Gateway(lab.Clusters[1], "istio", "lab-2-network");
        await lab.GatewaysKnownAsync(1);
        await SampleLab.EndpointsAsync(lab.Clusters[1], "istio-system", "east-istio");
        Assert.Equal("v1 v2", await SampleLab.AnswersAsync(lab.Clusters[0], 2));

        lab.Clusters[1].Store.Mutate(
            new ResourceKey("gateway.networking.k8s.io", "gateways", "istio-system", "east"),
            json =>
            {
                json["spec"]!["listeners"]![0]!["hostname"] = "*.other.svc.cluster.local";
                return json;
            },
            "test");
        Assert.Equal($"v1 {Closed}", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }

    [Fact]
    public async Task A_gateway_behind_a_host_name_is_reached()
    {
        await using var lab = await StartAsync(options => options with { LoadBalancers = LoadBalancing.ByHostName });
        await SampleLab.GatewayAsync(lab.Clusters[1]);
        await lab.GatewaysKnownAsync(1);
        Assert.Equal("v1 v2", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }

    [Fact]
    public async Task A_declared_address_leads_to_a_gateway_that_says_nothing_of_its_network()
    {
        await using var lab = await StartAsync(options => options with { GatewayApi = true });
        await SampleLab.GatewayAsync(lab.Clusters[1]);
        lab.Clusters[1].Store.Mutate(
            Balanced,
            json =>
            {
                json["metadata"]!.AsObject().Remove("labels");
                return json;
            },
            "test");
        await lab.GatewaysKnownAsync(0);
        var address = lab.Clusters[1].Store.Get(Balanced).Json["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]!.GetValue<string>();

        Gateway(lab.Clusters[0], "istio-remote", "lab-2-network", addresses: $$"""[{"type":"IPAddress","value":"{{address}}"}]""");
        await Eventually.TrueAsync(async () => await SampleLab.AnswersAsync(lab.Clusters[0], 2) is "v1 v2" or "v2 v1");
    }

    [Fact]
    public async Task What_is_published_is_reached_and_no_longer_when_it_is_not()
    {
        await using var lab = await StartAsync();
        await SampleLab.GatewayAsync(lab.Clusters[1], expose: false);
        await lab.GatewaysKnownAsync(1);
        Assert.Equal($"v1 {Refused}", await SampleLab.AnswersAsync(lab.Clusters[0], 2));

        var cluster = Load(lab.Clusters[1]);
        var log = new RecordedLog();
        var narrow = new ServiceExposureOptions { Hosts = ["*.other.svc.cluster.local"] };
        await (await ServiceExposurePlan.CreateAsync(cluster, narrow, log, default)).ExecuteAsync(_ => true, log, default);
        Assert.Equal($"v1 {Closed}", await SampleLab.AnswersAsync(lab.Clusters[0], 2));

        await (await ServiceExposurePlan.CreateAsync(cluster, new ServiceExposureOptions(), log, default)).ExecuteAsync(_ => true, log, default);
        Assert.Equal("v1 v2", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
        Assert.Empty(log.Warnings);

        await (await ServiceExposureRemoval.CreateAsync(cluster, new ServiceExposureOptions(), log, default)).ExecuteAsync(_ => true, log, default);
        Assert.Equal($"v1 {Refused}", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }
}
