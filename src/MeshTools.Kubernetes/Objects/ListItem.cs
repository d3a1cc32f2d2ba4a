using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>Items of typed lists come without their own <c>apiVersion</c> and <c>kind</c>.</summary>
internal static class ListItem
{
    /// <summary>The item with both, in front as everywhere else. A detached item is changed or rebuilt; use the result.</summary>
    internal static JsonObject WithKind(JsonObject item, string apiVersion, string kind)
    {
        if (item.ContainsKey("kind") && item.ContainsKey("apiVersion"))
            return item;
        var result = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
        var fields = new List<KeyValuePair<string, JsonNode?>>(item);
        item.Clear();
        foreach (var (name, value) in fields)
        {
            if (name is not ("apiVersion" or "kind"))
                result[name] = value;
        }

        return result;
    }
}
