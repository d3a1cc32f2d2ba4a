namespace MeshTools.Gateways;

/// <summary>
/// Hosts as an Istio Gateway writes them: a name, <c>*</c>, or a star in place of the first labels (<c>*.local</c>), after an optional <c>NAMESPACE/</c> that passing TLS
/// through does not look at (istio pilot/pkg/networking/core/gateway.go takes the server's SNI hosts).
/// </summary>
internal static class HostPattern
{
    /// <summary>What the samples expose: every Service of a cluster.</summary>
    internal const string EveryService = "*.local";

    /// <summary>The pattern without its namespace, in lower case.</summary>
    internal static string NameOf(string host) => host[(host.IndexOf('/', StringComparison.Ordinal) + 1)..].ToLowerInvariant();

    /// <summary>Whether everything that one pattern is for is in another (istio pkg/config/host/name.go, <c>SubsetOf</c>).</summary>
    /// <param name="pattern">The wider one.</param>
    /// <param name="host">A name or the narrower pattern.</param>
    internal static bool Covers(string pattern, string host)
    {
        var (wide, narrow) = (NameOf(pattern), NameOf(host));
        if (!IsWild(wide))
            return string.Equals(wide, narrow, StringComparison.Ordinal);
        return IsWild(narrow) ? narrow.AsSpan(1).EndsWith(wide.AsSpan(1), StringComparison.Ordinal) : narrow.EndsWith(wide[1..], StringComparison.Ordinal);
    }

    /// <summary>Whether there may be a name that is in both (the same file, <c>Matches</c>).</summary>
    internal static bool Overlap(string one, string other) => Covers(one, other) || Covers(other, one);

    /// <summary>Why a host cannot stand in a Gateway (istio pkg/config/validation, hosts of a server).</summary>
    /// <returns>The reason; <see langword="null"/> when it can.</returns>
    internal static string? Problem(string host)
    {
        var parts = host.Split('/');
        if (parts.Length > 2)
            return "more than one '/'";
        if (parts.Length == 2 && parts[0] is not ("*" or ".") && !IsLabel(parts[0]))
            return $"'{parts[0]}' is no namespace";
        var name = parts[^1];
        if (name is "*")
            return null;
        if (!name.Contains('.', StringComparison.Ordinal))
            return "a short name; whole names are matched, such as NAME.NAMESPACE.svc.cluster.local";
        if (name.Length > 253)
            return "longer than 253 characters";
        var labels = name.Split('.');
        var wrong = labels.Where((label, i) => !(i == 0 && label is "*") && !IsLabel(label)).FirstOrDefault();
        return wrong switch
        {
            null => null,
            "" => "an empty label",
            _ when wrong.Contains('*', StringComparison.Ordinal) => "a star can only stand for the first labels: *.NAMESPACE.svc.cluster.local",
            _ => $"'{wrong}' is no label of a DNS name",
        };
    }

    private static bool IsWild(string name) => name.StartsWith('*');

    private static bool IsLabel(string text) =>
        text.Length is > 0 and <= 63 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-') && text[0] is not '-' && text[^1] is not '-';
}
