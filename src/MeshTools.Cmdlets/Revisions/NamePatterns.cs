using System.Management.Automation;

namespace MeshTools.Cmdlets;

/// <summary>Names with wildcards, as a parameter gives them.</summary>
internal static class NamePatterns
{
    /// <summary>Whether a name is wanted: by any of the patterns, or because there is none.</summary>
    internal static Func<string, bool> Of(IReadOnlyList<string> patterns)
    {
        if (patterns.Count == 0)
            return _ => true;
        WildcardPattern[] all = [.. patterns.Select(pattern => new WildcardPattern(pattern, WildcardOptions.CultureInvariant))];
        return name => patterns.Contains(name, StringComparer.Ordinal) || Array.Exists(all, pattern => pattern.IsMatch(name));
    }
}
