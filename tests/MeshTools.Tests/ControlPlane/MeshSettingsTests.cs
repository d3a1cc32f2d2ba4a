using System.Text.Json.Nodes;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.ControlPlane;

public sealed class MeshSettingsTests
{
    private static KubernetesObject ConfigMap(string key, string text)
    {
        var map = KubernetesObject.Create("v1", "ConfigMap", "m", "istio-system");
        map.Json["data"] = new JsonObject { [key] = text };
        return map;
    }

    [Fact]
    public void The_mesh_config_wins_over_the_values() => Assert.Equal(
        new MeshSettings("m1", "n1", "td", "c1"),
        MeshSettings.From(
            ConfigMap("mesh", "trustDomain: td\ndefaultConfig:\n  meshId: m1\n"),
            ConfigMap("values", """{"global":{"meshID":"m2","network":"n1","multiCluster":{"clusterName":"c1"}}}""")));

    [Fact]
    public void The_values_stand_in() => Assert.Equal(
        new MeshSettings("m2", null, "cluster.local", null),
        MeshSettings.From(ConfigMap("mesh", "{}"), ConfigMap("values", """{"global":{"meshID":"m2","network":"","multiCluster":{"clusterName":""}}}""")));

    [Theory]
    [InlineData("a: [", "{")]
    [InlineData("", "[]")]
    [InlineData("- a", "\"x\"")]
    public void What_somebody_broke_tells_nothing(string mesh, string values) => Assert.Equal(
        new MeshSettings(null, null, "cluster.local", null), MeshSettings.From(ConfigMap("mesh", mesh), ConfigMap("values", values)));

    [Fact]
    public void Without_a_control_plane_all_is_unknown() => Assert.Equal(new MeshSettings(null, null, null, null), MeshSettings.From(null, null));
}
