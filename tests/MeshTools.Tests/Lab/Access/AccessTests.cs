using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Access;

public sealed class AccessTests : IDisposable
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private readonly Clock _clock = new();
    private readonly ObjectStore _store;
    private readonly ServiceAccountTokens _tokens;
    private readonly Identity _reader = Identity.Create("system:serviceaccount:a:reader", "system:serviceaccounts", "system:authenticated");

    public AccessTests()
    {
        _store = new ObjectStore(_clock);
        _tokens = new ServiceAccountTokens(_store);
    }

    public void Dispose() => _tokens.Dispose();

    private static JsonObject Object(string json) => (JsonObject)JsonNode.Parse(json)!;

    private void Grant(string rules, string? @namespace = null)
    {
        _store.Create(new ResourceKey(Rbac, "clusterroles", null, "r"), Object($$"""{"apiVersion":"{{Rbac}}/v1","kind":"ClusterRole","rules":[{{rules}}]}"""), "test");
        var kind = @namespace is null ? "ClusterRoleBinding" : "RoleBinding";
        _store.Create(
            new ResourceKey(Rbac, kind.ToLowerInvariant() + "s", @namespace, "r"),
            Object($$"""{"apiVersion":"{{Rbac}}/v1","kind":"{{kind}}","roleRef":{"apiGroup":"{{Rbac}}","kind":"ClusterRole","name":"r"},"subjects":[{"kind":"ServiceAccount","namespace":"a","name":"reader"}]}"""),
            "test");
    }

    private bool May(string verb, string group, string resource, string @namespace = "", string name = "", string subresource = "") =>
        new RbacAuthorizer(_store).IsAllowed(_reader, new AccessRequest(verb, group, resource, subresource, @namespace, name));

    [Fact]
    public void A_rule_allows_its_verbs_on_its_resources()
    {
        Grant("""{"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"]}""");
        Assert.True(May("get", "", "pods", "x"));
        Assert.True(May("list", "", "pods"));
        Assert.True(May("get", "", "pods", "x", "p", "log"));
        Assert.False(May("get", "", "pods", "x", "p", "exec"));
        Assert.False(May("delete", "", "pods", "x"));
        Assert.False(May("get", "apps", "pods", "x"));
    }

    [Fact]
    public void A_role_binding_ends_at_its_namespace()
    {
        Grant("""{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}""", "a");
        Assert.True(May("delete", "apps", "deployments", "a"));
        Assert.False(May("get", "", "pods", "b"));
        Assert.False(May("list", "", "pods"));
    }

    [Fact]
    public void Names_narrow_a_rule()
    {
        Grant("""{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["one"]}""");
        Assert.True(May("get", "", "secrets", "a", "one"));
        Assert.False(May("get", "", "secrets", "a", "two"));
        Assert.False(May("list", "", "secrets", "a"));
    }

    [Fact]
    public void Paths_may_end_in_a_star()
    {
        Grant("""{"verbs":["get"],"nonResourceURLs":["/healthz","/metrics/*"]}""");
        var authorizer = new RbacAuthorizer(_store);
        Assert.True(authorizer.IsAllowed(_reader, new AccessRequest("get", "", "", "", "", "", "/metrics/x")));
        Assert.False(authorizer.IsAllowed(_reader, new AccessRequest("get", "", "", "", "", "", "/version")));
    }

    [Fact]
    public void Masters_may_everything() =>
        Assert.True(new RbacAuthorizer(_store).IsAllowed(Identity.Create("x", "system:masters"), new AccessRequest("delete", "", "nodes", "", "", "")));

    private StoredObject Account() => _store.Create(new ResourceKey("", "serviceaccounts", "a", "reader"), Object("""{"apiVersion":"v1","kind":"ServiceAccount"}"""), "test");

    [Fact]
    public void A_requested_token_is_good_until_it_expires()
    {
        var token = _tokens.IssueRequestedToken("a", "reader", Account().Uid, TimeSpan.FromMinutes(10)).Token;
        Assert.Equal("system:serviceaccount:a:reader", _tokens.Verify(token)!.Identity.Name);
        Assert.Contains("system:serviceaccounts:a", _tokens.Verify(token)!.Identity.Groups);
        _clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(_tokens.Verify(token));
    }

    [Fact]
    public void A_token_dies_with_its_account_even_when_another_of_that_name_comes()
    {
        var token = _tokens.IssueRequestedToken("a", "reader", Account().Uid, TimeSpan.FromHours(1)).Token;
        _store.Delete(new ResourceKey("", "serviceaccounts", "a", "reader"));
        Assert.Null(_tokens.Verify(token));
        Account();
        Assert.Null(_tokens.Verify(token));
    }

    [Fact]
    public void A_token_for_others_is_not_for_this_server()
    {
        var token = _tokens.IssueRequestedToken("a", "reader", Account().Uid, TimeSpan.FromHours(1), ["vault"]).Token;
        Assert.Null(_tokens.Verify(token));
        Assert.NotNull(_tokens.Verify(token, ["vault"]));
    }

    [Fact]
    public void A_secret_token_is_good_while_the_secret_keeps_it()
    {
        var token = _tokens.IssueSecretToken("a", "reader", Account().Uid, "s");
        Assert.Null(_tokens.Verify(token));
        var secret = new ResourceKey("", "secrets", "a", "s");
        _store.Create(
            secret,
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Secret",
                ["data"] = new JsonObject { ["token"] = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(token)) },
            },
            "test");
        Assert.NotNull(_tokens.Verify(token));
        _store.Delete(secret);
        Assert.Null(_tokens.Verify(token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    public void Rubbish_is_no_token(string token) => Assert.Null(_tokens.Verify(token));

    [Fact]
    public void A_changed_token_is_no_token()
    {
        var token = _tokens.IssueRequestedToken("a", "reader", Account().Uid, TimeSpan.FromHours(1)).Token;
        var parts = token.Split('.');
        var claims = parts[1][0] == 'e' ? 'f' + parts[1][1..] : 'e' + parts[1][1..];
        Assert.Null(_tokens.Verify($"{parts[0]}.{claims}.{parts[2]}"));
    }

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }
}
