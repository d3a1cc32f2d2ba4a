using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>When a credential plugin may read from the terminal.</summary>
internal enum ExecInteractiveMode
{
    IfAvailable,
    Never,
    Always,
}

/// <summary>A credential plugin as a kubeconfig configures it. A class, not a record: its arguments and environment may be secret.</summary>
internal sealed class ExecPlugin
{
    internal required string Command { get; init; }

    internal required string ApiVersion { get; init; }

    internal IReadOnlyList<string> Arguments { get; init; } = [];

    internal IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    internal string? InstallHint { get; init; }

    internal ExecInteractiveMode InteractiveMode { get; init; }

    /// <summary><c>spec.cluster</c> of what the plugin is told; null unless the kubeconfig has <c>provideClusterInfo</c>.</summary>
    internal JsonObject? ClusterInfo { get; init; }

    /// <summary>Equal for plugins whose credentials are interchangeable: same configuration and same cluster.</summary>
    internal string CacheKey(Uri server)
    {
        var environment = new JsonObject();
        foreach (var (name, value) in Environment)
            environment[name] = value;
        return JsonAccess.ToJson(new JsonObject
        {
            ["command"] = Command,
            ["apiVersion"] = ApiVersion,
            ["args"] = JsonAccess.ToJsonArray(Arguments),
            ["env"] = environment,
            ["mode"] = InteractiveMode.ToString(),
            ["server"] = server.AbsoluteUri,
            ["cluster"] = ClusterInfo?.DeepClone(),
        });
    }
}
