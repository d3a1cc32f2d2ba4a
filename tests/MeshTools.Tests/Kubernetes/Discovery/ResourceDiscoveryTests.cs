using MeshTools.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class ResourceDiscoveryTests
{
    private static string Resource(string plural, string kind, string shortNames = "", string scope = "Namespaced") =>
        $$"""{"resource":"{{plural}}","responseKind":{"group":"","version":"","kind":"{{kind}}"},"scope":"{{scope}}","singularResource":"{{kind.ToLowerInvariant()}}","verbs":["get","list"],"shortNames":[{{shortNames}}],"categories":["all"],"subresources":[{"subresource":"status"}]}""";

    private static string Group(string name, params string[] versions) =>
        $$$"""{"metadata":{"name":"{{{name}}}"},"versions":[{{{string.Join(',', versions)}}}]}""";

    private static string Version(string name, params string[] resources) =>
        $$"""{"version":"{{name}}","resources":[{{string.Join(',', resources)}}],"freshness":"Current"}""";

    private static string List(params string[] groups) => $$"""{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[{{string.Join(',', groups)}}]}""";

    private static readonly string s_core = List(Group("", Version("v1", Resource("pods", "Pod", "\"po\""), Resource("events", "Event", "\"ev\""))));

    private static readonly string s_groups = List(
        Group("apps", Version("v1", Resource("deployments", "Deployment", "\"deploy\""))),
        Group("events.k8s.io", Version("v1", Resource("events", "Event", "\"ev\""))),
        Group("networking.istio.io", Version("v1", Resource("gateways", "Gateway", "\"gw\"")), Version("v1beta1", Resource("gateways", "Gateway", "\"gw\""))),
        Group("gateway.networking.k8s.io", Version("v1", Resource("gateways", "Gateway", "\"gtw\""), Resource("grpcroutes", "GRPCRoute", "\"gw\""))));

    private static Task<TestApiServer> ServeAsync(Func<string>? groups = null) => TestApiServer.StartAsync(context =>
        TestApiServer.JsonAsync(context, context.Request.Path == "/api" ? s_core : groups?.Invoke() ?? s_groups, 200, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));

    [Theory]
    [InlineData("pods", "pods.v1")]
    [InlineData("Pod", "pods.v1")]
    [InlineData("po", "pods.v1")]
    [InlineData("ev", "events.v1")]
    [InlineData("events", "events.v1")]
    [InlineData("events.events.k8s.io", "events.v1.events.k8s.io")]
    [InlineData("DEPLOY", "deployments.v1.apps")]
    [InlineData("deployment", "deployments.v1.apps")]
    [InlineData("deployments.apps", "deployments.v1.apps")]
    [InlineData("deployments.v1.apps", "deployments.v1.apps")]
    [InlineData("Gateway", "gateways.v1.networking.istio.io")]
    [InlineData("gateways.gateway.networking.k8s.io", "gateways.v1.gateway.networking.k8s.io")]
    [InlineData("Gateway.v1beta1.networking.istio.io", "gateways.v1beta1.networking.istio.io")]
    [InlineData("gtw", "gateways.v1.gateway.networking.k8s.io")]
    public async Task Names_resolve_as_with_kubectl(string name, string expected)
    {
        await using var server = await ServeAsync();
        using var client = server.Client();
        Assert.Equal(expected, (await client.Discovery.ResolveAsync(name)).ToString());
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task An_ambiguous_short_name_lists_what_it_could_mean()
    {
        await using var server = await ServeAsync();
        using var client = server.Client();
        var error = await Assert.ThrowsAsync<KindNotServedException>(() => client.Discovery.ResolveAsync("gw"));
        Assert.Equal(["gateways.v1.networking.istio.io", "grpcroutes.v1.gateway.networking.k8s.io"], error.Candidates.Select(c => c.ToString()));
        Assert.Contains("gateways.networking.istio.io, grpcroutes.gateway.networking.k8s.io", error.Message, StringComparison.Ordinal);
        Assert.Equal(server.Url, error.Endpoint);
    }

    [Fact]
    public async Task The_details_of_a_type_are_known()
    {
        await using var server = await ServeAsync();
        using var client = server.Client();
        var type = await client.Discovery.ResolveAsync("apps/v1", "Deployment");
        Assert.Equal((true, "apps/v1", "deployment"), (type.Namespaced, type.ApiVersion, type.Singular));
        Assert.Equal((string[])["deploy", "get", "list", "all", "status"], type.ShortNames.Concat(type.Verbs).Concat(type.Categories).Concat(type.Subresources));
    }

    [Fact]
    public async Task Parallel_questions_ask_once()
    {
        await using var server = await ServeAsync();
        using var client = server.Client();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.Discovery.ResolveAsync("networking.istio.io/v1", "Gateway")));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_kind_that_is_newer_than_what_is_known_is_found_by_asking_once_more()
    {
        var installed = false;
        await using var server = await ServeAsync(() => installed ? s_groups : List());
        using var client = server.Client();
        await client.Discovery.GetResourcesAsync();
        installed = true;
        Assert.Equal("gateways", (await client.Discovery.ResolveAsync("networking.istio.io/v1", "Gateway")).Plural);
        Assert.Equal(4, server.Requests.Count);
        await Assert.ThrowsAsync<KindNotServedException>(() => client.Discovery.ResolveAsync("networking.istio.io/v1", "Nothing"));
        Assert.Equal(6, server.Requests.Count);
    }

    [Fact]
    public async Task An_unknown_kind_of_a_fresh_client_is_asked_for_once()
    {
        await using var server = await ServeAsync();
        using var client = server.Client();
        var error = await Assert.ThrowsAsync<KindNotServedException>(() => client.CreateAsync(KubernetesObject.Create("x.io/v1", "Thing", "a")));
        Assert.Contains("Thing of x.io/v1", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_stale_group_is_a_failure_beside_the_data()
    {
        await using var server = await ServeAsync(() => List(Group("apps", Version("v1", Resource("deployments", "Deployment"))), """{"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale"}]}"""));
        using var client = server.Client();
        Assert.Equal(3, (await client.Discovery.GetResourcesAsync()).Count);
        Assert.StartsWith("metrics.k8s.io/v1beta1", Assert.Single(await client.Discovery.GetFailuresAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_aggregated_discovery_is_asked_group_by_group()
    {
        await using var server = await TestApiServer.StartAsync(context => context.Request.Path.Value switch
        {
            "/api" => TestApiServer.JsonAsync(context, """{"kind":"APIVersions","versions":["v1"]}"""),
            "/apis" => TestApiServer.JsonAsync(context, """
                {"kind":"APIGroupList","groups":[
                {"name":"apps","versions":[{"version":"v1beta1"},{"version":"v1"}],"preferredVersion":{"version":"v1"}},
                {"name":"broken.io","versions":[{"version":"v1"}]}]}
                """),
            "/api/v1" => TestApiServer.JsonAsync(context, """{"kind":"APIResourceList","resources":[{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get"],"shortNames":["po"]},{"name":"pods/exec","kind":"PodExecOptions"}]}"""),
            "/apis/apps/v1" or "/apis/apps/v1beta1" => TestApiServer.JsonAsync(context, """{"kind":"APIResourceList","resources":[{"name":"deployments","namespaced":true,"kind":"Deployment"}]}"""),
            _ => TestApiServer.StatusAsync(context, 503, "ServiceUnavailable", "the server is currently unable to handle the request"),
        });
        using var client = server.Client();
        Assert.Equal("deployments.v1.apps", (await client.Discovery.ResolveAsync("Deployment")).ToString());
        var pod = await client.Discovery.ResolveAsync("po");
        Assert.Equal(["exec"], pod.Subresources);
        Assert.Equal("broken.io/v1: the server is currently unable to handle the request", Assert.Single(await client.Discovery.GetFailuresAsync()));
    }

    [Fact]
    public async Task A_definition_is_waited_for_until_discovery_lists_it()
    {
        var clock = new ManualClock();
        var step = 0;
        await using var server = await TestApiServer.StartAsync(context => (context.Request.Path.Value, step) switch
        {
            ("/api", _) => TestApiServer.JsonAsync(context, s_core),
            ("/apis", < 2) => TestApiServer.JsonAsync(context, List()),
            ("/apis", _) => TestApiServer.JsonAsync(context, s_groups),
            (_, 0) => Definition(context, "False"),
            _ => Definition(context, "True"),
        });
        using var client = server.Client(new KubernetesClientOptions { TimeProvider = clock });
        var wait = client.Discovery.WaitForDefinitionAsync("gateways.networking.istio.io", TimeSpan.FromSeconds(10));
        foreach (var pause in (int[])[50, 100])
        {
            await clock.WaitForTimerAsync(TimeSpan.FromMilliseconds(pause));
            step++;
            clock.Advance(TimeSpan.FromMilliseconds(pause));
        }

        Assert.Equal("gateways.v1.networking.istio.io", (await wait).ToString());

        static Task Definition(HttpContext context, string established) => TestApiServer.JsonAsync(context, $$$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"gateways.networking.istio.io"},
            "spec":{"group":"networking.istio.io","names":{"kind":"Gateway"},"versions":[{"name":"v1","served":true},{"name":"v1beta1","served":true},{"name":"v1alpha3","served":false}]},
            "status":{"conditions":[{"type":"NamesAccepted","status":"True"},{"type":"Established","status":"{{{established}}}","message":"not yet"}]}}
            """);
    }

    [Fact]
    public async Task A_definition_that_does_not_come_says_what_is_missing()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.StatusAsync(context, 404, "NotFound", "no", """ ,"details":{"name":"d"} """));
        using var client = server.Client();
        var error = await Assert.ThrowsAsync<WaitTimeoutException>(() => client.Discovery.WaitForDefinitionAsync("d", TimeSpan.Zero));
        Assert.Equal(["it does not exist"], error.Unmet);
    }
}
