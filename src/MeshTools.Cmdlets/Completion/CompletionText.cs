namespace MeshTools.Cmdlets;

/// <summary>Names as they must stand on a command line: quoted when they hold what PowerShell would read as something else.</summary>
internal static class CompletionText
{
    /// <summary>What the user has typed of a name, without the quote that may be open.</summary>
    internal static string Typed(string word) => word.Length > 0 && word[0] is '\'' or '"' ? word[1..].TrimEnd(word[0]) : word;

    /// <summary>A name to put in place of what was typed, in the quotes that the user began with.</summary>
    internal static string Quote(string name, string word)
    {
        if (word.StartsWith('"'))
            return "\"" + name.Replace("`", "``", StringComparison.Ordinal).Replace("$", "`$", StringComparison.Ordinal).Replace("\"", "`\"", StringComparison.Ordinal) + "\"";
        return word.StartsWith('\'') || !IsPlain(name) ? "'" + name.Replace("'", "''", StringComparison.Ordinal) + "'" : name;
    }

    private static bool IsPlain(string name) => name.Length > 0 && name[0] is not ('-' or '@' or '.' or '~') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/' or '@' or '+' or '=');
}
