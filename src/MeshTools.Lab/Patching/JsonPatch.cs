using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>JSON patch (RFC 6902).</summary>
internal static class JsonPatch
{
    /// <summary>Applies the operations in order to a copy.</summary>
    /// <exception cref="FormatException">The patch is malformed.</exception>
    /// <exception cref="InvalidOperationException">An operation cannot be done: no such path, or a test that fails.</exception>
    internal static JsonNode? Apply(JsonNode target, JsonArray patch)
    {
        var document = JsonTree.Clone(target);
        foreach (var item in patch)
        {
            if (item is not JsonObject operation || JsonTree.Text(operation["op"]) is not { } op || JsonTree.Text(operation["path"]) is not { } path)
            {
                throw new FormatException("a JSON patch operation needs \"op\" and \"path\"");
            }

            var steps = Steps(path);
            switch (op)
            {
                case "add":
                    document = Add(document, steps, JsonTree.Clone(operation["value"]));
                    break;
                case "remove":
                    Remove(document, steps);
                    break;
                case "replace":
                    _ = Get(document, steps);
                    document = Set(document, steps, JsonTree.Clone(operation["value"]));
                    break;
                case "move":
                    var moved = JsonTree.Clone(Get(document, From(operation)));
                    Remove(document, From(operation));
                    document = Add(document, steps, moved);
                    break;
                case "copy":
                    document = Add(document, steps, JsonTree.Clone(Get(document, From(operation))));
                    break;
                case "test":
                    if (!JsonTree.AreEqual(GetOrNull(document, steps), operation["value"]))
                    {
                        throw new InvalidOperationException($"testing value {path} failed: test failed");
                    }

                    break;
                default:
                    throw new InvalidOperationException("Unexpected kind: " + op);
            }
        }

        return document;
    }

    private static string[] From(JsonObject operation) => Steps(JsonTree.Text(operation["from"]) ?? throw new FormatException("\"from\" is missing"));

    private static string[] Steps(string path)
    {
        if (path.Length == 0)
        {
            return [];
        }

        if (path[0] != '/')
        {
            throw new FormatException($"a JSON pointer starts with '/': {path}");
        }

        return path[1..].Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
    }

    private static JsonNode? GetOrNull(JsonNode? document, string[] steps)
    {
        try
        {
            return Get(document, steps);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static JsonNode? Get(JsonNode? document, ReadOnlySpan<string> steps)
    {
        var current = document;
        foreach (var step in steps)
        {
            current = current switch
            {
                JsonObject obj when obj.TryGetPropertyValue(step, out var child) => child,
                JsonArray array => array[Index(array, step, array.Count - 1)],
                _ => throw Missing(step),
            };
        }

        return current;
    }

    private static JsonNode? Add(JsonNode? document, string[] steps, JsonNode? value)
    {
        if (steps.Length > 0 && Get(document, steps.AsSpan(0, steps.Length - 1)) is JsonArray array)
        {
            array.Insert(steps[^1] is "-" ? array.Count : Index(array, steps[^1], array.Count), value);
            return document;
        }

        return Set(document, steps, value);
    }

    private static JsonNode? Set(JsonNode? document, string[] steps, JsonNode? value)
    {
        if (steps.Length == 0)
        {
            return value;
        }

        switch (Get(document, steps.AsSpan(0, steps.Length - 1)))
        {
            case JsonObject obj:
                obj[steps[^1]] = value;
                break;
            case JsonArray array:
                array[Index(array, steps[^1], array.Count - 1)] = value;
                break;
            default:
                throw Missing(steps[^1]);
        }

        return document;
    }

    private static void Remove(JsonNode? document, string[] steps)
    {
        if (steps.Length == 0)
        {
            throw new InvalidOperationException("the whole document cannot be removed");
        }

        switch (Get(document, steps.AsSpan(0, steps.Length - 1)))
        {
            case JsonObject obj when obj.Remove(steps[^1]):
                break;
            case JsonArray array:
                array.RemoveAt(Index(array, steps[^1], array.Count - 1));
                break;
            default:
                throw Missing(steps[^1]);
        }
    }

    private static int Index(JsonArray array, string step, int last)
    {
        if (!int.TryParse(step, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            throw Missing(step);
        }

        // A negative index counts from the end, as the server's library has it.
        index = index < 0 ? array.Count + index : index;
        return index >= 0 && index <= last ? index : throw Missing(step);
    }

    private static InvalidOperationException Missing(string step) => new($"no such path: missing key {step}");
}
