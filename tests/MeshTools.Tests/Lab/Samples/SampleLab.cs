using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using MeshTools.Tests.Lab.ControlPlane;
using Xunit;

namespace MeshTools.Tests.Lab.Samples;

/// <summary>The verification of Istio's documentation: HelloWorld vN in cluster N, a client in each, all linked where asked.</summary>
internal sealed class SampleLab : IAsyncDisposable
{
    public const string Url = "helloworld.sample:5000/hello";

    private readonly MeshLab lab;

    private SampleLab(MeshLab lab) => this.lab = lab;

    public IReadOnlyList<LabCluster> Clusters => lab.Clusters;

    public string KubeconfigYaml => lab.KubeconfigYaml;

    public static async Task<SampleLab> StartAsync(int clusters, Func<LabOptions, LabOptions>? configure = null, bool link = true, string injection = "enabled")
    {
        var started = new SampleLab(await MeshLab.StartAsync(clusters, options =>
        {
            options = options with { ConnectTimeout = TimeSpan.FromMilliseconds(20) };
            return configure?.Invoke(options) ?? options;
        }));
        foreach (var cluster in started.Clusters)
        {
            Namespace(cluster, "sample", ("istio-injection", injection));
            Service(cluster, "sample", "helloworld", 5000, "app", "helloworld");
            Deploy(cluster, "sample", "helloworld", "docker.io/istio/examples-helloworld-v1:1.0", "v" + (cluster.Index + 1).ToString(CultureInfo.InvariantCulture));
            Deploy(cluster, "sample", "curl", "docker.io/curlimages/curl:8.16.0");
        }

        foreach (var cluster in started.Clusters)
        {
            await PodAsync(cluster, "curl");
            await PodAsync(cluster, "helloworld");
            await EndpointsAsync(cluster, "sample", "helloworld");
            foreach (var other in started.Clusters.Where(other => link && other != cluster))
            {
                await MeshLab.LinkAsync(cluster, other);
                await MeshLab.UntilAsync(cluster, other.ClusterId, "synced");
            }
        }

        return started;
    }

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    public static void Namespace(LabCluster cluster, string name, params (string Name, string Value)[] labels)
    {
        var map = new JsonObject();
        foreach (var (label, value) in labels)
        {
            map[label] = value;
        }

        cluster.Store.Create(
            new ResourceKey("", "namespaces", null, name),
            new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["labels"] = map } },
            "test");
    }

    public static void Service(
        LabCluster cluster, string @namespace, string name, int port, string selectorKey, string selector, string? network = null, string type = "ClusterIP") =>
        Create(cluster, new ResourceKey("", "services", @namespace, name), $$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"labels":{{(network is null ? "{}" : $$"""{"topology.istio.io/network":"{{network}}"}""")}} },
             "spec":{"type":"{{type}}","selector":{"{{selectorKey}}":"{{selector}}"},"ports":[{"name":"http","port":{{port}},"targetPort":{{port}},"protocol":"TCP"}]} }
            """);

    public static void Deploy(
        LabCluster cluster, string @namespace, string app, string image, string? version = null, string container = "main", string annotations = "{}", string labels = "") =>
        Create(cluster, new ResourceKey("apps", "deployments", @namespace, version is null ? app : $"{app}-{version}"), $$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"generation":1},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"{{app}}"} },
             "template":{"metadata":{"annotations":{{annotations}},"labels":{"app":"{{app}}"{{(version is null ? "" : $$""","version":"{{version}}" """)}}{{labels}} } },
             "spec":{"containers":[{"name":"{{container}}","image":"{{image}}"}]} } } }
            """);

    public static void Create(LabCluster cluster, ResourceKey key, string json) => cluster.Store.Create(key, (JsonObject)JsonNode.Parse(json)!, "test");

    public static List<StoredObject> Pods(LabCluster cluster, string app, string @namespace = "sample") =>
        [.. cluster.Store.List("", "pods", @namespace).Items.Where(pod => !pod.IsTerminating && pod.Json["metadata"]!["labels"]?["app"]?.GetValue<string>() == app)];

    public static async Task<StoredObject> PodAsync(LabCluster cluster, string app, string @namespace = "sample")
    {
        await Eventually.TrueAsync(
            () => Pods(cluster, app, @namespace) is [var pod] && Lab.Trust.PluggedIn.Stage(pod) == "True",
            () => string.Join('\n', Pods(cluster, app, @namespace).Select(pod => pod.Json.ToJsonString())));
        return Pods(cluster, app, @namespace)[0];
    }

    /// <summary>Waits until the slices of a Service, which a controller writes a little later, have its ready pod.</summary>
    public static Task EndpointsAsync(LabCluster cluster, string @namespace, string service) => Eventually.TrueAsync(() =>
        cluster.Store.List("discovery.k8s.io", "endpointslices", @namespace).Items.Any(slice =>
            slice.Json["metadata"]!["labels"]?["kubernetes.io/service-name"]?.GetValue<string>() == service &&
            slice.Json["endpoints"]?.AsArray() is [var endpoint] && endpoint!["conditions"]!["ready"]!.GetValue<bool>()));

    /// <summary>An east-west gateway with its Service and, unless told otherwise, its Gateway, as the guide makes them.</summary>
    public static async Task GatewayAsync(LabCluster cluster, bool expose = true)
    {
        Deploy(
            cluster, "istio-system", "istio-eastwestgateway", "auto", null, "istio-proxy", """{"inject.istio.io/templates":"gateway"}""",
            ""","istio":"eastwestgateway","sidecar.istio.io/inject":"true" """);
        Service(cluster, "istio-system", "istio-eastwestgateway", 15443, "istio", "eastwestgateway", cluster.Options.Network, "LoadBalancer");
        if (expose)
        {
            Expose(cluster);
        }

        await PodAsync(cluster, "istio-eastwestgateway", "istio-system");
        await EndpointsAsync(cluster, "istio-system", "istio-eastwestgateway");
        await Eventually.TrueAsync(() =>
            cluster.Store.Get(new ResourceKey("", "services", "istio-system", "istio-eastwestgateway")).Json["status"]?["loadBalancer"]?["ingress"] is not null);
    }

    public static void Expose(LabCluster cluster, string hosts = "*.local") => Create(
        cluster,
        new ResourceKey("networking.istio.io", "gateways", "istio-system", "cross-network-gateway"),
        $$"""
        {"apiVersion":"networking.istio.io/v1","kind":"Gateway","spec":{"selector":{"istio":"eastwestgateway"},"servers":[
         {"port":{"number":15443,"name":"tls","protocol":"TLS"},"tls":{"mode":"AUTO_PASSTHROUGH"},"hosts":["{{hosts}}"]}]} }
        """);

    /// <summary>Waits until every istiod knows the gateways of all clusters.</summary>
    public async Task GatewaysKnownAsync(int count)
    {
        foreach (var cluster in Clusters)
        {
            await Eventually.TrueAsync(async () => JsonNode.Parse((await MeshLab.DebugAsync(cluster, "/debug/networkz")).Body)!.AsArray().Count == count);
        }
    }

    public static void Peer(LabCluster cluster, string @namespace, string mode) => Create(
        cluster,
        new ResourceKey("security.istio.io", "peerauthentications", @namespace, "default"),
        $$"""{"apiVersion":"security.istio.io/v1","kind":"PeerAuthentication","spec":{"mtls":{"mode":"{{mode}}"} } }""");

    /// <summary>Runs a command in the client's pod, as exec does once the connection stands.</summary>
    public static async Task<(int Code, string Output, string Error)> ExecAsync(LabCluster cluster, params string[] command)
    {
        var pod = await PodAsync(cluster, "curl");
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var code = await cluster.Programs.Find(pod.Uid)!.Exec!(new ExecSession("main", command, Stream.Null, output, error), CancellationToken.None);
        return (code, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    /// <summary>The answer to one call.</summary>
    public static async Task<string> HelloAsync(LabCluster cluster) => (await ExecAsync(cluster, "curl", "-sS", Url)).Output;

    /// <summary>What answered a number of calls: versions, or the reasons given instead.</summary>
    public static async Task<string> AnswersAsync(LabCluster cluster, int calls)
    {
        var answers = new List<string>();
        for (var i = 0; i < calls; i++)
        {
            var text = await HelloAsync(cluster);
            answers.Add(text.StartsWith("Hello version: ", StringComparison.Ordinal) ? text.Split(',')[0]["Hello version: ".Length..] : text);
        }

        return string.Join(' ', answers);
    }
}
