using System.Text.Json.Nodes;
using MeshTools.Lab;
using MeshTools.Tests.Lab.Wire;
using Xunit;

namespace MeshTools.Tests.Lab.Api;

public sealed class ApiServerTests : IAsyncLifetime, IDisposable
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private LabHost _lab = null!;
    private LabClient _admin = null!;

    private ObjectStore Store => _lab.Clusters[0].Store;

    public async Task InitializeAsync()
    {
        _lab = await LabClient.StartLabAsync();
        _admin = new LabClient(_lab.Clusters[0]);
    }

    public void Dispose() => _admin.Dispose();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    private async Task<JsonObject> CreateAsync(string name, string value = "1")
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["set"] = "x" } },
            ["data"] = new JsonObject { ["k"] = value },
        };
        var answer = await _admin.PostAsync(ConfigMaps, body.ToJsonString());
        Assert.Equal(201, answer.Status);
        return answer.Json;
    }

    [Fact]
    public async Task A_watch_from_a_compacted_version_ends_with_an_error_event()
    {
        await CreateAsync("a");
        Store.CompactThrough(Store.ResourceVersion);
        var answer = await _admin.GetAsync(ConfigMaps + "?watch=1&resourceVersion=1&timeoutSeconds=5");
        Assert.Equal(200, answer.Status);
        Assert.Equal("ERROR", (string?)answer.Json["type"]);
        Assert.Equal((410, "Expired"), ((int)answer.Json["object"]!["code"]!, (string?)answer.Json["object"]!["reason"]));
    }

    [Fact]
    public async Task A_watch_tells_what_stops_matching_its_selector_as_deleted()
    {
        var created = await CreateAsync("a");
        await _admin.PatchAsync(ConfigMaps + "/a", """{"metadata":{"labels":{"set":"y"}}}""");
        var answer = await _admin.GetAsync($"{ConfigMaps}?watch=1&labelSelector=set%3Dx&resourceVersion={(string)created["metadata"]!["resourceVersion"]!}&timeoutSeconds=1");
        Assert.Equal("DELETED", (string?)answer.Json["type"]);
    }

    [Fact]
    public async Task Pages_show_the_list_as_it_was_when_the_first_was_asked_for()
    {
        foreach (var name in new[] { "p1", "p2", "p3", "p4" })
        {
            await CreateAsync(name);
        }

        var first = (await _admin.GetAsync(ConfigMaps + "?labelSelector=set%3Dx&limit=2")).Json;
        await _admin.DeleteAsync(ConfigMaps + "/p3");
        await CreateAsync("p5");
        var second = (await _admin.GetAsync($"{ConfigMaps}?labelSelector=set%3Dx&limit=9&continue={(string)first["metadata"]!["continue"]!}")).Json;
        Assert.Equal(["p3", "p4"], ((JsonArray)second["items"]!).Select(item => (string)item!["metadata"]!["name"]!));
    }

    [Fact]
    public async Task A_page_whose_version_is_compacted_is_gone()
    {
        await CreateAsync("p1");
        await CreateAsync("p2");
        var first = (await _admin.GetAsync(ConfigMaps + "?limit=1")).Json;
        await CreateAsync("p3");
        Store.CompactThrough(Store.ResourceVersion);
        Assert.Equal(410, (await _admin.GetAsync($"{ConfigMaps}?limit=1&continue={(string)first["metadata"]!["continue"]!}")).Status);
    }

    [Fact]
    public async Task A_body_in_protobuf_is_declined()
    {
        var answer = await _admin.SendAsync("POST", ConfigMaps, "k8s\0", "application/vnd.kubernetes.protobuf");
        Assert.Equal((415, "UnsupportedMediaType"), (answer.Status, (string?)answer.Json["reason"]));
    }

    [Fact]
    public async Task Yaml_goes_in_and_comes_out()
    {
        var answer = await _admin.SendAsync("POST", ConfigMaps, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yam}\ndata: {k: \"yes\"}\n", "application/yaml", "application/yaml");
        Assert.True(answer.Status == 201, answer.Body);
        Assert.Equal("application/yaml", answer.ContentType);
        Assert.Contains("name: yam\n", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_leaves_nothing()
    {
        var answer = await _admin.PostAsync(ConfigMaps + "?dryRun=All", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"dry"}}""");
        Assert.Equal(201, answer.Status);
        Assert.Null(answer.Json["metadata"]!["resourceVersion"]);
        Assert.Null(Store.Find(new ResourceKey("", "configmaps", "default", "dry")));
    }

    [Fact]
    public async Task Deleting_a_collection_takes_what_matches()
    {
        await CreateAsync("a");
        await CreateAsync("b");
        await _admin.PatchAsync(ConfigMaps + "/b", """{"metadata":{"labels":{"set":"y"}}}""");
        Assert.Equal(200, (await _admin.DeleteAsync(ConfigMaps + "?labelSelector=set%3Dx")).Status);
        Assert.Equal(404, (await _admin.GetAsync(ConfigMaps + "/a")).Status);
        Assert.Equal(200, (await _admin.GetAsync(ConfigMaps + "/b")).Status);
    }

    [Fact]
    public async Task Events_show_in_both_of_their_groups()
    {
        var created = await _admin.PostAsync(
            "/api/v1/namespaces/default/events",
            """{"apiVersion":"v1","kind":"Event","metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},"message":"hello","reason":"R","type":"Normal"}""");
        Assert.Equal(201, created.Status);
        var seen = (await _admin.GetAsync("/apis/events.k8s.io/v1/namespaces/default/events/e")).Json;
        Assert.Equal(("hello", "p", "events.k8s.io/v1"), ((string?)seen["note"], (string?)seen["regarding"]!["name"], (string?)seen["apiVersion"]));
        var selected = (await _admin.GetAsync("/api/v1/events?fieldSelector=involvedObject.name%3Dp")).Json;
        Assert.Single((JsonArray)selected["items"]!);
    }

    [Fact]
    public async Task Discovery_follows_custom_resource_definitions()
    {
        Assert.Equal(404, (await _admin.GetAsync("/apis/example.com/v1/things")).Status);
        var definition = await _admin.PostAsync(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            """{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Cluster","names":{"plural":"things","kind":"Thing"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}""");
        Assert.Equal(201, definition.Status);
        Assert.Equal(200, (await _admin.GetAsync("/apis/example.com/v1/things")).Status);
        var groups = (await _admin.SendAsync("GET", "/apis", accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")).Body;
        Assert.Contains("\"things\"", groups, StringComparison.Ordinal);
        Assert.Contains("apis/example.com/v1", (await _admin.GetAsync("/openapi/v3")).Body, StringComparison.Ordinal);
        await _admin.DeleteAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com");
        Assert.Equal(404, (await _admin.GetAsync("/apis/example.com/v1/things")).Status);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/nothing")]
    [InlineData("/api/v1/namespaces/default/pods/p/nothing")]
    [InlineData("/nothing")]
    [InlineData("/apis/apps/v2")]
    public async Task What_is_not_served_is_not_found(string path) => Assert.Equal(404, (await _admin.GetAsync(path)).Status);
}
