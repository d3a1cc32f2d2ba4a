using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class VerbTests
{
    private const string Stored = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"ns","uid":"u1","resourceVersion":"5"}}""";

    private static Task<TestApiServer> ServeAsync(string json = Stored, int code = 200) =>
        TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, json, code));

    [Fact]
    public async Task Apply_sends_the_intent_alone()
    {
        await using var server = await ServeAsync(code: 201);
        using var client = server.Client();
        var intent = new KubernetesObject((JsonObject)JsonNode.Parse("""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"ns","uid":"u","resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z","generation":3,"labels":{"l":"1"}},"data":{"big":"9007199254740993"},"status":{"x":1}}
            """)!);
        var before = intent.Json.ToJsonString();
        var result = await client.ApplyAsync(intent);
        Assert.True(result.Created);
        var seen = server.Requests.Single();
        Assert.Equal(("PATCH", "/api/v1/namespaces/ns/configmaps/a?force=false&fieldManager=meshtools&fieldValidation=Strict"), (seen.Method, seen.PathAndQuery));
        Assert.Equal("application/apply-patch+yaml", seen.Headers["Content-Type"]);
        Assert.Equal("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"ns","labels":{"l":"1"}},"data":{"big":"9007199254740993"}}""", seen.Body);
        Assert.Equal(before, intent.Json.ToJsonString());
    }

    [Fact]
    public async Task Apply_options_reach_the_server()
    {
        await using var server = await ServeAsync();
        using var client = server.Client();
        var intent = KubernetesObject.Create("apps/v1", "Deployment", "d");
        intent.Json["metadata"]!["resourceVersion"] = "7";
        intent.Json["status"] = new JsonObject { ["replicas"] = 1 };
        var options = new ApplyOptions { ForceConflicts = true, OptimisticLock = true, DryRun = true, FieldManager = "me too", FieldValidation = FieldValidation.Warn, Subresource = "status" };
        Assert.False((await client.ApplyAsync(intent, options)).Created);
        var seen = server.Requests.Single();
        Assert.Equal("/apis/apps/v1/namespaces/default/deployments/d/status?force=true&fieldManager=me%20too&dryRun=All&fieldValidation=Warn", seen.PathAndQuery);
        Assert.Equal("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","resourceVersion":"7"},"status":{"replicas":1}}""", seen.Body);
    }

    [Fact]
    public async Task Apply_refuses_managed_fields_before_sending()
    {
        await using var server = await ServeAsync();
        using var client = server.Client();
        var intent = KubernetesObject.Create("v1", "ConfigMap", "a");
        intent.Json["metadata"]!["managedFields"] = new JsonArray();
        await Assert.ThrowsAsync<ArgumentException>(() => client.ApplyAsync(intent));
        Assert.Empty(server.Requests);
        Assert.Null(intent.WithoutServerFields().Find("metadata", "managedFields"));
    }

    [Fact]
    public async Task Create_update_and_patches_use_their_paths_and_media_types()
    {
        await using var server = await ServeAsync();
        using var client = server.Client();
        var obj = KubernetesObject.Create("v1", "ConfigMap", "a", "ns");
        await client.CreateAsync(obj, new WriteOptions { DryRun = true });
        await client.UpdateAsync(obj);
        await client.PatchAsync(ResourceTypes.Namespace, null, "n", Patch.Merge(new JsonObject()));
        await client.PatchAsync(ResourceTypes.ConfigMap, "ns", "a", Patch.Json(new JsonArray()));
        await client.PatchAsync(ResourceTypes.Deployment, "ns", "a", Patch.Strategic(new JsonObject()), new WriteOptions { Subresource = "scale" });
        Assert.Equal(
            [
                "POST /api/v1/namespaces/ns/configmaps?fieldManager=meshtools&dryRun=All&fieldValidation=Strict application/json",
                "PUT /api/v1/namespaces/ns/configmaps/a?fieldManager=meshtools&fieldValidation=Strict application/json",
                "PATCH /api/v1/namespaces/n?fieldManager=meshtools&fieldValidation=Strict application/merge-patch+json",
                "PATCH /api/v1/namespaces/ns/configmaps/a?fieldManager=meshtools&fieldValidation=Strict application/json-patch+json",
                "PATCH /apis/apps/v1/namespaces/ns/deployments/a/scale?fieldManager=meshtools&fieldValidation=Strict application/strategic-merge-patch+json",
            ],
            server.Requests.Select(r => $"{r.Method} {r.PathAndQuery} {r.Headers["Content-Type"].Split(';')[0]}"));
    }

    [Fact]
    public async Task Delete_sends_its_options_and_understands_both_answers()
    {
        await using var server = await ServeAsync("""{"kind":"Status","apiVersion":"v1","status":"Success","details":{"name":"a","kind":"configmaps","uid":"u9"}}""");
        using var client = server.Client();
        var gone = await client.DeleteAsync(ResourceTypes.ConfigMap, "ns", "a", new DeleteOptions
        {
            Propagation = DeletionPropagation.Foreground, GracePeriod = TimeSpan.FromSeconds(5), DryRun = true, Preconditions = new DeletePreconditions("u9", "7"),
        });
        Assert.Equal(("ConfigMap ns/a", "u9"), (gone!.ToString(), gone.Uid));
        Assert.Equal(
            """{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground","gracePeriodSeconds":5,"dryRun":["All"],"preconditions":{"uid":"u9","resourceVersion":"7"}}""",
            server.Requests.Single().Body);

        server.Answer = context => TestApiServer.JsonAsync(context, """{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"n","deletionTimestamp":"2026-11-20T21:57:54Z"}}""");
        Assert.NotNull((await client.DeleteAsync(ResourceTypes.Namespace, null, "n"))!.DeletionTimestamp);
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_what_is_not_served_is_not()
    {
        await using var server = await TestApiServer.StartAsync(context => context.Request.Path.Value!.EndsWith("/a", StringComparison.Ordinal)
            ? TestApiServer.StatusAsync(context, 404, "NotFound", "not found", """ ,"details":{"name":"a","kind":"x"} """)
            : TestApiServer.JsonAsync(context, "404 page not found", 404, "text/plain"));
        using var client = server.Client();
        Assert.Null(await client.FindAsync(ResourceTypes.Secret, "ns", "a"));
        Assert.Null(await client.DeleteAsync(ResourceTypes.Secret, "ns", "a"));
        await Assert.ThrowsAsync<KindNotServedException>(() => client.FindAsync(ResourceTypes.Secret, "ns", "b"));
        await Assert.ThrowsAsync<KindNotServedException>(() => client.DeleteAsync(ResourceTypes.Secret, "ns", "b"));
    }

    [Fact]
    public async Task A_list_is_read_page_by_page()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, context.Request.Query["continue"].ToString() switch
        {
            "" => """{"metadata":{"resourceVersion":"9","continue":"p2"},"items":[{"metadata":{"name":"a","uid":"1"}},{"metadata":{"name":"b","uid":"2"}}]}""",
            _ => """{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"c","uid":"3"}}]}""",
        }));
        using var client = server.Client();
        var items = new List<KubernetesObject>();
        await foreach (var item in client.ListAsync(ResourceTypes.Secret, null, new ListOptions { PageSize = 2, LabelSelector = "a in (b,c)", FieldSelector = "type=x" }))
            items.Add(item);
        Assert.Equal(["a", "b", "c"], items.Select(i => i.Name));
        Assert.All(items, i => Assert.Equal(("v1", "Secret"), (i.ApiVersion, i.Kind)));
        Assert.Equal(
            ["/api/v1/secrets?labelSelector=a%20in%20%28b%2Cc%29&fieldSelector=type%3Dx&limit=2", "/api/v1/secrets?labelSelector=a%20in%20%28b%2Cc%29&fieldSelector=type%3Dx&limit=2&continue=p2"],
            server.Requests.Select(r => r.PathAndQuery));
    }

    [Fact]
    public async Task A_list_that_expires_on_the_way_is_finished_by_a_full_one()
    {
        await using var server = await TestApiServer.StartAsync(context => (context.Request.Query["continue"].ToString(), context.Request.Query.ContainsKey("limit")) switch
        {
            ("", true) => TestApiServer.JsonAsync(context, """{"metadata":{"resourceVersion":"9","continue":"p2"},"items":[{"metadata":{"name":"a","uid":"1"}}]}"""),
            ("", false) => TestApiServer.JsonAsync(context, """{"metadata":{"resourceVersion":"12"},"items":[{"metadata":{"name":"a","uid":"1"}},{"metadata":{"name":"b","uid":"2"}}]}"""),
            _ => TestApiServer.StatusAsync(context, 410, "Expired", "The provided continue parameter is too old"),
        });
        using var client = server.Client();
        var names = new List<string>();
        await foreach (var item in client.ListAsync(ResourceTypes.Secret, "ns"))
            names.Add(item.Name);
        Assert.Equal(["a", "b"], names);
    }

    [Fact]
    public async Task A_token_request_keeps_its_token_to_itself()
    {
        await using var server = await ServeAsync("""{"kind":"TokenRequest","status":{"token":"canary","expirationTimestamp":"2026-11-20T22:57:53Z"}}""");
        using var client = server.Client();
        var result = await client.RequestTokenAsync("ns", "reader", new TokenRequestOptions { Audiences = ["istio-ca"], Lifetime = TimeSpan.FromHours(1), BoundObject = new ObjectReference("v1", "Secret", "s", "ns") });
        Assert.Equal(("canary", new DateTimeOffset(2026, 11, 20, 22, 57, 53, TimeSpan.Zero)), (result.GetToken(), result.ExpirationTimestamp));
        Assert.DoesNotContain("canary", result.ToString(), StringComparison.Ordinal);
        Assert.Equal("/api/v1/namespaces/ns/serviceaccounts/reader/token", server.Requests.Single().PathAndQuery);
        Assert.Equal(
            """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["istio-ca"],"expirationSeconds":3600,"boundObjectRef":{"apiVersion":"v1","kind":"Secret","name":"s"}}}""",
            server.Requests.Single().Body);
    }

    [Fact]
    public async Task An_access_review_asks_and_answers()
    {
        await using var server = await ServeAsync("""{"status":{"allowed":false,"denied":true,"reason":"no"}}""", 201);
        using var client = server.Client();
        Assert.Equal(new AccessReviewResult(Allowed: false, Denied: true, "no", EvaluationError: null), await client.CanIAsync(AccessQuery.For("patch", ResourceTypes.Deployment, "ns", "d")));
        Assert.Equal(
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"patch","group":"apps","resource":"deployments","namespace":"ns","name":"d"}}}""",
            server.Requests.Single().Body);
    }

    [Fact]
    public async Task An_answer_that_is_no_json_is_an_error_and_not_an_empty_object()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "<html>login</html>", 200, "text/html"));
        using var client = server.Client();
        var error = await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync(ResourceTypes.Secret, "ns", "a"));
        Assert.Contains("text/html", error.Message, StringComparison.Ordinal);
    }
}
