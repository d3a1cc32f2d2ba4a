using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>How the items of associative lists are told apart.</summary>
internal static class ListItems
{
    /// <summary>The path step of an item: its key fields (with their defaults), or its value in a set.</summary>
    /// <exception cref="FormatException">The item has no key.</exception>
    internal static string Step(TypeSchema list, JsonNode? item)
    {
        if (list.Relation == ListRelation.Set)
        {
            return item is JsonValue or null
                ? "v:" + (item?.ToJsonString(Wire.SerializerOptions) ?? "null")
                : throw new FormatException("associative list without keys has an element that's a map type");
        }

        if (item is not JsonObject obj)
        {
            throw new FormatException("associative list with keys may not have non-map elements");
        }

        var step = new StringBuilder("k:{");
        var found = false;
        foreach (var key in list.Keys.Order(StringComparer.Ordinal))
        {
            var value = obj[key];
            if (value is null)
            {
                var fallback = list.Element!.Fields.GetValueOrDefault(key)?.Default;
                if (fallback is null)
                {
                    if (list.Keys.Count == 1)
                    {
                        throw new FormatException($"associative list with keys has an element that omits key field \"{key}\" (and doesn't have default value)");
                    }

                    continue;
                }

                value = JsonValue.Create(fallback);
            }

            step.Append(found ? "," : "").Append('"').Append(key).Append("\":").Append(value!.ToJsonString(Wire.SerializerOptions));
            found = true;
        }

        return found ? step.Append('}').ToString() : throw new FormatException("associative list with keys has an element that omits all key fields");
    }
}
