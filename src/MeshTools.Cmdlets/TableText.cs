using MeshTools.Clusters;

namespace MeshTools.Cmdlets;

/// <summary>
/// What the tables show of values that can be long. PowerShell drops the columns that do not fit, from the right: what a table has to say must not depend on how long somebody's names are. The objects
/// hold everything uncut.
/// </summary>
public static class TableText
{
    private const int NameWidth = 20;

    /// <summary>A cluster's short name.</summary>
    /// <param name="cluster">The cluster; <see langword="null"/> for none.</param>
    /// <returns>At most 20 characters; where it is longer, its beginning and its end.</returns>
    public static string Name(MeshCluster? cluster) => Short(cluster?.ShortName, NameWidth);

    /// <summary>A text with two dots in place of its middle where it is too long: ends of names tell things apart as often as beginnings do.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">The most characters, at least 4.</param>
    /// <returns>The text; empty for none.</returns>
    public static string Short(string? text, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 4);
        if (text is null || text.Length <= width)
            return text ?? "";
        var end = (width - 2) / 2;
        return string.Concat(text.AsSpan(0, width - 2 - end), "..", text.AsSpan(text.Length - end));
    }

    /// <summary>An API server's version without the build of its distribution: <c>v1.33.4-gke</c> of <c>v1.33.4-gke.1172000</c>.</summary>
    /// <param name="version">The version; <see langword="null"/> for none.</param>
    /// <returns>At most 12 characters.</returns>
    public static string Version(string? version)
    {
        if (version?.IndexOfAny(['-', '+']) is not ({ } build and >= 0))
            return Short(version, 12);
        var end = version.AsSpan(build + 1).IndexOfAny('.', '-', '+');
        return Short(end < 0 ? version : version[..(build + 1 + end)], 12);
    }

    /// <summary>An API server's host, with the port where it is not the usual one.</summary>
    /// <param name="server">Its address; <see langword="null"/> for none.</param>
    /// <returns>At most 28 characters.</returns>
    public static string Server(string? server) => Short(Uri.TryCreate(server, UriKind.Absolute, out var uri) ? uri.Authority : server, 28);

    /// <summary>Names, of which there may be many.</summary>
    /// <param name="names">The names.</param>
    /// <param name="width">The most characters, at least 8.</param>
    /// <returns>All of them where they fit, else the first and how many more there are.</returns>
    public static string Names(IReadOnlyList<string>? names, int width)
    {
        if (names is null or [])
            return "";
        var all = string.Join(", ", names);
        var more = FormattableString.Invariant($" +{names.Count - 1}");
        return all.Length <= width ? all : names.Count == 1 ? Short(all, width) : Short(names[0], width - more.Length) + more;
    }
}
