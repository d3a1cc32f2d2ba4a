namespace MeshTools.Clusters;

/// <summary>
/// What tables call the contexts of one kubeconfig: the cluster's own name where gcloud or aws wrapped it into a longer context name (<c>gke_PROJECT_LOCATION_NAME</c>,
/// <c>arn:aws:eks:REGION:ACCOUNT:cluster/NAME</c>), with the location before it where two would be called the same, and the context's name where even that would not tell them apart.
/// </summary>
internal static class ShortNames
{
    private const string EksPrefix = "arn:aws:eks:";

    /// <summary>Names contexts.</summary>
    /// <param name="contexts">All contexts of a kubeconfig.</param>
    /// <returns>The short name of each.</returns>
    internal static IReadOnlyDictionary<string, string> Of(IEnumerable<string> contexts)
    {
        var forms = contexts.Distinct(StringComparer.Ordinal).ToDictionary(context => context, Forms, StringComparer.Ordinal);
        var uses = forms.Values.SelectMany(names => names).GroupBy(name => name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        return forms.ToDictionary(pair => pair.Key, pair => pair.Value.FirstOrDefault(name => uses[name] == 1) ?? pair.Key, StringComparer.Ordinal);
    }

    // From the shortest to the context itself.
    private static string[] Forms(string context)
    {
        if (GkeName.TryParse(context) is { } gke)
            return [gke.ClusterName, $"{gke.Location}/{gke.ClusterName}", context];
        return context.StartsWith(EksPrefix, StringComparison.Ordinal) && context[EksPrefix.Length..].Split(':', 3) is [{ Length: > 0 } region, _, ['c', 'l', 'u', 's', 't', 'e', 'r', '/', .. { Length: > 0 } name]]
            ? [name, $"{region}/{name}", context]
            : [context];
    }
}
