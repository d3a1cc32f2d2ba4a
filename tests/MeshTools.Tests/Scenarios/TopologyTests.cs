using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Tests.Errors;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>Who reads whom, and what control planes the clusters have.</summary>
public sealed class TopologyTests
{
    private static readonly EndpointDiscoveryOptions s_primaryRemote = new()
    {
        Topology = DiscoveryTopology.PrimaryRemote, Primaries = ["lab-1"], Wait = true, Timeout = TimeSpan.FromSeconds(60),
    };

    private static LabClusterOptions OnlyFirst(int number, LabClusterOptions options) => options with { ControlPlane = number == 1 };

    [Fact]
    public async Task A_primary_reads_remotes_that_had_nothing_before()
    {
        await using var mesh = await LabMesh.StartAsync(3, OnlyFirst);
        var links = await mesh.EnableAsync(s_primaryRemote with { CreateNamespace = true });
        Assert.Empty(mesh.Log.Failures);
        Assert.Equal(["lab-1 -> lab-2", "lab-1 -> lab-3"], links.Select(link => link.ToString()).Order(StringComparer.Ordinal));
        Assert.All(links, link => Assert.Equal((ChangeOutcome.Created, "synced"), (link.Change, link.SyncStatus)));
        Assert.Equal(["istio-remote-secret-lab-2", "istio-remote-secret-lab-3"], mesh.RemoteSecrets(1));
        Assert.Null(mesh.Find(1, "secrets", LabMesh.TokenSecret));
        foreach (var remote in new[] { 2, 3 })
        {
            Assert.Empty(mesh.RemoteSecrets(remote));
            Assert.NotNull(mesh.Find(remote, "serviceaccounts", LabMesh.Account));
            Assert.NotNull(mesh.Find(remote, "secrets", LabMesh.TokenSecret));
            Assert.NotNull(mesh.Find(remote, "clusterroles", "istio-reader-clusterrole-istio-system", null, "rbac.authorization.k8s.io"));
            Assert.NotNull(mesh.Find(remote, "clusterrolebindings", "istio-reader-clusterrole-istio-system", null, "rbac.authorization.k8s.io"));
        }

        mesh.AssertNothingLeaked(links);
        var writes = mesh.Writes();
        Assert.All(await mesh.EnableAsync(s_primaryRemote), link => Assert.Equal(ChangeOutcome.Unchanged, link.Change));
        Assert.Equal(writes, mesh.Writes());
    }

    [Fact]
    public async Task Without_leave_to_make_it_a_missing_namespace_is_an_error_of_that_cluster()
    {
        await using var mesh = await LabMesh.StartAsync(2, OnlyFirst);
        var link = Assert.Single(await mesh.EnableAsync(s_primaryRemote));
        Assert.Equal(ChangeOutcome.Failed, link.Change);
        var error = Described.TheOnly(mesh.Log.Failures, ErrorCatalog.NamespaceNotFound, "lab-2");
        Assert.Equal(MeshErrorCategory.ObjectNotFound, error.Category);
        Assert.Contains("-CreateNamespace", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(error.Message, link.Reason);
        Assert.Equal(0, mesh.Writes());
    }

    [Fact]
    public async Task A_cluster_without_control_plane_among_primaries_is_joined_with_a_warning()
    {
        await using var mesh = await LabMesh.StartAsync(3, (number, options) => options with { ControlPlane = number != 3 });
        var links = await mesh.EnableAsync(new EndpointDiscoveryOptions { CreateNamespace = true });
        Assert.Empty(mesh.Log.Failures);
        Assert.All(links, link => Assert.Equal(ChangeOutcome.Created, link.Change));
        Assert.Equal(6, links.Count);
        Assert.Contains(mesh.Log.Warnings, warning => warning.StartsWith("lab-3: no control plane", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Waiting_for_a_control_plane_that_is_not_there_ends_at_once()
    {
        await using var mesh = await LabMesh.StartAsync(2, OnlyFirst);
        var links = await mesh.EnableAsync(new EndpointDiscoveryOptions { CreateNamespace = true, Wait = true, Timeout = TimeSpan.FromMinutes(5) });
        Described.TheOnly(mesh.Log.Failures, ErrorCatalog.ControlPlaneNotFound, "lab-2");
        Assert.Equal("synced", links.Single(link => link.Reader.Name == "lab-1").SyncStatus);
        Assert.Contains("no istiod runs", links.Single(link => link.Reader.Name == "lab-2").Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lab-9")]
    [InlineData("LAB-1")]
    public async Task A_primary_that_is_not_there_is_refused(string name)
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var error = await Assert.ThrowsAsync<MeshException>(() => mesh.PlanAsync(s_primaryRemote with { Primaries = [name] }));
        Assert.Equal(ErrorCatalog.PrimaryNotFound, error.Definition);
        Assert.Contains("lab-1, lab-2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topology_without_primaries_is_refused()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var error = await Assert.ThrowsAsync<MeshException>(() => mesh.PlanAsync(s_primaryRemote with { Primaries = [] }));
        Assert.Equal(ErrorCatalog.PrimaryNotFound, error.Definition);
    }

    [Fact]
    public async Task Every_replica_of_istiod_is_asked()
    {
        await using var mesh = await LabMesh.StartAsync(2, options => options with { Replicas = 3 });
        var links = await mesh.EnableAsync(new EndpointDiscoveryOptions { Wait = true, Timeout = TimeSpan.FromSeconds(60) });
        Assert.All(links, link =>
        {
            Assert.Equal("synced", link.SyncStatus);
            Assert.Equal(3, link.Replicas.Select(replica => replica.Replica).Distinct(StringComparer.Ordinal).Count());
        });
    }

    [Fact]
    public async Task A_revisioned_control_plane_brings_role_and_binding_with_its_revision()
    {
        await using var mesh = await LabMesh.StartAsync(2, options => options with { Revision = "asm-1285-12" });
        var links = await mesh.EnableAsync(new EndpointDiscoveryOptions { Wait = true, Timeout = TimeSpan.FromSeconds(60) });
        Assert.Empty(mesh.Log.Failures);
        Assert.All(links, link => Assert.Equal("synced", link.SyncStatus));
        var roles = mesh[1].Store.List("rbac.authorization.k8s.io", "clusterroles").Items.Select(role => role.Key.Name).Where(name => name.StartsWith("istio-reader", StringComparison.Ordinal));
        Assert.Equal(["istio-reader-clusterrole-asm-1285-12-istio-system"], roles);
        Assert.Equal(["asm-1285-12"], (await mesh.ProbeAsync())[0].Revisions);
    }
}
