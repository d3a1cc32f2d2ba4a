using System.Management.Automation;
using MeshTools.Errors;

namespace MeshTools.Cmdlets;

/// <summary>Labs by id or pattern.</summary>
internal static class LabSearch
{
    /// <summary>The labs that some patterns mean; all when there are none. An id that no lab has is a failure of its own; a pattern that matches none is not.</summary>
    internal static IReadOnlyList<MeshLab> Find(IReadOnlyList<MeshLab> labs, IReadOnlyList<string> patterns, PipelineSink sink)
    {
        if (patterns.Count == 0)
            return labs;
        foreach (var pattern in patterns.Where(p => !WildcardPattern.ContainsWildcardCharacters(p) && !labs.Any(Matches(p))))
        {
            var running = labs.Count == 0 ? "no lab runs" : "there are: " + string.Join(", ", labs.Select(lab => lab.Id));
            sink.Failed(new MeshException(ErrorCatalog.LabNotFound, $"no lab \"{pattern}\" runs; {running}", pattern), pattern);
        }

        return [.. labs.Where(lab => patterns.Any(pattern => Matches(pattern)(lab)))];
    }

    private static Func<MeshLab, bool> Matches(string pattern)
    {
        var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return lab => wildcard.IsMatch(lab.Id);
    }
}
