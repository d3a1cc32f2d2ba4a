using System.Management.Automation;
using MeshTools.Clusters;

namespace MeshTools.Cmdlets;

/// <summary>Contexts that a user asked for, by name or pattern, in some kubeconfigs. Reads only files.</summary>
/// <param name="Kubeconfigs">Files; none for the default ones.</param>
/// <param name="Patterns">Names, with wildcards; none for all.</param>
internal sealed record ContextSearch(IReadOnlyList<string> Kubeconfigs, IReadOnlyList<string> Patterns)
{
    /// <summary>The clusters behind the contexts. A name that no context has, nor any cluster as tables show it, is a failure of its own; a pattern that matches none is not.</summary>
    internal IReadOnlyList<MeshCluster> Find(ClusterOverrides? overrides, PipelineSink sink)
    {
        var all = ClusterCatalog.Load(Kubeconfigs, overrides: overrides);
        if (all.Count == 0 && Patterns.All(WildcardPattern.ContainsWildcardCharacters))
            sink.Warning(ClusterCatalog.NoContexts(Kubeconfigs));
        if (Patterns.Count == 0)
            return all;
        foreach (var pattern in Patterns.Where(pattern => !WildcardPattern.ContainsWildcardCharacters(pattern) && !all.Any(Matches(pattern))))
            sink.Failed(ClusterCatalog.ContextNotFound(pattern, all, Kubeconfigs), pattern);
        return [.. Patterns.SelectMany(pattern => all.Where(Matches(pattern))).DistinctBy(cluster => cluster.Entry())];
    }

    // A name that is there to the letter is meant, even when it reads as a pattern.
    private static Func<MeshCluster, bool> Matches(string pattern)
    {
        var wildcard = new WildcardPattern(pattern, WildcardOptions.CultureInvariant);
        return cluster => string.Equals(cluster.Context, pattern, StringComparison.Ordinal) || wildcard.IsMatch(cluster.Context) || wildcard.IsMatch(cluster.ShortName);
    }
}
