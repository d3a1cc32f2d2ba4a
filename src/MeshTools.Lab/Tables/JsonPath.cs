using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The simple JSON paths of printer columns and scale subresources: <c>.a.b[0].c</c>, <c>.a['b.c']</c>, <c>.a[?(@.type=="Ready")].status</c>.</summary>
internal static class JsonPath
{
    /// <summary>The first match, or null.</summary>
    internal static JsonNode? Find(JsonNode? value, string path)
    {
        var current = value;
        var i = 0;
        while (i < path.Length && current is not null)
        {
            if (path[i] == '.')
            {
                var end = i + 1;
                while (end < path.Length && path[end] is not ('.' or '['))
                {
                    end += path[end] == '\\' ? 2 : 1;
                }

                var name = path[(i + 1)..Math.Min(end, path.Length)].Replace("\\", "", StringComparison.Ordinal);
                current = name.Length == 0 ? current : (current as JsonObject)?[name];
                i = end;
            }
            else if (path[i] == '[')
            {
                var end = path.IndexOf(']', i);
                if (end < 0)
                {
                    return null;
                }

                current = Step(current, path[(i + 1)..end]);
                i = end + 1;
            }
            else
            {
                return null;
            }
        }

        return current;
    }

    private static JsonNode? Step(JsonNode current, string selector)
    {
        if (selector.StartsWith("?(@.", StringComparison.Ordinal) && selector.EndsWith(')'))
        {
            var test = selector[4..^1];
            var equals = test.IndexOf("==", StringComparison.Ordinal);
            if (equals < 0)
            {
                return null;
            }

            var field = test[..equals].Trim();
            var wanted = test[(equals + 2)..].Trim().Trim('"', '\'');
            return (current as JsonArray)?.FirstOrDefault(item => string.Equals(JsonTree.FindText(item, field.Split('.')), wanted, StringComparison.Ordinal));
        }

        if (selector is "*")
        {
            return (current as JsonArray)?.FirstOrDefault();
        }

        if (int.TryParse(selector, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) && current is JsonArray list)
        {
            index = index < 0 ? list.Count + index : index;
            return index >= 0 && index < list.Count ? list[index] : null;
        }

        return (current as JsonObject)?[selector.Trim('\'', '"')];
    }
}
