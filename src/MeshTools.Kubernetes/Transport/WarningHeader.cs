namespace MeshTools.Kubernetes;

/// <summary>Reads <c>Warning: 299 - "text"</c> headers (RFC 7234 section 5.5; apimachinery util/net, ParseWarningHeaders).</summary>
internal static class WarningHeader
{
    internal static List<string> Parse(IEnumerable<string> values)
    {
        var result = new List<string>();
        foreach (var value in values)
        {
            var rest = value.AsSpan();
            while (TryTake(ref rest, out var code, out var text))
            {
                if (code == 299 && text.Length > 0)
                    result.Add(text);
            }
        }

        return result;
    }

    /// <summary>Takes one <c>code agent "text" ["date"]</c> from the front of a list.</summary>
    private static bool TryTake(ref ReadOnlySpan<char> rest, out int code, out string text)
    {
        text = "";
        code = 0;
        rest = rest.TrimStart(" ,");
        var space = rest.IndexOf(' ');
        if (space <= 0 || !int.TryParse(rest[..space], out code))
            return false;
        rest = rest[(space + 1)..].TrimStart(' ');
        space = rest.IndexOf(' ');
        if (space <= 0)
            return false;
        rest = rest[(space + 1)..].TrimStart(' ');
        if (!TryQuoted(ref rest, out text))
            return false;
        rest = rest.TrimStart(' ');
        if (rest.StartsWith("\""))
            _ = TryQuoted(ref rest, out _);
        return true;
    }

    private static bool TryQuoted(ref ReadOnlySpan<char> rest, out string text)
    {
        text = "";
        if (!rest.StartsWith("\""))
            return false;
        var result = new System.Text.StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                text = result.ToString();
                return true;
            }

            if (rest[i] == '\\' && i + 1 < rest.Length)
                i++;
            if (!char.IsControl(rest[i]))
                result.Append(rest[i]);
        }

        return false;
    }
}
