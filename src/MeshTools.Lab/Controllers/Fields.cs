using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Reading fields of stored objects without minding what is absent.</summary>
internal static class Fields
{
    public static JsonNode? At(this JsonNode? node, params string[] path)
    {
        foreach (var step in path)
        {
            node = (node as JsonObject)?[step];
        }

        return node;
    }

    public static string? Text(this JsonNode? node, params string[] path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static long Number(this JsonNode? node, long fallback, params string[] path)
    {
        if (node.At(path) is not JsonValue value)
        {
            return fallback;
        }

        if (value.TryGetValue(out long whole))
        {
            return whole;
        }

        if (value.TryGetValue(out int small))
        {
            return small;
        }

        return value.TryGetValue(out string? text) && long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out whole) ? whole : fallback;
    }

    public static bool Flag(this JsonNode? node, params string[] path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out bool flag) && flag;

    public static IEnumerable<JsonObject> Objects(this JsonNode? node, params string[] path) =>
        node.At(path) is JsonArray array ? array.OfType<JsonObject>() : [];

    public static string? Label(this JsonNode? node, string name) => node.Text("metadata", "labels", name);

    public static string? Annotation(this JsonNode? node, string name) => node.Text("metadata", "annotations", name);

    /// <summary>The object under a name, made when it is absent or null.</summary>
    public static JsonObject Child(this JsonObject node, string name)
    {
        if (node[name] is not JsonObject child)
        {
            child = [];
            node[name] = child;
        }

        return child;
    }

    /// <summary>Whether labels fit a LabelSelector (matchLabels and matchExpressions; an absent selector fits nothing).</summary>
    public static bool Selects(JsonNode? selector, JsonNode? labels)
    {
        if (selector is not JsonObject)
        {
            return false;
        }

        if (selector.At("matchLabels") is JsonObject wanted && !MatchesAll(wanted, labels))
        {
            return false;
        }

        foreach (var expression in selector.Objects("matchExpressions"))
        {
            var value = labels.Text(expression.Text("key") ?? string.Empty);
            var values = expression.At("values") is JsonArray array ? array.Select(item => item?.GetValue<string>()).ToArray() : [];
            var fits = expression.Text("operator") switch
            {
                "In" => value is not null && values.Contains(value, StringComparer.Ordinal),
                "NotIn" => value is null || !values.Contains(value, StringComparer.Ordinal),
                "Exists" => value is not null,
                "DoesNotExist" => value is null,
                _ => false,
            };
            if (!fits)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether labels hold every pair of a map.</summary>
    public static bool MatchesAll(JsonObject wanted, JsonNode? labels) =>
        wanted.All(pair => pair.Value is JsonValue value && value.TryGetValue(out string? text) &&
            string.Equals(labels.Text(pair.Key), text, StringComparison.Ordinal));

    /// <summary>The reference of the controlling owner, if any.</summary>
    public static JsonObject? Controller(JsonNode? node) =>
        node.Objects("metadata", "ownerReferences").FirstOrDefault(reference => reference.Flag("controller"));

    public static JsonObject OwnerReference(StoredObject owner) => new()
    {
        ["apiVersion"] = owner.Json.Text("apiVersion"),
        ["kind"] = owner.Json.Text("kind"),
        ["name"] = owner.Key.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    /// <summary>Sets a condition by type; its transition time moves only with its status.</summary>
    public static void SetCondition(JsonObject status, string now, string type, string value, string? reason, string? message, bool withUpdateTime = false)
    {
        if (status["conditions"] is not JsonArray conditions)
        {
            conditions = [];
            status["conditions"] = conditions;
        }

        var condition = conditions.OfType<JsonObject>().FirstOrDefault(item => string.Equals(item.Text("type"), type, StringComparison.Ordinal));
        if (condition is not null && string.Equals(condition.Text("status"), value, StringComparison.Ordinal) &&
            string.Equals(condition.Text("reason"), reason, StringComparison.Ordinal) &&
            string.Equals(condition.Text("message"), message, StringComparison.Ordinal))
        {
            return;
        }

        var moved = condition is null || !string.Equals(condition.Text("status"), value, StringComparison.Ordinal);
        var since = moved ? now : condition.Text("lastTransitionTime") ?? now;
        if (condition is null)
        {
            condition = [];
            conditions.Add((JsonNode)condition);
        }

        condition["type"] = type;
        condition["status"] = value;
        if (withUpdateTime)
        {
            condition["lastUpdateTime"] = now;
        }

        condition["lastTransitionTime"] = since;
        Put(condition, "reason", reason);
        Put(condition, "message", message);
    }

    private static void Put(JsonObject target, string name, string? value)
    {
        if (value is null)
        {
            target.Remove(name);
        }
        else
        {
            target[name] = value;
        }
    }
}
