using System.Text.Json.Nodes;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Tests.Errors;
using MeshTools.Tests.Lab;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>The objects by which a cluster is read, in every state in which earlier runs, other tools and people leave them.</summary>
public sealed class ReaderAccountTests
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Role = "istio-reader-clusterrole-istio-system";
    private static readonly EndpointDiscoveryOptions s_waiting = new() { Wait = true, Timeout = TimeSpan.FromSeconds(60) };

    private static JsonObject TokenSecret() => (JsonObject)JsonNode.Parse(
        $$"""{"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/service-account-token","metadata":{"annotations":{"kubernetes.io/service-account.name":"{{LabMesh.Account}}"} } }""")!;

    private static void AddTokenSecret(LabMesh mesh, int number, string name) =>
        mesh[number].Store.Create(new ResourceKey("", "secrets", LabMesh.Namespace, name), TokenSecret(), "istioctl");

    private static async Task AssertJoined(LabMesh mesh)
    {
        var links = await mesh.EnableAsync(s_waiting);
        Assert.Empty(mesh.Log.Failures);
        Assert.All(links, link => Assert.Equal("synced", link.SyncStatus));
        mesh.AssertNothingLeaked(links);
    }

    private static int Creations(LabMesh mesh, int number, string resource) =>
        mesh[number].Requests.Count(entry => entry.Verb is "create" && entry.Resource == resource);

    [Fact]
    public async Task A_filled_token_of_another_name_is_used_again()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        AddTokenSecret(mesh, 1, "by-hand");
        await Eventually.TrueAsync(() => mesh.Find(1, "secrets", "by-hand")?.Json["data"]?["token"] is not null);
        await AssertJoined(mesh);
        Assert.Null(mesh.Find(1, "secrets", LabMesh.TokenSecret));
        Assert.Contains(mesh.Text(1, "by-hand", "token"), mesh.Text(2, "istio-remote-secret-lab-1", "lab-1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_secret_that_an_earlier_run_left_unfilled_is_waited_for()
    {
        await using var mesh = await LabMesh.StartAsync(2, options => options with { Tokens = TokenFilling.After(TimeSpan.FromSeconds(2)) });
        AddTokenSecret(mesh, 1, LabMesh.TokenSecret);
        await AssertJoined(mesh);
        Assert.Equal(0, Creations(mesh, 1, "secrets"));
    }

    [Fact]
    public async Task A_missing_service_account_is_made_although_its_role_is_there()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        mesh.Delete(1, "serviceaccounts", LabMesh.Account);
        await AssertJoined(mesh);
        Assert.NotNull(mesh.Find(1, "serviceaccounts", LabMesh.Account));
    }

    [Fact]
    public async Task A_missing_role_and_binding_are_made()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        mesh.Delete(1, "clusterroles", Role, null, Rbac);
        mesh.Delete(1, "clusterrolebindings", Role, null, Rbac);
        await AssertJoined(mesh);
    }

    [Fact]
    public async Task A_missing_binding_is_made()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        mesh.Delete(1, "clusterrolebindings", Role, null, Rbac);
        await AssertJoined(mesh);
    }

    [Fact]
    public async Task A_binding_without_the_account_is_another_managers_until_it_is_taken_over_and_keeps_its_subjects()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        mesh[1].Store.Mutate(new ResourceKey(Rbac, "clusterrolebindings", null, Role), json =>
        {
            json["subjects"] = JsonNode.Parse("""[{"kind":"ServiceAccount","name":"other","namespace":"elsewhere"}]""");
            return json;
        }, "helm");
        var links = await mesh.EnableAsync();
        var error = Described.TheOnly(mesh.Log.Failures, ErrorCatalog.ApplyConflict, "lab-1");
        Assert.Contains("helm", error.Message, StringComparison.Ordinal);
        Assert.Equal(ChangeOutcome.Failed, links.Single(link => link.Reader.Name == "lab-2").Change);
        Assert.Equal(ChangeOutcome.Created, links.Single(link => link.Reader.Name == "lab-1").Change);

        var again = new RecordedLog();
        links = await mesh.EnableAsync(s_waiting with { ForceConflicts = true }, again);
        Assert.Empty(again.Failures);
        Assert.All(links, link => Assert.Equal("synced", link.SyncStatus));
        var subjects = mesh.Find(1, "clusterrolebindings", Role, null, Rbac)!.Json["subjects"]!.AsArray().Select(subject => subject!["name"]!.GetValue<string>());
        Assert.Equal(["istio-reader-service-account", "other"], subjects.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_token_that_never_comes_fails_the_links_that_need_it_alone()
    {
        await using var mesh = await LabMesh.StartAsync(3, (number, options) => options with { Tokens = number == 2 ? TokenFilling.Never : TokenFilling.Immediate });
        var links = await mesh.EnableAsync(new EndpointDiscoveryOptions { TokenTimeout = TimeSpan.FromMilliseconds(300) });
        var error = Described.TheOnly(mesh.Log.Failures, ErrorCatalog.TokenNotIssued, "lab-2");
        Assert.Equal(MeshErrorCategory.OperationTimeout, error.Category);
        Assert.All(links, link => Assert.Equal(link.Target!.Name == "lab-2" ? ChangeOutcome.Failed : ChangeOutcome.Created, link.Change));
        Assert.All(links.Where(link => link.Change == ChangeOutcome.Failed), link => Assert.Contains("was not filled", link.Reason, StringComparison.Ordinal));
        mesh.AssertNothingLeaked(links);
    }

    [Fact]
    public async Task A_token_secret_that_is_asked_for_is_used_or_made()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var cluster = (await mesh.ProbeAsync())[0];
        var options = new RemoteSecretOptions { SecretName = "mine" };
        var plan = await RemoteSecretPlan.CreateAsync(cluster, options, mesh.Log, thorough: false, CancellationToken.None);
        var secret = await plan.ExecuteAsync(mesh.Log, CancellationToken.None);
        Assert.Contains(mesh.Text(1, "mine", "token"), secret.ToYaml(includeCredential: true), StringComparison.Ordinal);
        Assert.Equal("system:serviceaccount:istio-system:istio-reader-service-account", secret.Subject);
        Assert.Null(secret.ExpiresAt);

        var again = await RemoteSecretPlan.CreateAsync(cluster, options, mesh.Log, thorough: false, CancellationToken.None);
        Assert.DoesNotContain(again.Changes, change => change.Writes);
    }

    [Theory]
    [InlineData("mine")]
    [InlineData(null)]
    public async Task A_secret_of_that_name_that_is_something_else_is_left_alone(string? name)
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var cluster = (await mesh.ProbeAsync())[0];
        var foreign = KubernetesObject.Create("v1", "Secret", name ?? LabMesh.TokenSecret, LabMesh.Namespace);
        await mesh.Client(1).CreateAsync(foreign);
        var error = await Assert.ThrowsAsync<MeshException>(() =>
            RemoteSecretPlan.CreateAsync(cluster, new RemoteSecretOptions { SecretName = name }, mesh.Log, thorough: false, CancellationToken.None));
        Assert.Equal(ErrorCatalog.ForeignObject, error.Definition);
        Assert.Same(cluster, error.Target);
    }

    [Theory]
    [InlineData("Bad_Id", null)]
    [InlineData(null, "http://c.example")]
    public async Task What_cannot_stand_in_a_remote_secret_is_refused_before_any_request(string? clusterId, string? server)
    {
        await using var mesh = await LabMesh.StartAsync(1);
        mesh[1].Requests.Clear();
        var options = new RemoteSecretOptions { ClusterId = clusterId, Server = server is null ? null : new Uri(server) };
        var error = await Assert.ThrowsAsync<MeshException>(() => RemoteSecretPlan.CreateAsync(mesh.Load()[0], options, mesh.Log, thorough: false, CancellationToken.None));
        Assert.Equal(clusterId is null ? ErrorCatalog.ServerInvalid : ErrorCatalog.ClusterIdInvalid, error.Definition);
        Assert.Equal(0, mesh[1].Requests.Count(entry => entry.UserAgent.StartsWith("meshtools/", StringComparison.Ordinal)));
    }
}
