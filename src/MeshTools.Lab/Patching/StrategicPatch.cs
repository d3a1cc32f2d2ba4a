using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Strategic merge patch: merge patch in which lists are merged by the key that their type names, with the directives <c>$patch</c>, <c>$retainKeys</c>,
/// <c>$setElementOrder</c> and <c>$deleteFromPrimitiveList</c> (k8s.io/apimachinery/pkg/util/strategicpatch).
/// </summary>
internal static class StrategicPatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string SetOrder = "$setElementOrder/";
    private const string DeleteScalars = "$deleteFromPrimitiveList/";

    /// <exception cref="FormatException">A directive is not as it should be.</exception>
    internal static JsonObject Apply(TypeSchema? schema, JsonObject target, JsonObject patch)
    {
        switch (JsonTree.Text(patch[Directive]))
        {
            case "replace":
                return WithoutDirectives(patch);
            case "delete":
                return [];
            case null or "merge":
                break;
            case var unknown:
                throw new FormatException($"Unknown patch type found: {unknown}");
        }

        var result = JsonTree.CloneObject(target);
        if (patch[RetainKeys] is JsonArray retained)
        {
            var keys = retained.Select(JsonTree.Text).OfType<string>().ToHashSet(StringComparer.Ordinal);
            foreach (var name in result.Select(field => field.Key).Where(name => !keys.Contains(name)).ToArray())
            {
                result.Remove(name);
            }
        }

        foreach (var (name, value) in patch)
        {
            if (name is Directive or RetainKeys || name.StartsWith(SetOrder, StringComparison.Ordinal))
            {
                continue;
            }

            if (name.StartsWith(DeleteScalars, StringComparison.Ordinal))
            {
                var field = name[DeleteScalars.Length..];
                if (result[field] is JsonArray scalars && value is JsonArray gone)
                {
                    result[field] = new JsonArray([.. scalars.Where(item => !gone.Any(g => JsonTree.AreEqual(g, item))).Select(JsonTree.Clone)]);
                }

                continue;
            }

            var child = schema?.Child(name);
            switch (value)
            {
                case null:
                    result.Remove(name);
                    break;
                case JsonObject map:
                    if (JsonTree.Text(map[Directive]) is "delete")
                    {
                        result.Remove(name);
                    }
                    else
                    {
                        result[name] = Apply(child, result[name] as JsonObject ?? [], map);
                    }

                    break;
                case JsonArray list when child is { Kind: ValueKind.List, PatchMergeKey: { } key }:
                    result[name] = MergeLists(child.Element!, key, result[name] as JsonArray ?? [], list);
                    break;
                default:
                    result[name] = JsonTree.Clone(value);
                    break;
            }
        }

        foreach (var (name, order) in patch)
        {
            if (name.StartsWith(SetOrder, StringComparison.Ordinal) && order is JsonArray wanted
                && result[name[SetOrder.Length..]] is JsonArray list && schema?.Child(name[SetOrder.Length..]) is { PatchMergeKey: { } key })
            {
                result[name[SetOrder.Length..]] = Reorder(list, wanted, key);
            }
        }

        return result;
    }

    private static JsonArray MergeLists(TypeSchema element, string key, JsonArray target, JsonArray patch)
    {
        if (key.Length == 0)
        {
            var scalars = JsonTree.CloneArray(target);
            foreach (var item in patch.Where(item => !target.Any(known => JsonTree.AreEqual(known, item))))
            {
                scalars.Add(JsonTree.Clone(item));
            }

            return scalars;
        }

        var items = patch.OfType<JsonObject>().ToArray();
        if (items.Any(item => JsonTree.Text(item[Directive]) is "replace"))
        {
            return new JsonArray([.. items.Where(item => JsonTree.Text(item[Directive]) is null).Select(JsonTree.Clone)]);
        }

        var result = JsonTree.CloneArray(target);
        foreach (var item in items)
        {
            if (!item.TryGetPropertyValue(key, out var identity))
            {
                throw new FormatException($"map: {item.ToJsonString(Wire.SerializerOptions)} does not contain declared merge key: {key}");
            }

            var found = IndexOf(result, key, identity);
            if (JsonTree.Text(item[Directive]) is "delete")
            {
                while (found >= 0)
                {
                    result.RemoveAt(found);
                    found = IndexOf(result, key, identity);
                }
            }
            else if (found >= 0)
            {
                result[found] = Apply(element, (JsonObject)result[found]!, item);
            }
            else
            {
                result.Add((JsonNode)Apply(element, [], item));
            }
        }

        return result;
    }

    private static int IndexOf(JsonArray list, string key, JsonNode? identity)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is JsonObject candidate && JsonTree.AreEqual(candidate[key], identity))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Items that the order names come in that order; each other item stays behind the one it followed.</summary>
    private static JsonArray Reorder(JsonArray list, JsonArray order, string key)
    {
        int Rank(JsonNode? item)
        {
            for (var i = 0; i < order.Count; i++)
            {
                if (JsonTree.AreEqual(key.Length == 0 ? order[i] : order[i]?[key], key.Length == 0 ? item : item?[key]))
                {
                    return i;
                }
            }

            return -1;
        }

        var groups = new List<(int Rank, List<JsonNode?> Items)> { (-1, []) };
        foreach (var item in list)
        {
            var rank = Rank(item);
            if (rank >= 0)
            {
                groups.Add((rank, []));
            }

            groups[^1].Items.Add(item);
        }

        return new JsonArray([.. groups.OrderBy(group => group.Rank).SelectMany(group => group.Items).Select(JsonTree.Clone)]);
    }

    private static JsonObject WithoutDirectives(JsonObject patch)
    {
        var result = JsonTree.CloneObject(patch);
        result.Remove(Directive);
        result.Remove(RetainKeys);
        return result;
    }
}
