using System.Net;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using MeshTools.Tests.Lab.ControlPlane;
using MeshTools.Tests.Lab.Samples;
using Xunit;

namespace MeshTools.Tests.Lab.Injection;

public sealed class InjectionTests
{
    private const string Image = "docker.io/curlimages/curl:8.16.0";

    [Theory]
    [InlineData(null, "istio-injection=enabled", "", true)]
    [InlineData(null, "istio-injection=disabled", "", false)]
    [InlineData(null, "", "", false)]
    [InlineData(null, "istio.io/rev=default", "", true)]
    [InlineData(null, "istio.io/rev=asm-1303-1", "", false)]
    [InlineData(null, "", "sidecar.istio.io/inject=true", true)]
    [InlineData(null, "istio-injection=enabled", "sidecar.istio.io/inject=false", false)]
    [InlineData("asm-1303-1", "istio.io/rev=asm-1303-1", "", true)]
    [InlineData("asm-1303-1", "istio-injection=enabled", "", false)]
    [InlineData("asm-1303-1", "", "istio.io/rev=asm-1303-1", true)]
    [InlineData("asm-1303-1", "istio-injection=enabled istio.io/rev=asm-1303-1", "", false)]
    [InlineData(null, "istio-injection=enabled istio.io/rev=other", "", true)]
    public async Task Labels_decide(string? revision, string namespaceLabels, string podLabels, bool injected)
    {
        await using var lab = await MeshLab.StartAsync(1, options => options with { Revision = revision });
        var cluster = lab.Clusters[0];
        SampleLab.Namespace(cluster, "team", Pairs(namespaceLabels));
        SampleLab.Deploy(cluster, "team", "curl", Image, labels: string.Concat(Pairs(podLabels).Select(label => $",\"{label.Name}\":\"{label.Value}\"")));

        var pod = (await SampleLab.PodAsync(cluster, "curl", "team")).Json;

        Assert.Equal(injected ? ["main", "istio-proxy"] : ["main"], pod["spec"]!["containers"]!.AsArray().Select(container => container!["name"]!.GetValue<string>()));
        Assert.Equal(injected, pod["metadata"]!["annotations"]?["sidecar.istio.io/status"] is not null);
        Assert.All(pod["status"]!["containerStatuses"]!.AsArray(), status => Assert.True(status!["ready"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task An_injected_pod_says_so_as_istios_does()
    {
        await using var lab = await MeshLab.StartAsync(1, options => options with { Revision = "asm-1303-1" });
        var cluster = lab.Clusters[0];
        SampleLab.Namespace(cluster, "team", ("istio.io/rev", "asm-1303-1"));
        SampleLab.Deploy(cluster, "team", "helloworld", "mirror.example/istio/examples-helloworld-v2:1.0", "v2");

        var pod = (await SampleLab.PodAsync(cluster, "helloworld", "team")).Json;
        var labels = pod["metadata"]!["labels"]!;
        var annotations = pod["metadata"]!["annotations"]!;

        Assert.Equal("istio", labels["security.istio.io/tlsMode"]!.GetValue<string>());
        Assert.Equal("lab-network", labels["topology.istio.io/network"]!.GetValue<string>());
        Assert.Equal("helloworld", labels["service.istio.io/canonical-name"]!.GetValue<string>());
        Assert.Equal("v2", labels["service.istio.io/canonical-revision"]!.GetValue<string>());
        Assert.Equal("asm-1303-1", annotations["istio.io/rev"]!.GetValue<string>());
        Assert.Equal("main", annotations["kubectl.kubernetes.io/default-container"]!.GetValue<string>());
        var status = JsonNode.Parse(annotations["sidecar.istio.io/status"]!.GetValue<string>())!;
        Assert.Equal("asm-1303-1", status["revision"]!.GetValue<string>());
        Assert.Equal("istio-proxy", status["containers"]![0]!.GetValue<string>());
        var proxy = pod["spec"]!["containers"]![1]!;
        Assert.Equal("docker.io/istio/proxyv2:1.30.3", proxy["image"]!.GetValue<string>());
        Assert.Contains(proxy["env"]!.AsArray(), item => item!["name"]!.GetValue<string>() == "ISTIO_META_CLUSTER_ID" && item["value"]!.GetValue<string>() == "lab-1");
        Assert.Equal("istio-init", pod["spec"]!["initContainers"]![0]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_pod_keeps_the_network_of_its_injection()
    {
        await using var lab = await MeshLab.StartAsync(1, options => options with { Configure = (_, cluster) => cluster with { Network = null } });
        var cluster = lab.Clusters[0];
        SampleLab.Namespace(cluster, "team", ("istio-injection", "enabled"));
        SampleLab.Deploy(cluster, "team", "curl", Image);
        var before = await SampleLab.PodAsync(cluster, "curl", "team");
        Assert.Null(before.Json["metadata"]!["labels"]!["topology.istio.io/network"]);

        var key = new ResourceKey("", "configmaps", "istio-system", "istio-sidecar-injector");
        cluster.Store.Mutate(
            key,
            json =>
            {
                var values = JsonNode.Parse(json["data"]!["values"]!.GetValue<string>())!;
                values["global"]!["network"] = "network1";
                json["data"]!["values"] = values.ToJsonString();
                return json;
            },
            "test");
        Assert.Null(cluster.Store.Get(before.Key).Json["metadata"]!["labels"]!["topology.istio.io/network"]);

        cluster.Store.Delete(before.Key);
        await Eventually.TrueAsync(() => SampleLab.Pods(cluster, "curl", "team") is [var pod] && pod.Uid != before.Uid);
        Assert.Equal("network1", SampleLab.Pods(cluster, "curl", "team")[0].Json["metadata"]!["labels"]!["topology.istio.io/network"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_gateway_gets_its_image_from_the_injector_and_waits_without()
    {
        await using var lab = await MeshLab.StartAsync(1);
        var cluster = lab.Clusters[0];
        await SampleLab.GatewayAsync(cluster);

        var pod = (await SampleLab.PodAsync(cluster, "istio-eastwestgateway", "istio-system")).Json;

        Assert.Equal("docker.io/istio/proxyv2:1.30.3", Assert.Single(pod["spec"]!["containers"]!.AsArray())!["image"]!.GetValue<string>());
        Assert.Null(pod["spec"]!["initContainers"]);

        SampleLab.Namespace(cluster, "plain");
        SampleLab.Deploy(cluster, "plain", "gateway", "auto", null, "istio-proxy", """{"inject.istio.io/templates":"gateway"}""");
        await Eventually.TrueAsync(() => SampleLab.Pods(cluster, "gateway", "plain") is [var waiting] &&
            waiting.Json["status"]?["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"]?.GetValue<string>() == "ImagePullBackOff");
    }

    [Fact]
    public async Task Pods_made_over_the_api_are_injected_also_in_a_dry_run()
    {
        await using var lab = await MeshLab.StartAsync(1);
        var cluster = lab.Clusters[0];
        SampleLab.Namespace(cluster, "team", ("istio-injection", "enabled"));
        using var http = LabHttp.Admin(cluster);
        JsonObject Pod() => new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = "probe" },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = Image }) },
        };

        var dry = await http.PostAsync("/api/v1/namespaces/team/pods?dryRun=All", Pod());
        var made = await http.PostAsync("/api/v1/namespaces/team/pods", Pod());

        Assert.Equal(2, dry["spec"]!["containers"]!.AsArray().Count);
        Assert.Equal(2, made["spec"]!["containers"]!.AsArray().Count);
    }

    [Fact]
    public async Task Without_istiod_no_pod_that_is_to_be_injected_can_be_made()
    {
        await using var lab = await MeshLab.StartAsync(1, options => options with { Replicas = 0 });
        var cluster = lab.Clusters[0];
        SampleLab.Namespace(cluster, "team", ("istio-injection", "enabled"));
        using var http = LabHttp.Admin(cluster);
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = "probe" },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = Image }) },
        };

        using var answer = await http.Client.PostAsync("/api/v1/namespaces/team/pods", LabHttp.Content(body));

        var status = await LabHttp.ReadAsync(answer, HttpStatusCode.InternalServerError);
        Assert.Equal("InternalError", status["reason"]!.GetValue<string>());
        Assert.Contains("failed calling webhook \"namespace.sidecar-injector.istio.io\"", status["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("no endpoints available for service \"istiod\"", status["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static (string Name, string Value)[] Pairs(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).Select(pair => (pair[0], pair[1]))];
}
