using System.Text.Json.Nodes;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.ControlPlane;

public sealed class ControlPlaneRevisionTests
{
    private static ControlPlaneRevision From(string labels, string containers) => ControlPlaneRevision.From(new KubernetesObject((JsonObject)JsonNode.Parse(
        $$$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"labels":{{{labels}}} },"spec":{"template":{"spec":{"containers":{{{containers}}} } } } }""")!));

    [Theory]
    [InlineData("""{"istio.io/rev":"asm-1285-12"}""", """[{"name":"proxy"},{"name":"discovery","env":[{"name":"CLUSTER_ID","value":"c1"}]}]""", "asm-1285-12", "c1")]
    [InlineData("""{"istio.io/rev":""}""", """[{"name":"discovery","env":[{"name":"CLUSTER_ID","value":""}]}]""", "default", "Kubernetes")]
    [InlineData("{}", """[{"name":"discovery","env":[]}]""", "default", "Kubernetes")]
    [InlineData("{}", """[{"name":"other","env":[{"name":"CLUSTER_ID","value":"c1"}]}]""", "default", "c1")]
    [InlineData("{}", "[]", "default", "Kubernetes")]
    public void A_deployment_tells_revision_and_cluster_id(string labels, string containers, string revision, string clusterId) =>
        Assert.Equal(new ControlPlaneRevision(revision, clusterId), From(labels, containers));

    [Fact]
    public void Names_carry_the_revision_unless_it_is_the_default()
    {
        Assert.Equal("istio", ControlPlaneRevision.Revisioned("istio", "default"));
        Assert.Equal("istio-asm-1285-12", ControlPlaneRevision.Revisioned("istio", "asm-1285-12"));
    }
}
