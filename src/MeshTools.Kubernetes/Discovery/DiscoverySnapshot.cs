namespace MeshTools.Kubernetes;

/// <summary>What a server said it serves, in order of preference.</summary>
internal sealed class DiscoverySnapshot(IReadOnlyList<ResourceType> types, IReadOnlyList<string> failures)
{
    internal IReadOnlyList<ResourceType> Types { get; } = types;

    internal IReadOnlyList<string> Failures { get; } = failures;

    internal ResourceType? Find(string apiVersion, string kind)
    {
        foreach (var type in Types)
        {
            if (string.Equals(type.Kind, kind, StringComparison.Ordinal) && string.Equals(type.ApiVersion, apiVersion, StringComparison.Ordinal))
                return type;
        }

        return null;
    }

    /// <summary>By plural, singular or kind first; short names only where none of these fits (client-go restmapper/shortcut.go).</summary>
    internal ResourceType? Find(string name)
    {
        var (word, version, group) = Split(name);
        foreach (var type in Types)
        {
            if (IsNamed(type, word) && Fits(type, version, group))
                return type;
        }

        // name.group, where the group itself has dots: a.b.c is a in the group b.c.
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0)
        {
            foreach (var type in Types)
            {
                if (IsNamed(type, name[..dot]) && string.Equals(type.Group, name[(dot + 1)..], StringComparison.OrdinalIgnoreCase))
                    return type;
            }
        }

        return FindShort(name, word, version, group);
    }

    private ResourceType? FindShort(string name, string word, string? version, string? group)
    {
        var found = new List<ResourceType>();
        foreach (var type in Types)
        {
            if (!type.ShortNames.Contains(word, StringComparer.OrdinalIgnoreCase) || !Fits(type, version, group))
                continue;
            if (!found.Exists(t => string.Equals(t.Group, type.Group, StringComparison.Ordinal) && string.Equals(t.Plural, type.Plural, StringComparison.Ordinal)))
                found.Add(type);
        }

        // A core kind keeps its short name whatever else claims it.
        if (found.Count > 1 && found[0].Group.Length > 0)
        {
            throw new KindNotServedException(
                name, $"the short name \"{name}\" is ambiguous; it could mean {string.Join(", ", found.ConvertAll(t => $"{t.Plural}.{t.Group}"))}", found);
        }

        return found.Count > 0 ? found[0] : null;
    }

    private static (string Word, string? Version, string? Group) Split(string name)
    {
        var first = name.IndexOf('.', StringComparison.Ordinal);
        if (first < 0)
            return (name, null, null);
        var rest = name[(first + 1)..];
        var second = rest.IndexOf('.', StringComparison.Ordinal);
        return second < 0 ? (name[..first], rest, "") : (name[..first], rest[..second], rest[(second + 1)..]);
    }

    private static bool Fits(ResourceType type, string? version, string? group) =>
        (version is null || string.Equals(type.Version, version, StringComparison.OrdinalIgnoreCase))
        && (group is null || string.Equals(type.Group, group, StringComparison.OrdinalIgnoreCase));

    private static bool IsNamed(ResourceType type, string word) =>
        string.Equals(type.Plural, word, StringComparison.OrdinalIgnoreCase)
        || string.Equals(type.Singular, word, StringComparison.OrdinalIgnoreCase)
        || string.Equals(type.Kind, word, StringComparison.OrdinalIgnoreCase);
}
