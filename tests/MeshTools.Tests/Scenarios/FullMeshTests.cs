using MeshTools.Discovery;
using MeshTools.Lab;
using MeshTools.Operations;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>N clusters become one mesh.</summary>
public sealed class FullMeshTests
{
    private static readonly EndpointDiscoveryOptions s_waiting = new() { Wait = true, Timeout = TimeSpan.FromSeconds(60) };

    [Fact]
    public async Task Five_clusters_read_each_other_and_a_second_run_writes_nothing()
    {
        await using var mesh = await LabMesh.StartAsync(5);
        var first = await mesh.EnableAsync(s_waiting);
        Assert.Empty(mesh.Log.Failures);
        Assert.Equal(20, first.Count);
        Assert.All(first, link => Assert.Equal((ChangeOutcome.Created, "synced", null), (link.Change, link.SyncStatus, link.Reason)));

        var writes = mesh.Writes();
        var second = await mesh.EnableAsync(s_waiting);
        Assert.Equal(20, second.Count);
        Assert.All(second, link => Assert.Equal((ChangeOutcome.Unchanged, "synced"), (link.Change, link.SyncStatus)));
        Assert.Equal(writes, mesh.Writes());
    }

    [Fact]
    public async Task A_full_mesh_takes_five_requests_a_cluster_and_one_apply_a_link()
    {
        await using var mesh = await LabMesh.StartAsync(4);
        var clusters = await mesh.ProbeAsync();
        foreach (var cluster in mesh.Host.Clusters)
            cluster.Requests.Clear();

        var plan = await EndpointDiscoveryPlan.CreateAsync(clusters, new EndpointDiscoveryOptions(), mesh.Log, CancellationToken.None);
        _ = await plan.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None).ToListAsync();

        Assert.Empty(mesh.Log.Failures);
        // The simulated control planes of the others read here, too; only this module's own requests count.
        var ours = mesh.Host.Clusters.Select(cluster => cluster.Requests.Entries
            .Where(entry => entry.UserAgent.StartsWith("meshtools/", StringComparison.Ordinal))
            .Select(entry => $"{entry.Verb} {entry.Path}")
            .ToList());
        Assert.All(ours, requests => Assert.InRange(requests.Count, 3 + 3, 5 + 3));
    }

    [Fact]
    public async Task Planning_names_every_object_and_writes_nothing()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        var plan = await mesh.PlanAsync(new EndpointDiscoveryOptions { Thorough = true });
        Assert.Equal(0, mesh.Writes());
        Assert.Equal(6, plan.Changes.Count(change => change.Kind == ChangeKind.Create && change.Object.Name.StartsWith("istio-remote-secret-", StringComparison.Ordinal)));
        Assert.Equal(3, plan.Changes.Count(change => change.Object.Name == "istio-reader-service-account-istio-remote-secret-token"));
    }
}
