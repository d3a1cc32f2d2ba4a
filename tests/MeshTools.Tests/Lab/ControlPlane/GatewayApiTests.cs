using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.ControlPlane;

/// <summary>What the simulated istiod makes of Gateways of the Kubernetes Gateway API.</summary>
public sealed class GatewayApiTests
{
    private static readonly ResourceKey Gateway = new("gateway.networking.k8s.io", "gateways", "istio-system", "east");

    private static Task<LabHost> StartAsync(Func<LabOptions, LabOptions>? configure = null)
    {
        var options = new LabOptions { ClusterCount = 1, GatewayApi = true };
        return LabHost.StartAsync(configure?.Invoke(options) ?? options);
    }

    private static void Create(LabCluster cluster, string kind, string listeners, string addresses = "[]", string labels = "") => cluster.Store.Create(
        Gateway,
        (JsonObject)JsonNode.Parse(
            $$"""
            {"apiVersion":"gateway.networking.k8s.io/v1","kind":"Gateway","metadata":{"generation":1,"labels":{"topology.istio.io/network":"n1"{{labels}}} },
             "spec":{"gatewayClassName":"{{kind}}","listeners":{{listeners}},"addresses":{{addresses}} } }
            """)!,
        "test");

    private const string CrossNetwork = """[{"name":"cross-network","hostname":"*.local","port":15443,"protocol":"TLS","tls":{"mode":"Passthrough"}}]""";
    private const string Mesh = """[{"name":"mesh","port":15008,"protocol":"HBONE","tls":{"mode":"Terminate"}}]""";

    private static string? Condition(LabCluster cluster, string type) =>
        cluster.Store.Find(Gateway)?.Json["status"]?["conditions"]?.AsArray().FirstOrDefault(item => item!["type"]!.GetValue<string>() == type) is { } found
            ? $"{found["status"]} {found["reason"]}"
            : null;

    private static async Task<JsonArray> NetworksAsync(LabCluster cluster, int count)
    {
        var networks = new JsonArray();
        await Eventually.TrueAsync(async () => (networks = JsonNode.Parse((await MeshLab.DebugAsync(cluster, "/debug/networkz")).Body)!.AsArray()).Count == count);
        return networks;
    }

    [Theory]
    [InlineData("istio", CrossNetwork, "east-istio", 15443, 0)]
    [InlineData("istio-east-west", Mesh, "east", 0, 15008)]
    public async Task A_gateway_of_a_managed_class_gets_a_deployment_a_service_and_an_address(string kind, string listeners, string name, int port, int hbone)
    {
        await using var lab = await StartAsync();
        var cluster = lab.Clusters[0];
        Create(cluster, kind, listeners);

        await Eventually.TrueAsync(() => Condition(cluster, "Programmed") == "True Programmed", () => cluster.Store.Find(Gateway)?.Json.ToJsonString() ?? "");
        Assert.Equal("True Accepted", Condition(cluster, "Accepted"));
        Assert.Single(cluster.Store.Get(Gateway).Json["status"]!["addresses"]!.AsArray());
        await Eventually.TrueAsync(() => cluster.Store.Get(new ResourceKey("apps", "deployments", "istio-system", name)).Json["status"]?["readyReplicas"] is not null);
        var known = Assert.Single(await NetworksAsync(cluster, 1))!;
        Assert.Equal(("n1", port, hbone), (known["Network"]!.GetValue<string>(), known["Port"]!.GetValue<int>(), known["HBONEPort"]!.GetValue<int>()));

        cluster.Store.Delete(Gateway);
        await Eventually.TrueAsync(() => cluster.Store.Find(new ResourceKey("", "services", "istio-system", name)) is null);
        await Eventually.TrueAsync(() => cluster.Store.Find(new ResourceKey("apps", "deployments", "istio-system", name)) is null);
    }

    [Fact]
    public async Task Without_an_address_it_says_that_one_is_pending()
    {
        await using var lab = await StartAsync(options => options with { LoadBalancers = LoadBalancing.Never });
        Create(lab.Clusters[0], "istio", CrossNetwork);

        await Eventually.TrueAsync(() => Condition(lab.Clusters[0], "Programmed") == "False AddressNotAssigned");
        Assert.Contains("address pending", lab.Clusters[0].Store.Get(Gateway).Json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_remote_gateway_is_only_known()
    {
        await using var lab = await StartAsync();
        Create(lab.Clusters[0], "istio-remote", CrossNetwork, """[{"type":"IPAddress","value":"192.0.2.7"}]""");

        Assert.Equal("192.0.2.7", (await NetworksAsync(lab.Clusters[0], 1))[0]!["Addr"]!.GetValue<string>());
        Assert.Null(lab.Clusters[0].Store.Find(new ResourceKey("", "services", "istio-system", "east")));
    }

    [Fact]
    public async Task A_revision_looks_after_those_that_name_it()
    {
        await using var lab = await StartAsync(options => options with { Revision = "asm-1303-1" });
        Create(lab.Clusters[0], "istio", CrossNetwork, labels: ""","istio.io/rev":"asm-1303-1" """);

        await Eventually.TrueAsync(() => Condition(lab.Clusters[0], "Programmed") == "True Programmed");
    }

    [Fact]
    public async Task Classes_come_with_the_definitions()
    {
        await using var lab = await StartAsync();
        await Eventually.TrueAsync(() => lab.Clusters[0].Store.List("gateway.networking.k8s.io", "gatewayclasses").Items.Count == 3);
    }

    [Fact]
    public async Task Gateways_behind_host_names_are_known_by_address()
    {
        await using var lab = await LabHost.StartAsync(new LabOptions { ClusterCount = 1, LoadBalancers = LoadBalancing.ByHostName });
        lab.Clusters[0].Store.Create(
            new ResourceKey("", "services", "istio-system", "istio-eastwestgateway"),
            (JsonObject)JsonNode.Parse(
                """
                {"apiVersion":"v1","kind":"Service","metadata":{"labels":{"topology.istio.io/network":"network1"}},
                 "spec":{"type":"LoadBalancer","ports":[{"name":"tls","port":15443,"targetPort":15443,"protocol":"TCP"}]}}
                """)!,
            "test");

        Assert.StartsWith("198.1", (await NetworksAsync(lab.Clusters[0], 1))[0]!["Addr"]!.GetValue<string>(), StringComparison.Ordinal);
    }
}
