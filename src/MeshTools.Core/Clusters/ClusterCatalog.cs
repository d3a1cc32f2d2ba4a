using MeshTools.Kubernetes;

namespace MeshTools.Clusters;

/// <summary>The clusters that kubeconfigs name. Only files are read.</summary>
public static class ClusterCatalog
{
    /// <summary>The clusters behind every context that a filter lets through.</summary>
    /// <param name="kubeconfigPaths">
    /// Files that must exist; each is read by itself, so that two files may use one context name for two clusters. None: the files of KUBECONFIG, merged, or
    /// <c>~/.kube/config</c>.
    /// </param>
    /// <param name="filter">Takes a context's name; <see langword="null"/> for all.</param>
    /// <param name="overrides">What the user says about these clusters.</param>
    /// <returns>The clusters in the order of the files, not probed.</returns>
    /// <exception cref="KubeconfigException">A file is missing or cannot be parsed.</exception>
    public static IReadOnlyList<MeshCluster> Load(IReadOnlyList<string> kubeconfigPaths, Func<string, bool>? filter = null, ClusterOverrides? overrides = null)
    {
        ArgumentNullException.ThrowIfNull(kubeconfigPaths);
        overrides ??= new ClusterOverrides();
        return
        [
            .. from kubeconfig in Read(kubeconfigPaths)
               let shortNames = ShortNames.Of(kubeconfig.Contexts.Select(context => context.Name))
               from context in kubeconfig.Contexts
               where filter is null || filter(context.Name)
               select overrides.ApplyTo(Describe(kubeconfig, context) with { ShortName = shortNames[context.Name] }),
        ];
    }

    /// <summary>The clusters behind named contexts.</summary>
    /// <param name="kubeconfigPaths">As for <see cref="Load(IReadOnlyList{string}, Func{string, bool}?, ClusterOverrides?)"/>.</param>
    /// <param name="contexts">Exact names, or the short ones that tables show.</param>
    /// <param name="overrides">What the user says about these clusters.</param>
    /// <returns>The clusters, not probed.</returns>
    /// <exception cref="KubeconfigException">A file is missing or cannot be parsed, or a context is in none of them.</exception>
    public static IReadOnlyList<MeshCluster> Load(IReadOnlyList<string> kubeconfigPaths, IReadOnlyList<string> contexts, ClusterOverrides? overrides = null)
    {
        ArgumentNullException.ThrowIfNull(contexts);
        var all = Load(kubeconfigPaths, overrides: overrides);
        // By the context's name first: a short name of one may be the context of another.
        var found = contexts.Distinct(StringComparer.Ordinal).ToDictionary(name => name, name => Named(all, name, cluster => cluster.Context) ?? Named(all, name, cluster => cluster.ShortName), StringComparer.Ordinal);
        string[] missing = [.. found.Where(pair => pair.Value is null).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
        return missing.Length == 0
            ? [.. contexts.SelectMany(name => found[name]!)]
            : throw ContextNotFound(string.Join(", ", missing), all, kubeconfigPaths);
    }

    /// <summary>The error for a context, or a pattern of contexts, that nothing matches; it lists the contexts there are.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <param name="known">The clusters there are.</param>
    /// <param name="kubeconfigPaths">The files that were asked for.</param>
    /// <returns>The error.</returns>
    public static KubeconfigException ContextNotFound(string asked, IReadOnlyList<MeshCluster> known, IReadOnlyList<string> kubeconfigPaths)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(kubeconfigPaths);
        string[] names = [.. known.Select(cluster => cluster.Context)];
        var where = kubeconfigPaths.Count > 0 ? string.Join(", ", kubeconfigPaths) : "the kubeconfig";
        var there = names.Length > 0 ? $"there are: {string.Join(", ", names)}" : "there are no contexts";
        return new KubeconfigException(KubeconfigProblem.ContextNotFound, $"context \"{asked}\" does not exist in {where}; {there}")
        {
            Path = kubeconfigPaths.Count > 0 ? kubeconfigPaths[0] : null,
            AvailableContexts = names,
        };
    }

    /// <summary>Why there is not one context, for a user who expected some.</summary>
    /// <param name="kubeconfigPaths">The files that were asked for; none for the default ones.</param>
    /// <returns>One sentence that names the files, and what to do.</returns>
    public static string NoContexts(IReadOnlyList<string> kubeconfigPaths)
    {
        ArgumentNullException.ThrowIfNull(kubeconfigPaths);
        var variable = Environment.GetEnvironmentVariable(KubeconfigPaths.Variable);
        var files = kubeconfigPaths.Count > 0 ? kubeconfigPaths : KubeconfigPaths.Default(variable);
        string[] missing = [.. files.Where(file => !File.Exists(file))];
        var found = missing.Length == files.Count
            ? $"{string.Join(", ", missing)} {(missing.Length == 1 ? "does" : "do")} not exist"
            : $"{string.Join(", ", files.Except(missing, StringComparer.Ordinal))} names none";
        var unset = kubeconfigPaths.Count == 0 && string.IsNullOrEmpty(variable) ? $", and {KubeconfigPaths.Variable} is not set" : "";
        return $"There are no contexts: {found}{unset}. Give a kubeconfig with -Kubeconfig, or start a lab with Start-MeshLab.";
    }

    private static MeshCluster[]? Named(IReadOnlyList<MeshCluster> all, string name, Func<MeshCluster, string> by) =>
        all.Where(cluster => string.Equals(by(cluster), name, StringComparison.Ordinal)).ToArray() is { Length: > 0 } found ? found : null;

    private static IEnumerable<Kubeconfig> Read(IReadOnlyList<string> paths) =>
        paths.Count == 0 ? [Kubeconfig.Load()] : paths.Distinct(StringComparer.Ordinal).Select(path => Kubeconfig.Load(path));

    private static MeshCluster Describe(Kubeconfig kubeconfig, KubeconfigContext context)
    {
        var gke = GkeName.TryParse(context.Name);
        // A project's number is no name for a trust domain; that of a context is the ID.
        var fleet = GatewayName.TryParse(context.Name, context.Server)?.Project is { } project && !project.All(char.IsAsciiDigit) ? project : null;
        return new MeshCluster(new ClusterConnection(kubeconfig, context.Name), context)
        {
            Platform = PlatformDetection.FromKubeconfig(context.Name, context.Server),
            ProjectId = gke?.ProjectId,
            Location = gke?.Location,
            ClusterId = gke?.ClusterId,
            FleetProject = fleet,
        };
    }
}
