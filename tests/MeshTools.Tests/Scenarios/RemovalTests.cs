using System.Text.Json.Nodes;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Tests.Errors;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>A cluster leaves; the others go on.</summary>
public sealed class RemovalTests
{
    private static readonly EndpointDiscoveryOptions s_waiting = new() { Wait = true, Timeout = TimeSpan.FromSeconds(60) };

    private static async Task<IReadOnlyList<EndpointDiscoveryLink>> LeaveAsync(LabMesh mesh, int number, RecordedLog? log = null)
    {
        var clusters = mesh.Load();
        var plan = await EndpointDiscoveryRemoval.CreateAsync(
            [clusters[number - 1]], [.. clusters.Where((_, index) => index != number - 1)], new EndpointDiscoveryOptions(), log ?? mesh.Log, CancellationToken.None);
        return await plan.ExecuteAsync(_ => true, log ?? mesh.Log, CancellationToken.None).ToListAsync();
    }

    [Fact]
    public async Task Its_secrets_and_its_token_go_and_the_others_stay_in_sync()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        await mesh.EnableAsync(s_waiting);
        foreach (var cluster in mesh.Host.Clusters)
            cluster.Requests.Clear();
        var links = await LeaveAsync(mesh, 3);
        Assert.Empty(mesh.Log.Failures);
        Assert.Equal(
            ["lab-1 -> lab-3", "lab-2 -> lab-3", "lab-3 -> lab-1", "lab-3 -> lab-2"], links.Select(link => link.ToString()).Order(StringComparer.Ordinal));
        Assert.All(links, link => Assert.Equal(ChangeOutcome.Removed, link.Change));
        Assert.Equal(["istio-remote-secret-lab-2"], mesh.RemoteSecrets(1));
        Assert.Equal(["istio-remote-secret-lab-1"], mesh.RemoteSecrets(2));
        Assert.Empty(mesh.RemoteSecrets(3));
        Assert.Null(mesh.Find(3, "secrets", LabMesh.TokenSecret));
        foreach (var staying in new[] { 1, 2 })
        {
            var write = Assert.Single(mesh[staying].Requests.Entries, entry => entry.IsMutating);
            Assert.Equal(("delete", "secrets", "istio-remote-secret-lab-3"), (write.Verb, write.Resource, write.Name));
            Assert.NotNull(mesh.Find(staying, "secrets", LabMesh.TokenSecret));
        }

        var mutual = (await mesh.StatusAsync()).Where(link => link.Reader.Name != "lab-3" && link.Target?.Name != "lab-3").ToList();
        Assert.Equal(2, mutual.Count);
        Assert.All(mutual, link => Assert.Equal(("synced", null), (link.SyncStatus, link.Reason)));
        mesh.AssertNothingLeaked(links);

        var writes = mesh.Writes();
        Assert.Empty(await LeaveAsync(mesh, 3));
        Assert.Equal(writes, mesh.Writes());
    }

    [Fact]
    public async Task Of_a_shared_secret_only_the_key_goes()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        await mesh.EnableAsync();
        var client = mesh.Client(1);
        var second = await client.GetAsync(ResourceTypes.Secret, LabMesh.Namespace, "istio-remote-secret-lab-2");
        var third = await client.GetAsync(ResourceTypes.Secret, LabMesh.Namespace, "istio-remote-secret-lab-3");
        var shared = KubernetesObject.Create("v1", "Secret", "istio-kubeconfigs", LabMesh.Namespace);
        shared.Json["metadata"]!["labels"] = new JsonObject { [RemoteSecret.Label] = "true" };
        shared.Json["data"] = new JsonObject { ["lab-2"] = second.Json["data"]!["lab-2"]!.DeepClone(), ["lab-3"] = third.Json["data"]!["lab-3"]!.DeepClone() };
        foreach (var one in new[] { second, third })
            await client.DeleteAsync(ResourceTypes.Secret, LabMesh.Namespace, one.Name);
        await client.CreateAsync(shared);

        await LeaveAsync(mesh, 3);
        Assert.Empty(mesh.Log.Failures);
        Assert.Equal(["lab-2"], mesh.Find(1, "secrets", "istio-kubeconfigs")!.Json["data"]!.AsObject().Select(entry => entry.Key));
    }

    [Fact]
    public async Task A_leaving_cluster_that_is_down_is_cut_off_by_the_others()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        await mesh.EnableAsync();
        await mesh[3].StopListeningAsync();
        var links = await LeaveAsync(mesh, 3);
        Described.TheOnly(mesh.Log.Failures, ErrorCatalog.EndpointUnreachable, "lab-3");
        Assert.All(links, link => Assert.Equal(link.Reader.Name == "lab-3" ? ChangeOutcome.Failed : ChangeOutcome.Removed, link.Change));
        Assert.Equal(["istio-remote-secret-lab-2"], mesh.RemoteSecrets(1));

        // Back again, a rerun removes what was left.
        await mesh[3].StartListeningAsync();
        var log = new RecordedLog();
        Assert.All(await LeaveAsync(mesh, 3, log), link => Assert.Equal(ChangeOutcome.Removed, link.Change));
        Assert.Empty(log.Failures);
        Assert.Empty(mesh.RemoteSecrets(3));
        Assert.Null(mesh.Find(3, "secrets", LabMesh.TokenSecret));
    }

    [Fact]
    public async Task Planning_names_everything_and_removes_nothing()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await mesh.EnableAsync();
        var writes = mesh.Writes();
        var clusters = mesh.Load();
        var plan = await EndpointDiscoveryRemoval.CreateAsync([clusters[1]], [clusters[0]], new EndpointDiscoveryOptions(), mesh.Log, CancellationToken.None);
        Assert.Equal(
            ["lab-1 istio-remote-secret-lab-2", $"lab-2 {LabMesh.TokenSecret}", "lab-2 istio-remote-secret-lab-1"],
            plan.Changes.Select(change => $"{change.Cluster.Name} {change.Object.Name}").Order(StringComparer.Ordinal));
        Assert.All(plan.Changes, change => Assert.Equal(ChangeKind.Delete, change.Kind));
        Assert.All(await plan.ExecuteAsync(_ => false, mesh.Log, CancellationToken.None).ToListAsync(), link => Assert.Equal("declined", link.Reason));
        Assert.Equal(writes, mesh.Writes());
    }

    [Fact]
    public async Task Nobody_can_leave_alone()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var error = await Assert.ThrowsAsync<MeshException>(() => EndpointDiscoveryRemoval.CreateAsync(
            mesh.Load(), [], new EndpointDiscoveryOptions(), mesh.Log, CancellationToken.None));
        Assert.Equal(ErrorCatalog.TooFewClusters, error.Definition);
        Assert.Contains("-Peer", error.RecommendedAction, StringComparison.Ordinal);
    }
}
