using MeshTools.Errors;
using MeshTools.Injection;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Injection;

/// <summary>Rolling restarts on a lab's cluster.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Workloads_of_every_kind_get_the_proxy_that_their_namespace_asks_for_and_a_second_run_leaves_them()
    {
        await using var lab = await InjectionLab.StartAsync();
        await lab.NamespaceAsync("shop");
        string[] kinds = ["Deployment", "StatefulSet", "DaemonSet"];
        foreach (var kind in kinds)
        {
            await lab.WorkloadAsync("shop", kind, kind.ToLowerInvariant());
            await lab.UpAsync("shop", kind, kind.ToLowerInvariant());
        }

        await LabelAsync(lab, "shop");
        var first = await RunAsync(lab, new RestartOptions { OutdatedOnly = true, Wait = true });

        Assert.Equal(kinds, first.Select(result => result.Kind));
        Assert.All(first, result => Assert.Equal((RestartOutcome.Ready, "default", 0, null), (result.Outcome, result.Revision, result.RevisionBefore.Count, result.Reason)));
        var writes = lab.Mesh.Writes();
        var second = await RunAsync(lab, new RestartOptions { OutdatedOnly = true, Wait = true });
        Assert.All(second, result => Assert.Equal(RestartOutcome.Unchanged, result.Outcome));
        Assert.Equal(writes, lab.Mesh.Writes());
    }

    [Fact]
    public async Task The_first_that_does_not_come_up_ends_it_with_its_reason()
    {
        await using var lab = await InjectionLab.StartAsync();
        await lab.NamespaceAsync("shop", """{"istio-injection":"enabled"}""");
        foreach (var name in new[] { "a", "b", "c" })
        {
            await lab.WorkloadAsync("shop", "Deployment", name);
            await lab.UpAsync("shop", "Deployment", name);
        }

        lab.Mesh[1].Faults.Add(new Fault(FaultKind.QuotaExceeded) { Resource = "pods" });
        var results = await RunAsync(lab, new RestartOptions { Wait = true, Patience = TimeSpan.FromMilliseconds(200) });

        Assert.Equal([("a", RestartOutcome.Failed), ("b", RestartOutcome.Skipped), ("c", RestartOutcome.Skipped)], results.Select(result => (result.Name, result.Outcome)));
        Assert.Contains("exceeded quota", results[0].Reason, StringComparison.Ordinal);
        Assert.Equal("Deployment a did not come up", results[1].Reason);
        var failure = Assert.IsType<MeshException>(Assert.Single(lab.Mesh.Log.Failures).Error);
        Assert.Equal(nameof(ErrorCatalog.QuotaExceeded), failure.ErrorId);
        lab.Mesh[1].Faults.Clear();
        Assert.All(await RunAsync(lab, new RestartOptions { Wait = true, AtATime = 3 }), result => Assert.Equal(RestartOutcome.Ready, result.Outcome));
    }

    [Fact]
    public async Task What_cannot_be_restarted_this_way_says_why()
    {
        await using var lab = await InjectionLab.StartAsync();
        await lab.NamespaceAsync("shop");
        await lab.WorkloadAsync("shop", "Deployment", "paused", spec: """{"paused":true}""");
        await lab.WorkloadAsync("shop", "StatefulSet", "manual", spec: """{"updateStrategy":{"type":"OnDelete"}}""");
        var writes = lab.Mesh.Writes();

        var results = await RunAsync(lab, new RestartOptions());

        Assert.All(results, result => Assert.Equal(RestartOutcome.Skipped, result.Outcome));
        Assert.Contains("paused", results[0].Reason, StringComparison.Ordinal);
        Assert.Contains("OnDelete", results[1].Reason, StringComparison.Ordinal);
        Assert.Equal(writes, lab.Mesh.Writes());
    }

    [Fact]
    public async Task A_name_that_no_workload_has_is_an_error()
    {
        await using var lab = await InjectionLab.StartAsync();
        var error = await Assert.ThrowsAsync<MeshException>(() =>
            RestartPlan.CreateAsync(lab.Cluster, "default", new RestartOptions { Matches = (_, name) => name is "nobody" }, lab.Mesh.Log, CancellationToken.None));
        Assert.Equal(nameof(ErrorCatalog.WorkloadNotFound), error.ErrorId);
        var missing = await Assert.ThrowsAsync<MeshException>(() => RestartPlan.CreateAsync(lab.Cluster, "nowhere", new RestartOptions(), lab.Mesh.Log, CancellationToken.None));
        Assert.Equal(nameof(ErrorCatalog.NamespaceNotFound), missing.ErrorId);
    }

    [Fact]
    public async Task A_namespace_without_workloads_is_a_warning()
    {
        await using var lab = await InjectionLab.StartAsync();
        await lab.NamespaceAsync("shop");
        Assert.Empty(await RunAsync(lab, new RestartOptions()));
        Assert.Contains("namespace shop has no Deployment, StatefulSet or DaemonSet to restart", Assert.Single(lab.Mesh.Log.Warnings), StringComparison.Ordinal);
    }

    private static Task<KubernetesObject> LabelAsync(InjectionLab lab, string ns) => lab.Client.PatchAsync(
        ResourceTypes.Namespace, null, ns, Patch.Merge(System.Text.Json.Nodes.JsonNode.Parse("""{"metadata":{"labels":{"istio-injection":"enabled"}}}""")!));

    private static async Task<List<WorkloadRestart>> RunAsync(InjectionLab lab, RestartOptions options)
    {
        var plan = await RestartPlan.CreateAsync(lab.Cluster, "shop", options, lab.Mesh.Log, CancellationToken.None);
        return await plan.ExecuteAsync(_ => true, lab.Mesh.Log, CancellationToken.None).ToListAsync();
    }
}
