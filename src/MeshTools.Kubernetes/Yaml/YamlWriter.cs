using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>Writes block-style YAML that go-yaml v2, YAML 1.1 and YAML 1.2 readers all read back as the same values.</summary>
internal sealed class YamlWriter
{
    private readonly StringBuilder _text = new();

    internal static string Write(JsonNode? node)
    {
        var writer = new YamlWriter();
        writer.WriteRoot(node);
        return writer._text.ToString();
    }

    private void WriteRoot(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                WriteMap(map, 0, firstOnLine: false);
                break;
            case JsonArray { Count: > 0 } array:
                WriteSequence(array, 0, firstOnLine: false);
                break;
            default:
                WriteScalar(node, 2);
                EndLine();
                break;
        }
    }

    private void WriteMap(JsonObject map, int indent, bool firstOnLine)
    {
        foreach (var (key, value) in map)
        {
            if (!firstOnLine)
                _text.Append(' ', indent);
            firstOnLine = false;
            _text.Append(IsPlainKey(key) ? key : Quote(key)).Append(':');
            switch (value)
            {
                case JsonObject { Count: > 0 } child:
                    _text.Append('\n');
                    WriteMap(child, indent + 2, firstOnLine: false);
                    break;
                case JsonArray { Count: > 0 } child:
                    _text.Append('\n');
                    WriteSequence(child, indent, firstOnLine: false);
                    break;
                default:
                    _text.Append(' ');
                    WriteScalar(value, indent + 2);
                    EndLine();
                    break;
            }
        }
    }

    private void WriteSequence(JsonArray array, int indent, bool firstOnLine)
    {
        foreach (var item in array)
        {
            if (!firstOnLine)
                _text.Append(' ', indent);
            firstOnLine = false;
            _text.Append("- ");
            switch (item)
            {
                case JsonObject { Count: > 0 } child:
                    WriteMap(child, indent + 2, firstOnLine: true);
                    break;
                case JsonArray { Count: > 0 } child:
                    WriteSequence(child, indent + 2, firstOnLine: true);
                    break;
                default:
                    WriteScalar(item, indent + 2);
                    EndLine();
                    break;
            }
        }
    }

    private void EndLine()
    {
        if (_text[^1] != '\n')
            _text.Append('\n');
    }

    private void WriteScalar(JsonNode? node, int indent)
    {
        switch (node)
        {
            case null:
                _text.Append("null");
                break;
            case JsonObject:
                _text.Append("{}");
                break;
            case JsonArray:
                _text.Append("[]");
                break;
            case JsonValue value when JsonAccess.AsString(value) is { } text:
                WriteText(text, indent);
                break;
            default:
                _text.Append(Number(JsonAccess.ToJson(node)));
                break;
        }
    }

    /// <summary>JSON writes 1E+20; YAML 1.1 proper needs a sign in an exponent and reads a number without one as text.</summary>
    private static string Number(string json)
    {
        var exponent = json.AsSpan().IndexOfAny('e', 'E');
        if (exponent < 0 || char.IsAsciiLetter(json[0]) || json[exponent + 1] is '+' or '-')
            return json;
        return string.Concat(json.AsSpan(0, exponent + 1), "+", json.AsSpan(exponent + 1));
    }

    private void WriteText(string text, int indent)
    {
        if (IsPlain(text))
            _text.Append(text);
        else if (IsLiteral(text))
            WriteLiteral(text, indent);
        else
            _text.Append(Quote(text));
    }

    private void WriteLiteral(string text, int indent)
    {
        var body = text.TrimEnd('\n');
        var trailing = text.Length - body.Length;
        _text.Append(trailing switch { 0 => "|-", 1 => "|", _ => "|+" }).Append('\n');
        foreach (var line in body.Split('\n'))
        {
            if (line.Length > 0)
                _text.Append(' ', indent).Append(line);
            _text.Append('\n');
        }

        if (trailing > 1)
            _text.Append('\n', trailing - 1);
    }

    private static bool IsLiteral(string text)
    {
        if (!text.Contains('\n', StringComparison.Ordinal) || text[0] is '\n' or ' ' or '\t')
            return false;
        var lineStart = true;
        var blank = true;
        foreach (var c in text)
        {
            if (c == '\n')
            {
                if (blank && !lineStart)
                    return false;
                lineStart = true;
                blank = true;
                continue;
            }

            if (!IsPrintable(c) || (lineStart && c == '\t'))
                return false;
            blank &= c is ' ' or '\t';
            lineStart = false;
        }

        return !blank || lineStart;
    }

    /// <summary>YamlDotNet takes an asterisk after a space for an alias where a key ends.</summary>
    private static bool IsPlainKey(string key) => IsPlain(key) && !key.Contains(" *", StringComparison.Ordinal);

    private static bool IsPlain(string text)
    {
        if (text.Length == 0 || text is "<<" or "=" || YamlScalar.Resolve(text, out _) != YamlScalar.Meaning.Text)
            return false;
        if (text[0] is ' ' or '-' or '?' or ':' or ',' or '[' or ']' or '{' or '}' or '#' or '&' or '*' or '!' or '|' or '>' or '\'' or '"' or '%' or '@' or '`' or '.' or '+')
            return false;
        if (text[^1] is ' ' or ':' || LooksLikeNumberOrTime(text))
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (!IsPrintable(c) || c == '\t')
                return false;
            if (c == ':' && text[i + 1] == ' ')
                return false;
            if (c == '#' && text[i - 1] == ' ')
                return false;
        }

        return true;
    }

    /// <summary>Dates, base-60 numbers and exponents: text to Kubernetes, something else to other readers.</summary>
    private static bool LooksLikeNumberOrTime(string text)
    {
        if (!char.IsAsciiDigit(text[0]))
            return false;
        var dots = 0;
        foreach (var c in text)
        {
            if (c == '.')
                dots++;
            else if (!char.IsAsciiHexDigit(c) && c is not ('-' or ':' or '_' or '+' or 'T' or 't' or 'Z' or 'z' or ' ' or 'o' or 'x'))
                return false;
        }

        return dots < 2;
    }

    private static bool IsPrintable(char c) =>
        c is '\t' or (>= ' ' and <= '~') or (>= '\u00A0' and <= '\uD7FF' and not '\u2028' and not '\u2029') or (>= '\uE000' and <= '\uFFFD' and not '\uFEFF');

    private static string Quote(string text)
    {
        var result = new StringBuilder(text.Length + 2).Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '"':
                    result.Append("\\\"");
                    break;
                case '\\':
                    result.Append("\\\\");
                    break;
                case '\n':
                    result.Append("\\n");
                    break;
                case '\r':
                    result.Append("\\r");
                    break;
                case '\t':
                    result.Append("\\t");
                    break;
                default:
                    if (char.IsSurrogatePair(text, i))
                        result.Append(CultureInfo.InvariantCulture, $"\\U{char.ConvertToUtf32(text, i++):X8}");
                    else if (IsPrintable(c))
                        result.Append(c);
                    else
                        result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
                    break;
            }
        }

        return result.Append('"').ToString();
    }
}
