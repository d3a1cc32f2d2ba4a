using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace MeshTools.Kubernetes;

/// <summary>Turns YAML events into JSON trees. The only class that touches YamlDotNet, which is loaded when the first text needs it.</summary>
internal sealed class YamlReader
{
    private const int MaxDepth = 500;
    private const string CoreTags = "tag:yaml.org,2002:";

    // Billion-laughs bound, as in go-yaml: past these counts, most of a document must not come from aliases.
    private const long AliasCountBefore = 100;
    private const long NodeCountBefore = 1000;
    private const double GenerousNodes = 400_000;
    private const double StrictNodes = 4_000_000;

    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly string? _source;
    private readonly Dictionary<string, JsonNode?> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _openAnchors = new(StringComparer.Ordinal);
    private long _nodes;
    private long _aliasNodes;

    private YamlReader(string text, string? source)
    {
        _scanner = new Scanner(new StringReader(text), skipComments: true);
        _parser = new Parser(_scanner);
        _source = source;
    }

    internal static List<YamlDocument> Read(string text, string? source)
    {
        var reader = new YamlReader(text, source);
        try
        {
            return reader.ReadAll();
        }
        catch (YamlException e)
        {
            var (line, column) = Place(e, text);
            throw new KubernetesYamlException(Describe(e), source, line, column, e);
        }
    }

    /// <summary>YamlDotNet places an unexpected end on the line behind the last one.</summary>
    private static (int Line, int Column) Place(YamlException e, string text)
    {
        var lines = text.AsSpan().Count('\n') + 1;
        return e.Start.Line <= lines
            ? ((int)e.Start.Line, (int)e.Start.Column)
            : (lines, text.Length - text.LastIndexOf('\n'));
    }

    private static string Describe(YamlException e)
    {
        // YamlDotNet prefixes its own place, which the exception carries already.
        var message = e.Message;
        var mark = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        return mark < 0 ? message : message[(mark + 3)..];
    }

    private List<YamlDocument> ReadAll()
    {
        var documents = new List<YamlDocument>();
        Take<StreamStart>();
        while (_parser.Current is DocumentStart)
        {
            Advance();
            _anchors.Clear();
            _nodes = 0;
            _aliasNodes = 0;
            var start = Current.Start;
            var root = ReadNode(0);
            documents.Add(new YamlDocument(root, (int)start.Line, (int)start.Column));
            Take<DocumentEnd>();
        }

        return documents;
    }

    private ParsingEvent Current => _parser.Current ?? throw new InvalidOperationException("the YAML event stream ended early");

    // YamlDotNet has texts that it neither reads nor refuses: its scanner then fails with whatever exception its own state brings about.
    private void Advance()
    {
        try
        {
            _parser.MoveNext();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or KeyNotFoundException or NullReferenceException)
        {
            var at = _scanner.CurrentPosition;
            throw new KubernetesYamlException(
                "the text cannot be read on; often a quote, brace or bracket before this place is not closed", _source, (int)at.Line, (int)at.Column, e);
        }
    }

    private void Take<T>()
        where T : ParsingEvent
    {
        if (_parser.Current is null)
            Advance();
        if (_parser.Current is not T)
            throw Error($"unexpected {Current.GetType().Name}", Current);
        Advance();
    }

    private KubernetesYamlException Error(string problem, ParsingEvent at) =>
        new(problem, _source, (int)at.Start.Line, (int)at.Start.Column);

    private JsonNode? ReadNode(int depth)
    {
        var at = Current;
        if (depth > MaxDepth)
            throw Error($"nested deeper than {MaxDepth} levels", at);
        _nodes++;
        switch (at)
        {
            case AnchorAlias alias:
                Advance();
                return Expand(alias);
            case Scalar scalar:
                Advance();
                var value = ReadScalar(scalar);
                Remember(scalar, value);
                return value;
            case SequenceStart sequence:
                return ReadAnchored(sequence, depth, ReadSequence);
            case MappingStart mapping:
                return ReadAnchored(mapping, depth, ReadMapping);
            default:
                throw Error($"unexpected {at.GetType().Name}", at);
        }
    }

    private JsonNode ReadAnchored(NodeEvent start, int depth, Func<int, JsonNode> read)
    {
        var anchor = start.Anchor.IsEmpty ? null : start.Anchor.Value;
        if (anchor is not null)
            _openAnchors.Add(anchor);
        Advance();
        var node = read(depth);
        if (anchor is not null)
            _openAnchors.Remove(anchor);
        Remember(start, node);
        return node;
    }

    private void Remember(NodeEvent at, JsonNode? node)
    {
        if (!at.Anchor.IsEmpty)
            _anchors[at.Anchor.Value] = node;
    }

    private JsonNode? Expand(AnchorAlias alias)
    {
        var name = alias.Value.Value;
        if (_openAnchors.Contains(name))
            throw Error($"anchor '{name}' contains itself", alias);
        if (!_anchors.TryGetValue(name, out var node))
            throw Error($"unknown anchor '{name}' referenced", alias);

        var size = Count(node);
        _aliasNodes += size;
        _nodes += size;
        if (_aliasNodes > AliasCountBefore && _nodes > NodeCountBefore && (double)_aliasNodes / _nodes > AllowedAliasRatio())
            throw Error("document contains excessive aliasing", alias);
        return node?.DeepClone();
    }

    private double AllowedAliasRatio() => _nodes switch
    {
        <= (long)GenerousNodes => 0.99,
        >= (long)StrictNodes => 0.10,
        _ => 0.99 - (0.89 * ((_nodes - GenerousNodes) / (StrictNodes - GenerousNodes))),
    };

    private static long Count(JsonNode? node)
    {
        long count = 1;
        if (node is JsonObject map)
        {
            foreach (var (_, value) in map)
                count += 1 + Count(value);
        }
        else if (node is JsonArray array)
        {
            foreach (var item in array)
                count += Count(item);
        }

        return count;
    }

    private JsonArray ReadSequence(int depth)
    {
        var array = new JsonArray();
        while (Current is not SequenceEnd)
            array.Add(ReadNode(depth + 1));
        Advance();
        return array;
    }

    private JsonObject ReadMapping(int depth)
    {
        var map = new JsonObject();
        var own = new HashSet<string>(StringComparer.Ordinal);
        while (Current is not MappingEnd)
        {
            var keyEvent = Current;
            if (keyEvent is Scalar { Value: "<<" } candidate && IsMergeKey(candidate))
            {
                Advance();
                Merge(ReadNode(depth + 1), keyEvent, map);
                continue;
            }

            var key = ReadKey();
            if (!own.Add(key))
                throw Error($"key \"{key}\" already set in map", keyEvent);
            map[key] = ReadNode(depth + 1);
        }

        Advance();
        return map;
    }

    private static bool IsMergeKey(Scalar scalar) =>
        (scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty) || (!scalar.Tag.IsEmpty && string.Equals(scalar.Tag.Value, CoreTags + "merge", StringComparison.Ordinal));

    /// <summary>
    /// As go-yaml v2 does it, which is not quite the specification: merged keys take the place of keys that stand before them, keys that stand after take
    /// theirs, and in a list of maps the earlier one wins.
    /// </summary>
    private void Merge(JsonNode? value, ParsingEvent at, JsonObject map)
    {
        switch (value)
        {
            case JsonObject single:
                foreach (var (key, item) in single)
                    map[key] = item?.DeepClone();
                break;
            case JsonArray array:
                for (var i = array.Count - 1; i >= 0; i--)
                {
                    if (array[i] is not JsonObject)
                        throw Error("map merge requires map or sequence of maps as the value", at);
                    Merge(array[i], at, map);
                }

                break;
            default:
                throw Error("map merge requires map or sequence of maps as the value", at);
        }
    }

    private string ReadKey()
    {
        var at = Current;
        if (at is not Scalar and not AnchorAlias)
            throw Error("map keys must be scalars", at);
        var key = ReadNode(0);
        if (key is not JsonValue value)
            throw Error("map keys must not be null or collections", at);
        if (value.TryGetValue(out string? text))
            return text;
        if (value.TryGetValue(out bool flag))
            return flag ? "true" : "false";
        return JsonAccess.ToJson(value);
    }

    private JsonValue? ReadScalar(Scalar scalar)
    {
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        if (tag.Length == 0)
            return scalar.Style == ScalarStyle.Plain ? Plain(scalar) : JsonValue.Create(scalar.Value);
        if (!tag.StartsWith(CoreTags, StringComparison.Ordinal))
            return JsonValue.Create(scalar.Value);

        var meaning = YamlScalar.Resolve(scalar.Value, out var value);
        switch (tag[CoreTags.Length..])
        {
            case "str" or "timestamp":
                return JsonValue.Create(scalar.Value);
            case "binary":
                return JsonValue.Create(Decode(scalar));
            case "null" when meaning == YamlScalar.Meaning.Null:
                return null;
            case "bool" when meaning == YamlScalar.Meaning.Boolean:
            case "int" when meaning == YamlScalar.Meaning.Integer:
                return value;
            case "float" when meaning is YamlScalar.Meaning.Integer or YamlScalar.Meaning.Float && value is not null:
                return JsonValue.Create(double.Parse(JsonAccess.ToJson(value), CultureInfo.InvariantCulture));
            case "null" or "bool" or "int" or "float":
                throw Error($"cannot decode `{scalar.Value}` as a !!{tag[CoreTags.Length..]}", scalar);
            default:
                return JsonValue.Create(scalar.Value);
        }
    }

    private JsonValue? Plain(Scalar scalar)
    {
        var meaning = YamlScalar.Resolve(scalar.Value, out var value);
        return meaning switch
        {
            YamlScalar.Meaning.Text => JsonValue.Create(scalar.Value),
            YamlScalar.Meaning.Null => null,
            _ => value ?? throw Error($"{scalar.Value} cannot be written as JSON", scalar),
        };
    }

    private string Decode(Scalar scalar)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true)
                .GetString(Convert.FromBase64String(scalar.Value));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw Error("!!binary value is not base64 of UTF-8 text", scalar);
        }
    }
}
