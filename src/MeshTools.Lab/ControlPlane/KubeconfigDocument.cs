using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MeshTools.Lab;

/// <summary>
/// The fields of a kubeconfig that istiod looks at, with client-go's validation (tools/clientcmd/validation.go). The lab reads it
/// itself and not through the client library, so that a mistake there cannot hide behind the same mistake here.
/// </summary>
internal sealed class KubeconfigDocument
{
    public string? CurrentContext { get; private init; }

    public IReadOnlyDictionary<string, Cluster> Clusters { get; private init; } = new Dictionary<string, Cluster>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, User> Users { get; private init; } = new Dictionary<string, User>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Context> Contexts { get; private init; } = new Dictionary<string, Context>(StringComparer.Ordinal);

    /// <summary>Reads YAML or JSON.</summary>
    /// <exception cref="FormatException">Not YAML, not a mapping, or a field of the wrong type.</exception>
    public static KubeconfigDocument Load(byte[] bytes)
    {
        var stream = new YamlStream();
        try
        {
            using var reader = new StringReader(new UTF8Encoding(false, true).GetString(bytes));
            stream.Load(reader);
        }
        catch (YamlException exception)
        {
            throw new FormatException($"yaml: line {exception.Start.Line}: {exception.Message}", exception);
        }
        catch (DecoderFallbackException exception)
        {
            throw new FormatException("yaml: invalid leading UTF-8 octet", exception);
        }

        if (stream.Documents.Count == 0)
        {
            return new KubeconfigDocument();
        }

        if (stream.Documents[0].RootNode is not YamlMappingNode root)
        {
            throw new FormatException("couldn't get version/kind; json parse error: json: cannot unmarshal into Go value of type struct");
        }

        if (Text(root, "kind") is { } kind && kind is not "Config")
        {
            throw new FormatException($"no kind \"{kind}\" is registered for version \"{Text(root, "apiVersion")}\"");
        }

        return new KubeconfigDocument
        {
            CurrentContext = Text(root, "current-context"),
            Clusters = Named(root, "clusters", "cluster", ReadCluster),
            Users = Named(root, "users", "user", ReadUser),
            Contexts = Named(root, "contexts", "context", node => new Context(Text(node, "cluster") ?? "", Text(node, "user") ?? "")),
        };
    }

    /// <summary>What client-go's Validate finds wrong; empty for nothing.</summary>
    public IReadOnlyList<string> Validate()
    {
        if (Clusters.Count == 0 && Users.Count == 0 && Contexts.Count == 0 && string.IsNullOrEmpty(CurrentContext))
        {
            return ["no configuration has been provided, try setting KUBERNETES_MASTER environment variable"];
        }

        var problems = new List<string>();
        if (CurrentContext is { Length: > 0 } current && !Contexts.ContainsKey(current))
        {
            problems.Add("context was not found for specified context: " + current);
        }

        foreach (var (name, context) in Contexts)
        {
            AddReference(problems, "user", context.User, Users.ContainsKey(context.User), name);
            AddReference(problems, "cluster", context.Cluster, Clusters.ContainsKey(context.Cluster), name);
        }

        foreach (var (name, user) in Users)
        {
            if (user.HasToken && user.UserName is not null)
            {
                problems.Add($"more than one authentication method found for {name}; found [token basicAuth], only one is allowed");
            }
        }

        foreach (var (name, cluster) in Clusters)
        {
            if (cluster.Server.Length == 0)
            {
                problems.Add(name.Length == 0 ? "default cluster has no server defined" : $"no server found for cluster \"{name}\"");
            }

            if (cluster is { AuthorityPem: not null, AuthorityPath.Length: > 0 })
            {
                problems.Add(
                    $"certificate-authority-data and certificate-authority are both specified for {name}. certificate-authority-data will override.");
            }
        }

        return problems;
    }

    private static void AddReference(List<string> problems, string kind, string reference, bool found, string context)
    {
        if (reference.Length == 0)
        {
            problems.Add($"{kind} was not specified for context \"{context}\"");
        }
        else if (!found)
        {
            problems.Add($"{kind} \"{reference}\" was not found for context \"{context}\"");
        }
    }

    private static Cluster ReadCluster(YamlMappingNode node) => new()
    {
        Server = Text(node, "server") ?? string.Empty,
        TlsServerName = Text(node, "tls-server-name"),
        SkipVerification = Text(node, "insecure-skip-tls-verify") is "true",
        AuthorityPath = Text(node, "certificate-authority"),
        AuthorityPem = Data(node, "certificate-authority-data"),
        ProxyUrl = Text(node, "proxy-url"),
    };

    private static User ReadUser(YamlMappingNode node)
    {
        var certificate = Data(node, "client-certificate-data");
        var key = Data(node, "client-key-data");
        return new User
        {
            Token = Text(node, "token"),
            TokenFile = Text(node, "tokenFile") is { Length: > 0 },
            ClientCertificatePath = Text(node, "client-certificate") is { Length: > 0 },
            ClientKeyPath = Text(node, "client-key") is { Length: > 0 },
            Exec = Child(node, "exec") is YamlMappingNode,
            AuthProvider = Child(node, "auth-provider") is YamlMappingNode provider ? Text(provider, "name") ?? string.Empty : null,
            UserName = Text(node, "username"),
            Password = Text(node, "password"),
            Credential = certificate is not null && key is not null ? new ClientCredential(certificate, key) : null,
            ImpersonateUser = Text(node, "as"),
            ImpersonateGroups = Child(node, "as-groups") is YamlSequenceNode groups
                ? [.. groups.OfType<YamlScalarNode>().Select(group => group.Value ?? string.Empty)]
                : [],
        };
    }

    private static Dictionary<string, T> Named<T>(YamlMappingNode root, string list, string item, Func<YamlMappingNode, T> read)
    {
        var result = new Dictionary<string, T>(StringComparer.Ordinal);
        var node = Child(root, list);
        if (node is null or YamlScalarNode { Value: null or "" or "null" or "~" })
        {
            return result;
        }

        if (node is not YamlSequenceNode entries)
        {
            throw new FormatException($"json: cannot unmarshal into Go struct field Config.{list} of type []v1.Named");
        }

        foreach (var entry in entries.OfType<YamlMappingNode>())
        {
            // client-go keeps the first of two entries with one name.
            result.TryAdd(Text(entry, "name") ?? string.Empty, read(Child(entry, item) as YamlMappingNode ?? new YamlMappingNode()));
        }

        return result;
    }

    private static YamlNode? Child(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private static string? Text(YamlMappingNode node, string key) => Child(node, key) switch
    {
        null => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" } => null,
        YamlScalarNode scalar => scalar.Value,
        _ => throw new FormatException($"json: cannot unmarshal object into Go struct field .{key} of type string"),
    };

    private static string? Data(YamlMappingNode node, string key)
    {
        if (Text(node, key) is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException exception)
        {
            throw new FormatException("illegal base64 data at input byte 0", exception);
        }
    }

    internal sealed record Context(string Cluster, string User);

    internal sealed class Cluster
    {
        public required string Server { get; init; }

        public string? TlsServerName { get; init; }

        public bool SkipVerification { get; init; }

        public string? AuthorityPath { get; init; }

        public string? AuthorityPem { get; init; }

        public string? ProxyUrl { get; init; }
    }

    internal sealed class User
    {
        public string? Token { get; init; }

        public bool HasToken => Token is { Length: > 0 } || TokenFile;

        public bool TokenFile { get; init; }

        public bool ClientCertificatePath { get; init; }

        public bool ClientKeyPath { get; init; }

        public bool Exec { get; init; }

        public string? AuthProvider { get; init; }

        public string? UserName { get; init; }

        public string? Password { get; init; }

        public ClientCredential? Credential { get; init; }

        public string? ImpersonateUser { get; init; }

        public IReadOnlyList<string> ImpersonateGroups { get; init; } = [];
    }
}
