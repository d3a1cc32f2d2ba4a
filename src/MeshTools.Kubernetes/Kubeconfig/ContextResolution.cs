using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>Turns a context's entries into a configuration, with the checks of client-go clientcmd/validation.go.</summary>
internal sealed class ContextResolution
{
    private const string ExecExtension = "client.authentication.k8s.io/exec";

    private readonly KubeconfigEntry _context;
    private readonly KubeconfigEntry _cluster;
    private readonly KubeconfigEntry _user;
    private readonly KubeconfigOverrides _overrides;

    internal ContextResolution(
        KubeconfigEntry context,
        Dictionary<string, KubeconfigEntry> clusters,
        Dictionary<string, KubeconfigEntry> users,
        KubeconfigOverrides overrides)
    {
        _context = context;
        _overrides = overrides;
        var cluster = overrides.Cluster ?? context.Text("cluster")
            ?? throw context.Invalid($"cluster was not specified for context \"{context.Name}\"");
        _cluster = clusters.TryGetValue(cluster, out var found)
            ? found
            : throw context.Invalid($"cluster \"{cluster}\" was not found for context \"{context.Name}\"");

        var user = overrides.User ?? context.Text("user");
        _user = user is null
            ? new KubeconfigEntry("", [], context.SourcePath)
            : users.TryGetValue(user, out var entry) ? entry : throw context.Invalid($"user \"{user}\" was not found for context \"{context.Name}\"");
    }

    internal ClientConfiguration Resolve()
    {
        var server = _overrides.Server ?? Server();
        var authority = _cluster.Data("certificate-authority-data", "certificate-authority");
        var skip = _cluster.Flag("insecure-skip-tls-verify");
        if (skip && authority is not null)
        {
            throw _cluster.Invalid(
                $"cluster \"{_cluster.Name}\": specifying a root certificates file with the insecure flag is not allowed");
        }

        var proxy = _overrides.Proxy ?? Proxy();
        return new ClientConfiguration
        {
            Server = server,
            TlsServerName = _overrides.TlsServerName ?? _cluster.Text("tls-server-name"),
            CertificateAuthorityPem = authority is null ? null : Encoding.UTF8.GetString(authority),
            SkipTlsVerify = skip,
            Proxy = proxy,
            DisableCompression = _cluster.Flag("disable-compression"),
            Credentials = Credentials(server),
            Impersonation = _overrides.Impersonation ?? Impersonated(),
            Namespace = _overrides.Namespace ?? _context.Text("namespace") ?? "default",
            ContextName = _context.Name,
            KubeconfigPath = _context.SourcePath,
        };
    }

    /// <summary>A server without a scheme is https where TLS is configured, else http (client-go rest/url_utils.go).</summary>
    internal static bool TryServer(KubeconfigEntry cluster, out Uri? server)
    {
        server = null;
        if (cluster.Text("server") is not { } text)
            return false;
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            var tls = cluster.Flag("insecure-skip-tls-verify") || cluster.Text("certificate-authority") is not null
                || cluster.Text("certificate-authority-data") is not null;
            text = (tls ? "https://" : "http://") + text;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("https" or "http") || parsed.UserInfo.Length > 0)
            return false;
        server = parsed;
        return true;
    }

    private Uri Server()
    {
        if (_cluster.Text("server") is null)
            throw _cluster.Invalid($"cluster \"{_cluster.Name}\" has no server defined");

        // The text may hold a password, so it is not repeated.
        return TryServer(_cluster, out var server) ? server! : throw _cluster.Invalid($"cluster \"{_cluster.Name}\": server is no http or https URL, or one with a user name");
    }

    private Uri? Proxy()
    {
        if (_cluster.Text("proxy-url") is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5" or "socks5h")
            return proxy;

        // The URL may hold a password, so it is not repeated.
        throw _cluster.Invalid($"cluster \"{_cluster.Name}\": proxy-url must be an http, https or socks5 URL");
    }

    private Impersonation? Impersonated()
    {
        var groups = _user.Body.FindStrings("as-groups");
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (_user.Body["as-user-extra"] is JsonObject map)
        {
            foreach (var (key, _) in map)
                extra[key] = map.FindStrings(key);
        }

        var uid = _user.Text("as-uid");
        if (_user.Text("as") is { } user)
            return new Impersonation(user) { Uid = uid, Groups = groups, Extra = extra };
        return uid is null && groups.Length == 0 && extra.Count == 0
            ? null
            : throw _user.Invalid($"requesting uid, groups or user-extra for {_user.Name} without impersonating a user");
    }

    private ICredentialSource Credentials(Uri server)
    {
        var token = _user.Text("token");
        var tokenFile = _user.FilePath("tokenFile");
        var userName = _user.Text("username");
        var password = _user.Text("password");
        var basic = userName is not null || password is not null;
        var certificate = HasCertificate();
        var exec = _user.Body["exec"] as JsonObject;
        if (basic && (token is not null || tokenFile is not null))
            throw _user.Invalid($"more than one authentication method found for {_user.Name}; found [token, basicAuth], only one is allowed");
        if (_user.Body["auth-provider"] is JsonObject provider && exec is null && token is null && tokenFile is null && !basic && !certificate)
        {
            throw _user.Invalid(
                $"user \"{_user.Name}\" uses the auth-provider {provider.FindString("name")}, which Kubernetes has removed; use a credential plugin (exec)");
        }

        // An exec entry is checked even where another credential takes precedence over it.
        var plugin = exec is null ? null : Plugin(exec, server);
        ICredentialSource bearer = FixedCredential.Anonymous;
        if (tokenFile is not null)
            bearer = new TokenFileCredential(tokenFile, token);
        else if (token is not null)
            bearer = new FixedCredential(Credential.Bearer(token));
        else if (basic)
            bearer = new FixedCredential(Credential.Basic(userName ?? "", password ?? ""));
        else if (plugin is not null && !certificate)
            return ExecCredentialCache.Process.Get(plugin, server);

        return certificate ? new ClientCertificateCredential(LoadCertificate, bearer) : bearer;
    }

    private bool HasCertificate()
    {
        var certificate = _user.Text("client-certificate-data") ?? _user.Text("client-certificate");
        var key = _user.Text("client-key-data") ?? _user.Text("client-key");
        if (certificate is null && key is null)
            return false;
        if (certificate is null)
            throw _user.Invalid($"client-key of {_user.Name} is given without a client-certificate");
        return key is not null
            ? true
            : throw _user.Invalid($"client-key-data or client-key must be specified for {_user.Name} to use the clientCert authentication method");
    }

    private ClientCertificate LoadCertificate() => ClientCertificate.FromPem(
        _user.Data("client-certificate-data", "client-certificate") ?? [],
        _user.Data("client-key-data", "client-key") ?? [],
        $"user \"{_user.Name}\"");

    private ExecPlugin Plugin(JsonObject exec, Uri server)
    {
        var command = exec.FindString("command");
        if (string.IsNullOrEmpty(command))
            throw _user.Invalid($"command must be specified for {_user.Name} to use exec authentication plugin");
        var apiVersion = exec.FindString("apiVersion");
        if (string.IsNullOrEmpty(apiVersion))
            throw _user.Invalid($"apiVersion must be specified for {_user.Name} to use exec authentication plugin");
        var hint = exec.FindString("installHint") is { Length: > 0 } text ? WithoutControls(text) : null;
        if (apiVersion is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
        {
            throw new ExecPluginException(
                command, ExecPluginProblem.UnsupportedVersion, $"the credential plugin of {_user.Name} is configured for {apiVersion}; client.authentication.k8s.io/v1 and v1beta1 are supported")
            {
                ContextName = _context.Name, InstallHint = hint,
            };
        }

        // As client-go: only a command with a separator is a path, and that is relative to the kubeconfig.
        if (command.Contains('/', StringComparison.Ordinal) || command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
            command = _user.Resolve(command);
        return new ExecPlugin
        {
            Command = command,
            ApiVersion = apiVersion,
            Arguments = exec.FindStrings("args"),
            Environment = Variables(exec),
            InstallHint = hint,
            InteractiveMode = Mode(exec, apiVersion),
            ClusterInfo = exec.FindBoolean("provideClusterInfo") is true ? ClusterInfo(server) : null,
        };
    }

    private List<KeyValuePair<string, string>> Variables(JsonObject exec)
    {
        var result = new List<KeyValuePair<string, string>>();
        foreach (var item in exec.FindArray("env") ?? [])
        {
            if (item.FindString("name") is not { Length: > 0 } name)
                throw _user.Invalid($"env variable name must be specified for {_user.Name} to use exec authentication plugin");
            result.Add(new(name, item.FindString("value") ?? ""));
        }

        return result;
    }

    private ExecInteractiveMode Mode(JsonObject exec, string apiVersion) => exec.FindString("interactiveMode") switch
    {
        "Never" => ExecInteractiveMode.Never,
        "IfAvailable" => ExecInteractiveMode.IfAvailable,
        "Always" => ExecInteractiveMode.Always,
        null or "" when apiVersion.EndsWith("/v1beta1", StringComparison.Ordinal) => ExecInteractiveMode.IfAvailable,
        null or "" => throw _user.Invalid($"interactiveMode must be specified for {_user.Name} to use exec authentication plugin"),
        var other => throw _user.Invalid($"invalid interactiveMode for {_user.Name}: \"{other}\""),
    };

    private JsonObject ClusterInfo(Uri server)
    {
        var info = new JsonObject { ["server"] = server.AbsoluteUri.TrimEnd('/') };
        if ((_overrides.TlsServerName ?? _cluster.Text("tls-server-name")) is { } name)
            info["tls-server-name"] = name;
        if (_cluster.Flag("insecure-skip-tls-verify"))
            info["insecure-skip-tls-verify"] = true;
        if (_cluster.Data("certificate-authority-data", "certificate-authority") is { } authority)
            info["certificate-authority-data"] = Convert.ToBase64String(authority);
        if ((_overrides.Proxy?.OriginalString ?? _cluster.Text("proxy-url")) is { } proxy)
            info["proxy-url"] = proxy;
        if (_cluster.Flag("disable-compression"))
            info["disable-compression"] = true;
        foreach (var extension in _cluster.Body.FindArray("extensions") ?? [])
        {
            if (extension.FindString("name") is ExecExtension && extension.Find("extension") is { } config)
                info["config"] = config.DeepClone();
        }

        return info;
    }

    private static string WithoutControls(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsControl(c) || c is '\n' or '\t')
                result.Append(c);
        }

        return result.ToString();
    }
}
