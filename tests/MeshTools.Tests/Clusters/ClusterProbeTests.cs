using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Clusters;

public sealed class ClusterProbeTests : IAsyncLifetime
{
    private LabMesh _lab = null!;
    private MeshCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _lab = await LabMesh.StartAsync(1);
        _cluster = _lab.Load()[0];
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task What_was_said_outlives_a_later_probe_and_a_second_saying()
    {
        var said = new ClusterOverrides { Network = "on-prem", Platform = ClusterPlatform.Aks }.ApplyTo(_cluster);
        said = new ClusterOverrides { MeshId = "mine" }.ApplyTo(said);

        var probed = await ClusterProbe.EnsureAsync(said, _lab.Log, CancellationToken.None);

        Assert.Equal(("on-prem", ClusterPlatform.Aks, "mine", "lab-1"), (probed.Network, probed.Platform, probed.MeshId, probed.ClusterId));
    }

    [Fact]
    public async Task A_control_plane_is_looked_for_where_a_command_was_told_to()
    {
        var client = _cluster.Connect();
        await client.CreateAsync(KubernetesObject.Create("v1", "Namespace", "mesh-system"));
        var istiod = KubernetesObject.Create("apps/v1", "Deployment", "istiod-next", "mesh-system");
        istiod.Json["metadata"]!["labels"] = new JsonObject { ["app"] = "istiod", ["istio.io/rev"] = "next" };
        istiod.Json["spec"] = JsonNode.Parse("""
            {"replicas":0,"selector":{"matchLabels":{"app":"istiod"}},"template":{"metadata":{"labels":{"app":"istiod"}},
             "spec":{"containers":[{"name":"discovery","image":"pilot:1","env":[{"name":"CLUSTER_ID","value":"elsewhere"}]}]}}}
            """);
        await client.CreateAsync(istiod);

        var usual = await ClusterProbe.EnsureAsync(_cluster, _lab.Log, CancellationToken.None);
        var told = await ClusterProbe.EnsureAsync(usual, "mesh-system", _lab.Log, CancellationToken.None);
        var again = await ClusterProbe.EnsureAsync(told, "mesh-system", _lab.Log, CancellationToken.None);

        Assert.Equal(("default", "lab-1"), (usual.Revision, usual.ClusterId));
        Assert.Equal(("next", "elsewhere", "mesh-system"), (told.Revision, told.ClusterId, told.ControlPlaneNamespace));
        Assert.Same(told, again);
    }
}
