using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>
/// Edits a kubeconfig file. Fields this library does not know survive; comments do not, as with kubectl. Changes are collected and made by
/// <see cref="Save"/>, on the file as it is then, so that what another program wrote meanwhile is not lost.
/// </summary>
public sealed class KubeconfigFile
{
    private readonly List<Action<JsonObject>> _edits = [];
    private JsonObject _tree;

    private KubeconfigFile(string path, JsonObject tree)
    {
        Path = path;
        _tree = tree;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The file's contexts, changes included.</summary>
    public IReadOnlyList<string> ContextNames => NamesOf("contexts");

    /// <summary>The file's clusters, changes included.</summary>
    public IReadOnlyList<string> ClusterNames => NamesOf("clusters");

    /// <summary>The file's users, changes included.</summary>
    public IReadOnlyList<string> UserNames => NamesOf("users");

    /// <summary>The current context, changes included.</summary>
    public string? CurrentContext => _tree.FindString("current-context") is { Length: > 0 } name ? name : null;

    /// <summary>Opens a file; one that does not exist begins empty.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The file's content, to be changed.</returns>
    /// <exception cref="KubeconfigException">It cannot be read or parsed.</exception>
    public static KubeconfigFile Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new KubeconfigFile(path, ReadTree(path));
    }

    /// <summary>Adds or changes a cluster; other fields of an existing one stay.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="server">Its server.</param>
    /// <param name="certificateAuthorityPem">Its authorities, PEM; <see langword="null"/> for those the system trusts.</param>
    /// <param name="tlsServerName">The name its certificate is for; <see langword="null"/> for the server's host.</param>
    public void SetCluster(string name, Uri server, string? certificateAuthorityPem = null, string? tlsServerName = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        SetEntry("clusters", "cluster", name, body =>
        {
            body["server"] = server.AbsoluteUri.TrimEnd('/');
            Put(body, "certificate-authority-data", certificateAuthorityPem is null ? null : Base64(certificateAuthorityPem));
            body.Remove("certificate-authority");
            if (certificateAuthorityPem is not null)
                body.Remove("insecure-skip-tls-verify");
            Put(body, "tls-server-name", tlsServerName);
        });
    }

    /// <summary>Adds a user with a bearer token, or gives an existing one this credential in place of its others.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="token">The token.</param>
    public void SetUserToken(string name, string token)
    {
        ArgumentException.ThrowIfNullOrEmpty(token);
        SetEntry("users", "user", name, body =>
        {
            ClearCredentials(body);
            body["token"] = token;
        });
    }

    /// <summary>Adds a user with a client certificate, or gives an existing one this credential in place of its others.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="certificatePem">The certificate, PEM, its chain behind it.</param>
    /// <param name="keyPem">The key, PEM.</param>
    public void SetUserCertificate(string name, string certificatePem, string keyPem)
    {
        ArgumentException.ThrowIfNullOrEmpty(certificatePem);
        ArgumentException.ThrowIfNullOrEmpty(keyPem);
        SetEntry("users", "user", name, body =>
        {
            ClearCredentials(body);
            body["client-certificate-data"] = Base64(certificatePem);
            body["client-key-data"] = Base64(keyPem);
        });
    }

    /// <summary>Adds a user, or replaces an existing one whole.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="user">Its body as in the file, for example with <c>exec</c>.</param>
    public void SetUser(string name, JsonObject user)
    {
        ArgumentNullException.ThrowIfNull(user);
        var copy = (JsonObject)user.DeepClone();
        SetEntry("users", "user", name, body =>
        {
            body.Clear();
            foreach (var (field, value) in copy)
                body[field] = value?.DeepClone();
        });
    }

    /// <summary>Adds or changes a context; other fields of an existing one stay.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cluster">The name of its cluster.</param>
    /// <param name="user">The name of its user.</param>
    /// <param name="namespace">Its namespace; <see langword="null"/> for none.</param>
    public void SetContext(string name, string cluster, string user, string? @namespace = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(cluster);
        ArgumentNullException.ThrowIfNull(user);
        SetEntry("contexts", "context", name, body =>
        {
            body["cluster"] = cluster;
            body["user"] = user;
            Put(body, "namespace", @namespace);
        });
    }

    /// <summary>Makes a context the current one.</summary>
    /// <param name="name">Its name; <see langword="null"/> for none.</param>
    public void SetCurrentContext(string? name) => Edit(tree => tree["current-context"] = name ?? "");

    /// <summary>Removes a context, and its cluster and user where no other context names them.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Whether it was there.</returns>
    public bool RemoveContext(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var there = FindEntry(_tree, "contexts", name) is not null;
        Edit(tree =>
        {
            var body = FindEntry(tree, "contexts", name)?["context"];
            RemoveEntry(tree, "contexts", name);
            RemoveUnused(tree, "clusters", "cluster", body.FindString("cluster"));
            RemoveUnused(tree, "users", "user", body.FindString("user"));
            if (string.Equals(tree.FindString("current-context"), name, StringComparison.Ordinal))
                tree["current-context"] = "";
        });
        return there;
    }

    /// <summary>
    /// Writes the changes: under the lock file that kubectl uses (<c>PATH.lock</c>), into a new file that only its owner may read and that takes the old one's
    /// place in one step. A symbolic link stays one.
    /// </summary>
    /// <exception cref="KubeconfigException">The lock is held, or the file cannot be read or written.</exception>
    public void Save()
    {
        var target = ResolveLink(Path);
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(target))!);
            using var held = KubeconfigLock.Take(target);
            var tree = ReadTree(target);
            foreach (var edit in _edits)
                edit(tree);
            WriteAtomically(target, KubernetesYaml.Write(tree));
            _tree = tree;
            _edits.Clear();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException(KubeconfigProblem.Unreadable, $"the kubeconfig {Path} cannot be written: {e.Message}", e) { Path = Path };
        }
    }

    private static void ClearCredentials(JsonObject body)
    {
        foreach (var field in (ReadOnlySpan<string>)
            ["token", "tokenFile", "username", "password", "client-certificate", "client-certificate-data", "client-key", "client-key-data", "exec", "auth-provider"])
            body.Remove(field);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static void Put(JsonObject body, string field, string? value)
    {
        if (value is null)
            body.Remove(field);
        else
            body[field] = value;
    }

    private static JsonObject ReadTree(string path)
    {
        JsonObject tree;
        try
        {
            tree = File.Exists(path) ? KubeconfigDocument.ParseTree(File.ReadAllText(path), path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException(KubeconfigProblem.Unreadable, $"the kubeconfig {path} cannot be read: {e.Message}", e) { Path = path };
        }

        if (!tree.ContainsKey("apiVersion"))
            tree["apiVersion"] = "v1";
        if (!tree.ContainsKey("kind"))
            tree["kind"] = "Config";
        return tree;
    }

    private static JsonObject? FindEntry(JsonObject tree, string list, string name)
    {
        foreach (var item in tree[list] as JsonArray ?? [])
        {
            if (item is JsonObject entry && string.Equals(entry.FindString("name"), name, StringComparison.Ordinal))
                return entry;
        }

        return null;
    }

    private static void RemoveEntry(JsonObject tree, string list, string name)
    {
        if (FindEntry(tree, list, name) is { } entry)
            (tree[list] as JsonArray)?.Remove(entry);
    }

    private static void RemoveUnused(JsonObject tree, string list, string field, string? name)
    {
        if (name is null)
            return;
        foreach (var context in tree["contexts"] as JsonArray ?? [])
        {
            if (string.Equals(context.FindString("context", field), name, StringComparison.Ordinal))
                return;
        }

        RemoveEntry(tree, list, name);
    }

    private static string ResolveLink(string path) =>
        File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : path;

    private static void WriteAtomically(string path, string text)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private List<string> NamesOf(string list)
    {
        var names = new List<string>();
        foreach (var item in _tree[list] as JsonArray ?? [])
        {
            if (item.FindString("name") is { } name)
                names.Add(name);
        }

        return names;
    }

    private void SetEntry(string list, string bodyField, string name, Action<JsonObject> change)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Edit(tree =>
        {
            var entry = FindEntry(tree, list, name);
            if (entry is null)
            {
                if (tree[list] is not JsonArray array)
                    tree[list] = array = [];
                entry = new JsonObject { ["name"] = name, [bodyField] = new JsonObject() };
                array.Add((JsonNode)entry);
            }

            if (entry[bodyField] is not JsonObject body)
                entry[bodyField] = body = [];
            change(body);
        });
    }

    private void Edit(Action<JsonObject> edit)
    {
        edit(_tree);
        _edits.Add(edit);
    }
}
