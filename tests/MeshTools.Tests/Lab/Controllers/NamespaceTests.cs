using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Controllers;

public sealed class NamespaceTests
{
    private static readonly ResourceKey Team = new("", "namespaces", null, "team");

    [Fact]
    public async Task A_new_namespace_gets_its_account_and_the_clusters_root()
    {
        await using var lab = await StoreLab.StartAsync();
        CreateTeam(lab);

        await lab.UntilAsync(new ResourceKey("", "serviceaccounts", "team", "default"), _ => true);
        var root = await lab.UntilAsync(new ResourceKey("", "configmaps", "team", "kube-root-ca.crt"), _ => true);

        Assert.Equal(lab.Cluster.CertificateAuthorityPem, root.Json["data"]!["ca.crt"]!.GetValue<string>());
    }

    [Fact]
    public async Task Both_come_back_when_deleted()
    {
        await using var lab = await StoreLab.StartAsync();
        var account = new ResourceKey("", "serviceaccounts", "default", "default");
        var first = await lab.UntilAsync(account, _ => true);

        lab.Store.Delete(account);

        var second = await lab.UntilAsync(account, _ => true);
        await Eventually.TrueAsync(() => lab.Store.Find(account)?.Uid is { } uid && uid != first.Uid);
        Assert.Equal("default", second.Key.Name);
    }

    [Fact]
    public async Task A_deleted_namespace_takes_its_content_with_it()
    {
        await using var lab = await StoreLab.StartAsync();
        CreateTeam(lab);
        lab.Deploy("app", 2, @namespace: "team");
        await Eventually.TrueAsync(() => lab.Pods("app", "team").Count == 2);

        var outcome = lab.Store.Delete(Team);

        Assert.False(outcome.Removed);
        Assert.Equal("Terminating", outcome.Object.Json["status"]!["phase"]!.GetValue<string>());
        await lab.GoneAsync(Team);
        await Eventually.TrueAsync(() => lab.Store.ListNamespace("team").Count == 0);
    }

    [Fact]
    public async Task Content_with_a_finalizer_holds_the_namespace()
    {
        await using var lab = await StoreLab.StartAsync();
        CreateTeam(lab);
        var held = new ResourceKey("", "configmaps", "team", "held");
        lab.Create(held, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"finalizers":["example.com/hold"]}}""");
        lab.Store.Delete(Team);
        await lab.UntilAsync(held, json => json["metadata"]!["deletionTimestamp"] is not null);
        await Eventually.TrueAsync(() => lab.Store.ListNamespace("team").Count == 1);
        Assert.NotNull(lab.Store.Find(Team));

        lab.Store.Mutate(
            held,
            json =>
            {
                ((JsonObject)json["metadata"]!).Remove("finalizers");
                return json;
            },
            "test");

        await lab.GoneAsync(Team);
    }

    private static void CreateTeam(StoreLab lab) => lab.Create(
        Team,
        """{"apiVersion":"v1","kind":"Namespace","spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}""");
}
