namespace MeshTools.Kubernetes;

/// <summary>
/// One or several kubeconfig files, merged as client-go merges them: the first file to define a cluster, user or context wins whole,
/// and relative paths belong to the file they stand in.
/// </summary>
public sealed class Kubeconfig
{
    private readonly Dictionary<string, KubeconfigEntry> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeconfigEntry> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeconfigEntry> _contexts = new(StringComparer.Ordinal);
    private readonly List<KubeconfigContext> _contextList = [];

    private Kubeconfig(IEnumerable<KubeconfigDocument> documents, IReadOnlyList<string> paths)
    {
        Paths = paths;
        foreach (var document in documents)
        {
            CurrentContext ??= document.CurrentContext;
            AddMissing(_clusters, document.Clusters);
            AddMissing(_users, document.Users);
            AddMissing(_contexts, document.Contexts);
        }

        foreach (var entry in _contexts.Values)
            _contextList.Add(Describe(entry));
    }

    /// <summary>The contexts, in the order of the files.</summary>
    public IReadOnlyList<KubeconfigContext> Contexts => _contextList;

    /// <summary>The current context: the first that a file names; <see langword="null"/> when none does.</summary>
    public string? CurrentContext { get; }

    /// <summary>The files that were read.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>
    /// Reads the explicit file, which must exist and is not merged with others; or the files of KUBECONFIG (missing ones are skipped);
    /// or <c>~/.kube/config</c>, which may be missing.
    /// </summary>
    /// <param name="explicitPath">The file; <see langword="null"/> to go by KUBECONFIG and the default.</param>
    /// <returns>The kubeconfig.</returns>
    /// <exception cref="KubeconfigException">The explicit file does not exist, or a file cannot be read or parsed.</exception>
    public static Kubeconfig Load(string? explicitPath = null) =>
        explicitPath is not null
            ? Load([explicitPath])
            : LoadExisting(KubeconfigPaths.Default(Environment.GetEnvironmentVariable(KubeconfigPaths.Variable)));

    /// <summary>Reads several files, each of which must exist, and merges them as KUBECONFIG would.</summary>
    /// <param name="explicitPaths">The files, first one first.</param>
    /// <returns>The kubeconfig.</returns>
    /// <exception cref="KubeconfigException">A file does not exist, or cannot be read or parsed.</exception>
    public static Kubeconfig Load(IReadOnlyList<string> explicitPaths)
    {
        ArgumentNullException.ThrowIfNull(explicitPaths);
        foreach (var path in explicitPaths)
        {
            if (!File.Exists(path))
                throw new KubeconfigException(KubeconfigProblem.NotFound, $"the kubeconfig {path} does not exist") { Path = path };
        }

        return LoadExisting(explicitPaths);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="yaml">The text, YAML or JSON.</param>
    /// <param name="sourcePath">The file that its relative paths are relative to; <see langword="null"/> for the current directory.</param>
    /// <returns>The kubeconfig.</returns>
    /// <exception cref="KubeconfigException">It cannot be parsed.</exception>
    public static Kubeconfig Parse(string yaml, string? sourcePath = null)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        return new Kubeconfig([KubeconfigDocument.Parse(yaml, sourcePath)], sourcePath is null ? [] : [sourcePath]);
    }

    /// <summary>The configuration of a pod that talks to its own cluster.</summary>
    /// <returns>The configuration.</returns>
    /// <exception cref="KubeconfigException">This process does not run in a pod with a service account.</exception>
    public static ClientConfiguration InCluster() => InClusterConfiguration.Create(
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST"),
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT"),
        InClusterConfiguration.ServiceAccountDirectory);

    /// <summary>What a context says about reaching its cluster.</summary>
    /// <param name="context">The context; <see langword="null"/> for the current one.</param>
    /// <param name="overrides">What takes the place of the context's own values.</param>
    /// <returns>The configuration. Client certificates and plugins are first touched when a request needs them.</returns>
    /// <exception cref="KubeconfigException">The context is not there, or its entries are missing or contradictory.</exception>
    public ClientConfiguration CreateConfiguration(string? context = null, KubeconfigOverrides? overrides = null)
    {
        var name = context ?? CurrentContext;
        if (string.IsNullOrEmpty(name))
        {
            if (_contexts.Count == 0 && _clusters.Count == 0 && InClusterConfiguration.IsAvailable)
                return InCluster();
            throw NoContext("no context was asked for and the kubeconfig has no current-context");
        }

        if (!_contexts.TryGetValue(name, out var entry))
            throw NoContext($"context \"{name}\" does not exist");
        return new ContextResolution(entry, _clusters, _users, overrides ?? new KubeconfigOverrides()).Resolve();
    }

    /// <summary>Whether the cluster of a context carries a named extension, by which tools mark the clusters that they made.</summary>
    /// <param name="context">The context.</param>
    /// <param name="extension">The extension's name.</param>
    /// <returns><see langword="true"/> when it does.</returns>
    public bool HasClusterExtension(string context, string extension)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!_contexts.TryGetValue(context, out var entry) || !_clusters.TryGetValue(entry.Text("cluster") ?? "", out var cluster))
            return false;
        foreach (var item in cluster.Body.FindArray("extensions") ?? [])
        {
            if (string.Equals(item.FindString("name"), extension, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static Kubeconfig LoadExisting(IReadOnlyList<string> paths)
    {
        var documents = new List<KubeconfigDocument>();
        var read = new List<string>();
        var failures = new List<KubeconfigException>();
        foreach (var path in paths)
        {
            try
            {
                documents.Add(KubeconfigDocument.Parse(File.ReadAllText(path), path));
                read.Add(path);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Missing elements of KUBECONFIG are skipped.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add(new KubeconfigException(KubeconfigProblem.Unreadable, $"the kubeconfig {path} cannot be read: {e.Message}", e) { Path = path });
            }
            catch (KubeconfigException e)
            {
                failures.Add(e);
            }
        }

        return failures.Count switch
        {
            0 => new Kubeconfig(documents, read),
            1 => throw failures[0],
            _ => throw Combine(failures),
        };
    }

    private static KubeconfigException Combine(List<KubeconfigException> failures)
    {
        var messages = new List<string>();
        foreach (var failure in failures)
            messages.Add(failure.Message);
        var first = failures[0];
        return new KubeconfigException(first.Problem, string.Join(Environment.NewLine, messages), new AggregateException(failures))
        {
            Path = first.Path, Line = first.Line, Column = first.Column,
        };
    }

    private static void AddMissing(Dictionary<string, KubeconfigEntry> into, Dictionary<string, KubeconfigEntry> from)
    {
        foreach (var (name, entry) in from)
            into.TryAdd(name, entry);
    }

    private KubeconfigContext Describe(KubeconfigEntry entry)
    {
        var cluster = entry.Text("cluster") ?? "";
        Uri? server = null;
        if (_clusters.TryGetValue(cluster, out var body))
            _ = ContextResolution.TryServer(body, out server);
        return new KubeconfigContext(entry.Name, cluster, entry.Text("user") ?? "", entry.Text("namespace"), server, entry.SourcePath);
    }

    private KubeconfigException NoContext(string problem)
    {
        var names = new List<string>(_contexts.Keys);
        var where = Paths.Count > 0 ? $" in {string.Join(", ", Paths)}" : "";
        var known = names.Count > 0 ? $"; there are: {string.Join(", ", names)}" : "; there are no contexts";
        return new KubeconfigException(KubeconfigProblem.ContextNotFound, problem + where + known)
        {
            Path = Paths.Count > 0 ? Paths[0] : null,
            AvailableContexts = names,
        };
    }
}
