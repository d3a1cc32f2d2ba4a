using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>
/// The part of kubectl's JSONPath that selects values (client-go util/jsonpath): fields, quoted fields, indexes, slices, wildcards, recursive descent
/// and filters such as <c>[?(@.type=="Ready")]</c>.
/// </summary>
internal sealed class JsonPathExpression
{
    private readonly List<Step> _steps;

    private JsonPathExpression(string text, List<Step> steps)
    {
        Text = text;
        _steps = steps;
    }

    private abstract record Step;

    private sealed record Field(string Name) : Step;

    private sealed record Wildcard : Step;

    private sealed record Descend : Step;

    private sealed record Slice(int? From, int? To, int By) : Step;

    private sealed record Element(int Index) : Step;

    private sealed record Filter(JsonPathExpression Left, string Operator, JsonPathExpression? Right, JsonNode? Literal) : Step;

    internal string Text { get; }

    /// <summary>Reads <c>{.status.phase}</c>, <c>.status.phase</c> or <c>status.phase</c>.</summary>
    /// <exception cref="FormatException">It is no JSONPath.</exception>
    internal static JsonPathExpression Parse(string text)
    {
        var body = text.Trim();
        if (body.StartsWith('{'))
            body = body.EndsWith('}') ? body[1..^1] : throw new FormatException($"unclosed action in the JSONPath {text}");
        if (body.StartsWith('$'))
            body = body[1..];
        if (body.Length == 0)
            throw new FormatException("the JSONPath is empty");
        if (body[0] is not ('.' or '['))
            body = "." + body;
        var position = 0;
        var steps = ReadSteps(body, ref position);
        return position == body.Length ? new JsonPathExpression(text, steps) : throw new FormatException($"unexpected \"{body[position..]}\" in the JSONPath {text}");
    }

    internal List<JsonNode?> Select(JsonNode? root)
    {
        var current = new List<JsonNode?> { root };
        foreach (var step in _steps)
        {
            var next = new List<JsonNode?>();
            foreach (var node in current)
                Apply(step, node, next);
            current = next;
        }

        return current;
    }

    private static List<Step> ReadSteps(string text, ref int position)
    {
        var steps = new List<Step>();
        while (position < text.Length)
        {
            if (text[position] == '[')
            {
                steps.Add(ReadBracket(text, ref position));
                continue;
            }

            if (text[position] != '.')
                break;
            position++;
            if (position < text.Length && text[position] == '.')
            {
                steps.Add(new Descend());
                position++;
            }

            if (position < text.Length && text[position] == '*')
            {
                steps.Add(new Wildcard());
                position++;
            }
            else if (ReadName(text, ref position) is { Length: > 0 } name)
            {
                steps.Add(new Field(name));
            }
        }

        return steps;
    }

    private static string ReadName(string text, ref int position)
    {
        var name = new StringBuilder();
        while (position < text.Length && !(text[position] is '.' or '[' or ']' or ' ' or '=' or '!' or '<' or '>' or ')' or '(' or '?' or '@' or ','))
        {
            if (text[position] == '\\' && position + 1 < text.Length)
                position++;
            name.Append(text[position++]);
        }

        return name.ToString();
    }

    private static Step ReadBracket(string text, ref int position)
    {
        position++;
        if (position >= text.Length)
            throw new FormatException("unterminated bracket in a JSONPath");
        if (text[position] is '\'' or '"')
        {
            var name = ReadQuoted(text, ref position);
            Expect(text, ref position, ']');
            return new Field(name);
        }

        if (text[position] == '?')
            return ReadFilter(text, ref position);
        var end = text.IndexOf(']', position);
        if (end < 0)
            throw new FormatException("unterminated bracket in a JSONPath");
        var inner = text[position..end].Trim();
        position = end + 1;
        if (inner is "*")
            return new Wildcard();
        if (!inner.Contains(':', StringComparison.Ordinal))
            return new Element(ReadInteger(inner) ?? throw new FormatException("an empty index in a JSONPath"));
        var parts = inner.Split(':');
        return new Slice(ReadInteger(parts[0]), ReadInteger(parts[1]), parts.Length > 2 ? ReadInteger(parts[2]) ?? 1 : 1);
    }

    private static int? ReadInteger(string text)
    {
        if (text.Length == 0)
            return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException($"\"{text}\" is no index in a JSONPath");
    }

    private static string ReadQuoted(string text, ref int position)
    {
        var quote = text[position++];
        var result = new StringBuilder();
        while (position < text.Length && text[position] != quote)
        {
            if (text[position] == '\\' && position + 1 < text.Length)
                position++;
            result.Append(text[position++]);
        }

        if (position >= text.Length)
            throw new FormatException("unterminated quoted string in a JSONPath");
        position++;
        return result.ToString();
    }

    private static Filter ReadFilter(string text, ref int position)
    {
        position++;
        Expect(text, ref position, '(');
        var (left, _) = ReadOperand(text, ref position);
        if (left is null)
            throw new FormatException("a filter in a JSONPath must begin with @");
        SkipSpace(text, ref position);
        var start = position;
        while (position < text.Length && text[position] is '=' or '!' or '<' or '>')
            position++;
        var symbol = text[start..position];
        JsonPathExpression? right = null;
        JsonNode? literal = null;
        if (symbol.Length > 0)
        {
            if (symbol is not ("==" or "!=" or "<" or "<=" or ">" or ">="))
                throw new FormatException($"unknown operator {symbol} in a JSONPath");
            SkipSpace(text, ref position);
            (right, literal) = ReadOperand(text, ref position);
        }

        SkipSpace(text, ref position);
        Expect(text, ref position, ')');
        Expect(text, ref position, ']');
        return new Filter(left, symbol, right, literal);
    }

    private static (JsonPathExpression? Path, JsonNode? Literal) ReadOperand(string text, ref int position)
    {
        SkipSpace(text, ref position);
        if (position < text.Length && text[position] == '@')
        {
            position++;
            return (new JsonPathExpression("@", ReadSteps(text, ref position)), null);
        }

        if (position < text.Length && text[position] is '\'' or '"')
            return (null, JsonValue.Create(ReadQuoted(text, ref position)));
        var start = position;
        while (position < text.Length && text[position] is not (' ' or ')'))
            position++;
        var word = text[start..position];
        if (word is "true" or "false")
            return (null, JsonValue.Create(word is "true"));
        return double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? (null, JsonValue.Create(number))
            : throw new FormatException($"\"{word}\" is no value in a JSONPath filter");
    }

    private static void SkipSpace(string text, ref int position)
    {
        while (position < text.Length && text[position] == ' ')
            position++;
    }

    private static void Expect(string text, ref int position, char c)
    {
        SkipSpace(text, ref position);
        if (position >= text.Length || text[position] != c)
            throw new FormatException($"'{c}' is missing in a JSONPath");
        position++;
    }

    private static void Apply(Step step, JsonNode? node, List<JsonNode?> result)
    {
        switch (step)
        {
            case Field field when node is JsonObject map && map.TryGetPropertyValue(field.Name, out var value):
                result.Add(value);
                break;
            case Element element when node is JsonArray array:
                var index = element.Index < 0 ? array.Count + element.Index : element.Index;
                if (index >= 0 && index < array.Count)
                    result.Add(array[index]);
                break;
            case Slice slice when node is JsonArray array:
                AddSlice(slice, array, result);
                break;
            case Wildcard:
                result.AddRange(Children(node));
                break;
            case Descend:
                AddDescendants(node, result);
                break;
            case Filter filter when node is JsonArray array:
                foreach (var item in array)
                {
                    if (Matches(filter, item))
                        result.Add(item);
                }

                break;
        }
    }

    private static void AddSlice(Slice slice, JsonArray array, List<JsonNode?> result)
    {
        var from = slice.From is { } f ? (f < 0 ? array.Count + f : f) : 0;
        var to = slice.To is { } t ? (t < 0 ? array.Count + t : t) : array.Count;
        for (var i = Math.Max(from, 0); slice.By > 0 && i < Math.Min(to, array.Count); i += slice.By)
            result.Add(array[i]);
    }

    private static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonObject map => map.Select(pair => pair.Value),
        JsonArray array => array,
        _ => [],
    };

    private static void AddDescendants(JsonNode? node, List<JsonNode?> result)
    {
        result.Add(node);
        foreach (var child in Children(node))
            AddDescendants(child, result);
    }

    private static bool Matches(Filter filter, JsonNode? item)
    {
        var left = filter.Left.Select(item);
        if (filter.Operator.Length == 0)
            return left.Count > 0;
        if (left.Count == 0)
            return false;
        var right = filter.Right is null ? filter.Literal : filter.Right.Select(item) is [var first, ..] ? first : null;
        var order = Compare(left[0], right);
        return filter.Operator switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0 && order is not null,
        };
    }

    /// <summary>Null where the two cannot be compared.</summary>
    private static int? Compare(JsonNode? left, JsonNode? right)
    {
        if (JsonAccess.AsString(left) is { } a && JsonAccess.AsString(right) is { } b)
            return string.CompareOrdinal(a, b);
        if (AsNumber(left) is { } x && AsNumber(right) is { } y)
            return x.CompareTo(y);
        if (left is JsonValue l && right is JsonValue r && l.TryGetValue(out bool p) && r.TryGetValue(out bool q))
            return p.CompareTo(q);
        return null;
    }

    private static double? AsNumber(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.Number
            ? double.Parse(JsonAccess.ToJson(value), CultureInfo.InvariantCulture)
            : null;
}
