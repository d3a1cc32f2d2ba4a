using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>JSON merge patch (RFC 7386).</summary>
internal static class MergePatch
{
    internal static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        var result = JsonTree.CloneObject(target);
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    result.Remove(name);
                    break;
                case JsonObject child:
                    result[name] = Apply(result[name] as JsonObject ?? [], child);
                    break;
                default:
                    result[name] = JsonTree.Clone(value);
                    break;
            }
        }

        return result;
    }
}
