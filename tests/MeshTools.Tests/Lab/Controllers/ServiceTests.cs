using System.Net;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Controllers;

public sealed class ServiceTests
{
    private static readonly ResourceKey App = new("", "services", "default", "app");

    [Fact]
    public async Task A_service_gets_an_address_endpoints_and_a_slice()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Deploy("app", 2);
        Create(lab, "ClusterIP");

        var service = await lab.UntilAsync(App, json => json["spec"]!["clusterIP"] is not null);
        var endpoints = await lab.UntilAsync(
            new ResourceKey("", "endpoints", "default", "app"), json => json["subsets"]?[0]?["addresses"]?.AsArray().Count == 2);

        Assert.True(IPAddress.TryParse(service.Json["spec"]!["clusterIP"]!.GetValue<string>(), out _));
        Assert.Equal(8080, endpoints.Json["subsets"]![0]!["ports"]![0]!["port"]!.GetValue<long>());
        await Eventually.TrueAsync(() => Slice(lab) is { } found && found["endpoints"]!.AsArray().Count == 2);
        Assert.Equal(8080, Slice(lab)!["ports"]![0]!["port"]!.GetValue<long>());
    }

    [Fact]
    public async Task Endpoints_follow_the_pods_and_go_with_the_service()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Deploy("app", 1);
        Create(lab, "ClusterIP");
        var key = new ResourceKey("", "endpoints", "default", "app");
        await lab.UntilAsync(key, json => json["subsets"]?.AsArray().Count == 1);

        lab.Store.Delete(new ResourceKey("apps", "deployments", "default", "app"));
        await lab.UntilAsync(key, json => json["subsets"] is null or JsonArray { Count: 0 });
        lab.Store.Delete(App);

        await lab.GoneAsync(key);
        await Eventually.TrueAsync(() => Slice(lab) is null);
    }

    [Fact]
    public async Task A_load_balancer_gets_an_address_at_once()
    {
        await using var lab = await StoreLab.StartAsync();
        Create(lab, "LoadBalancer");

        var service = await lab.UntilAsync(App, json => json["status"]?["loadBalancer"]?["ingress"] is not null);

        Assert.True(IPAddress.TryParse(service.Json["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]!.GetValue<string>(), out _));
    }

    [Fact]
    public async Task A_load_balancer_may_get_a_host_name()
    {
        await using var lab = await StoreLab.StartAsync(options => options with { LoadBalancers = LoadBalancing.ByHostName });
        Create(lab, "LoadBalancer");

        var service = await lab.UntilAsync(App, json => json["status"]?["loadBalancer"]?["ingress"] is not null);

        Assert.EndsWith(".lab-1.elb.example", service.Json["status"]!["loadBalancer"]!["ingress"]![0]!["hostname"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(service.Json["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
    }

    [Fact]
    public async Task A_load_balancer_may_get_its_address_late()
    {
        await using var lab = await StoreLab.StartAsync(options => options with { LoadBalancers = LoadBalancing.After(TimeSpan.FromSeconds(1)) });
        Create(lab, "LoadBalancer");

        await lab.UntilAsync(App, json => json["status"]?["loadBalancer"]?["ingress"] is not null);
    }

    [Fact]
    public async Task A_load_balancer_that_fails_says_why_and_gets_its_address_when_it_can()
    {
        await using var lab = await StoreLab.StartAsync(options => options with { LoadBalancers = LoadBalancing.Failing("subnet full") });
        Create(lab, "LoadBalancer");
        await Eventually.TrueAsync(() => Told(lab, "app").Contains("SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer: subnet full"));
        Assert.Null(lab.Store.Get(App).Json["status"]?["loadBalancer"]?["ingress"]);

        lab.Cluster.LoadBalancers = LoadBalancing.ByHostName;

        await lab.UntilAsync(App, json => json["status"]?["loadBalancer"]?["ingress"]?[0]?["hostname"] is not null);
        await Eventually.TrueAsync(() => Told(lab, "app").Contains("EnsuredLoadBalancer: Ensured load balancer"));
        Assert.Single(Told(lab, "app"), line => line.StartsWith("SyncLoadBalancerFailed", StringComparison.Ordinal));
    }

    private static List<string> Told(StoreLab lab, string about) =>
    [
        .. lab.Store.List("", "events", "default").Items.Where(item => item.Json["involvedObject"]!["name"]!.GetValue<string>() == about)
            .Select(item => $"{item.Json["reason"]}: {item.Json["message"]}"),
    ];

    [Fact]
    public async Task An_address_goes_when_the_type_changes()
    {
        await using var lab = await StoreLab.StartAsync();
        Create(lab, "LoadBalancer");
        await lab.UntilAsync(App, json => json["status"]?["loadBalancer"]?["ingress"] is not null);

        lab.Store.Mutate(
            App,
            json =>
            {
                json["spec"]!["type"] = "ClusterIP";
                return json;
            },
            "test");

        await lab.UntilAsync(App, json => json["status"]?["loadBalancer"]?["ingress"] is null);
    }

    private static void Create(StoreLab lab, string type) => lab.Create(
        App,
        $$"""
        {"apiVersion":"v1","kind":"Service","spec":{"type":"{{type}}","selector":{"app":"app"},"ports":[{"name":"http","port":80,"targetPort":"http","protocol":"TCP"}]} }
        """);

    private static JsonObject? Slice(StoreLab lab) => lab.Store.List("discovery.k8s.io", "endpointslices", "default").Items
        .FirstOrDefault(slice => slice.Json["metadata"]!["labels"]?["kubernetes.io/service-name"]?.GetValue<string>() == "app")?.Json;
}
