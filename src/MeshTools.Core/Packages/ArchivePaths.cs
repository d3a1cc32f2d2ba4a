namespace MeshTools.Packages;

/// <summary>
/// Where the entries of one archive may lie: all in one folder, none of them outside it, none behind a link, none twice. What counts is the text alone, so that it holds on every system.
/// </summary>
internal sealed class ArchivePaths(string archive)
{
    private const int MostEntries = 100_000;

    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _links = new(StringComparer.OrdinalIgnoreCase);
    private string? _top;

    /// <summary>Takes the next entry.</summary>
    /// <param name="path">Its path in the archive.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="target">Where a link leads.</param>
    /// <returns>The path in the folder of the release; <see langword="null"/> for that folder itself.</returns>
    /// <exception cref="Errors.MeshException">It may not lie there.</exception>
    internal string? Take(string path, ArchiveEntryKind kind, string? target)
    {
        if (path.StartsWith('/') || path.Any(IsStrange))
            throw ArchiveEntries.Invalid(archive, $"the path '{Shown(path)}' is none that every system could have");
        string[] parts = [.. path.Split('/').Where(part => part is not ("" or "."))];
        if (parts.Length == 0)
            return null;
        if (parts.Contains("..", StringComparer.Ordinal))
            throw ArchiveEntries.Invalid(archive, $"the path '{Shown(path)}' leads out of it");
        if (!string.Equals(_top ??= parts[0], parts[0], StringComparison.Ordinal))
            throw ArchiveEntries.Invalid(archive, $"'{Shown(path)}' lies beside the folder {_top}");
        if (parts.Length == 1)
            return kind is ArchiveEntryKind.Folder ? null : throw ArchiveEntries.Invalid(archive, $"'{Shown(path)}' lies in no folder");
        var inside = string.Join('/', parts[1..]);
        for (var i = 2; i < parts.Length; i++)
        {
            if (_links.Contains(string.Join('/', parts[1..i])))
                throw ArchiveEntries.Invalid(archive, $"'{Shown(path)}' lies behind a link");
        }

        // A folder may be named more than once.
        if (!_taken.Add(inside) && kind is not ArchiveEntryKind.Folder)
            throw ArchiveEntries.Invalid(archive, $"'{Shown(path)}' is in it twice");
        if (_taken.Count > MostEntries)
            throw ArchiveEntries.Invalid(archive, "it has more entries than any release");
        if (kind is ArchiveEntryKind.Link)
            TakeLink(inside, target ?? "");
        return inside;
    }

    // Upwards only at the beginning: behind a name, which may be a link itself, ".." would lead who knows where.
    private void TakeLink(string inside, string target)
    {
        var parts = target.Split('/');
        var up = parts.TakeWhile(part => part is "..").Count();
        if (target.Length == 0 || target.StartsWith('/') || target.Any(IsStrange) || up > inside.Count(c => c is '/') || parts.Skip(up).Any(part => part is ".." or ""))
            throw ArchiveEntries.Invalid(archive, $"the link '{Shown(inside)}' leads to '{Shown(target)}'");
        if (_taken.Any(path => path.StartsWith(inside + "/", StringComparison.OrdinalIgnoreCase)))
            throw ArchiveEntries.Invalid(archive, $"'{Shown(inside)}' is a folder and a link");
        _links.Add(inside);
    }

    private static bool IsStrange(char c) => char.IsControl(c) || c is '\\' or ':';

    private static string Shown(string path) => new([.. path.Take(120).Select(c => char.IsControl(c) ? '?' : c)]);
}
