using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Patching;

public sealed class PatchTests
{
    private static readonly TypeSchema PodSpec = BuiltInTypes.Instance.Get("core.v1.PodSpec");

    private static JsonObject Object(string json) => (JsonObject)JsonNode.Parse(json)!;

    [Theory]
    [InlineData("""[{"op":"add","path":"/a/-","value":3}]""", """{"a":[1,2,3]}""")]
    [InlineData("""[{"op":"add","path":"/a/0","value":0}]""", """{"a":[0,1,2]}""")]
    [InlineData("""[{"op":"remove","path":"/a/0"}]""", """{"a":[2]}""")]
    [InlineData("""[{"op":"replace","path":"/a","value":{"x~y":1}}]""", """{"a":{"x~y":1}}""")]
    [InlineData("""[{"op":"move","from":"/a","path":"/b"}]""", """{"b":[1,2]}""")]
    [InlineData("""[{"op":"copy","from":"/a/1","path":"/b"}]""", """{"a":[1,2],"b":2}""")]
    [InlineData("""[{"op":"test","path":"/a/1","value":2},{"op":"add","path":"/c~1d","value":null}]""", """{"a":[1,2],"c/d":null}""")]
    public void Json_patch(string patch, string expected) =>
        Assert.Equal(expected, JsonPatch.Apply(Object("""{"a":[1,2]}"""), (JsonArray)JsonNode.Parse(patch)!)!.ToJsonString());

    [Theory]
    [InlineData("""[{"op":"test","path":"/a/1","value":3}]""")]
    [InlineData("""[{"op":"remove","path":"/none"}]""")]
    [InlineData("""[{"op":"add","path":"/none/x","value":1}]""")]
    [InlineData("""[{"op":"replace","path":"/a/7","value":1}]""")]
    public void A_json_patch_that_cannot_be_done_fails_whole(string patch)
    {
        var target = Object("""{"a":[1,2]}""");
        Assert.Throws<InvalidOperationException>(() => JsonPatch.Apply(target, (JsonArray)JsonNode.Parse(patch)!));
        Assert.Equal("""{"a":[1,2]}""", target.ToJsonString());
    }

    [Theory]
    [InlineData("""{"a":null}""", """{"b":{"c":1}}""")]
    [InlineData("""{"b":{"c":null,"d":2}}""", """{"a":[1],"b":{"d":2}}""")]
    [InlineData("""{"a":[2,3]}""", """{"a":[2,3],"b":{"c":1}}""")]
    [InlineData("""{"b":1}""", """{"a":[1],"b":1}""")]
    public void Merge_patch(string patch, string expected) =>
        Assert.Equal(expected, MergePatch.Apply(Object("""{"a":[1],"b":{"c":1}}"""), Object(patch)).ToJsonString());

    [Theory]
    [InlineData("""{"containers":[{"name":"b","image":"2"}]}""", """{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}""")]
    [InlineData("""{"containers":[{"name":"a","image":null}]}""", """{"containers":[{"name":"a"}]}""")]
    [InlineData("""{"containers":[{"name":"a","$patch":"delete"}]}""", """{"containers":[]}""")]
    [InlineData("""{"containers":[{"name":"z","image":"9"},{"$patch":"replace"}]}""", """{"containers":[{"name":"z","image":"9"}]}""")]
    [InlineData(
        """{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b","image":"2"}]}""",
        """{"containers":[{"name":"b","image":"2"},{"name":"a","image":"1"}]}""")]
    public void Strategic_patch_merges_by_key(string patch, string expected) =>
        Assert.Equal(expected, StrategicPatch.Apply(PodSpec, Object("""{"containers":[{"name":"a","image":"1"}]}"""), Object(patch)).ToJsonString());

    [Fact]
    public void Strategic_patch_drops_keys_that_are_not_retained()
    {
        var schema = BuiltInTypes.Instance.Get("apps.v1.DeploymentSpec");
        var target = Object("""{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}""");
        Assert.Equal(
            """{"strategy":{"type":"Recreate"}}""",
            StrategicPatch.Apply(schema, target, Object("""{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}""")).ToJsonString());
    }

    [Fact]
    public void Strategic_patch_edits_lists_of_scalars()
    {
        var schema = BuiltInTypes.Instance.Get("meta.v1.ObjectMeta");
        var result = StrategicPatch.Apply(schema, Object("""{"finalizers":["a","b"]}"""), Object("""{"finalizers":["c"],"$deleteFromPrimitiveList/finalizers":["a"]}"""));
        Assert.Equal(["b", "c"], ((JsonArray)result["finalizers"]!).Select(item => (string)item!).Order(StringComparer.Ordinal));
    }
}
