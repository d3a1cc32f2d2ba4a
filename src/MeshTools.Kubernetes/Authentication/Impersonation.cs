namespace MeshTools.Kubernetes;

/// <summary>Act as another user (kubeconfig <c>as</c>, <c>as-uid</c>, <c>as-groups</c>, <c>as-user-extra</c>).</summary>
/// <param name="User">The user name; required by the API when anything else is given.</param>
public sealed record Impersonation(string User)
{
    /// <summary>The user's UID.</summary>
    public string? Uid { get; init; }

    /// <summary>The user's groups.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Further attributes, each with its values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>The headers that say so (client-go transport/round_trippers.go).</summary>
    internal IEnumerable<KeyValuePair<string, string>> Headers()
    {
        yield return new("Impersonate-User", User);
        if (!string.IsNullOrEmpty(Uid))
            yield return new("Impersonate-Uid", Uid);
        foreach (var group in Groups)
            yield return new("Impersonate-Group", group);
        foreach (var (key, values) in Extra)
        {
            foreach (var value in values)
                yield return new("Impersonate-Extra-" + EscapeHeaderKey(key), value);
        }
    }

    private static string EscapeHeaderKey(string key)
    {
        var result = new System.Text.StringBuilder(key.Length);
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(key))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || (c != '%' && "!#$&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
                result.Append(c);
            else
                result.Append(System.Globalization.CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return result.ToString();
    }
}
