using System.Collections.Concurrent;

namespace MeshTools.Kubernetes;

/// <summary>
/// One credential per plugin configuration and cluster, for the whole process, as client-go keeps it (plugin/pkg/client/auth/exec):
/// several clients of one cluster must not each start a plugin that may ask a person to log in.
/// </summary>
internal sealed class ExecCredentialCache
{
    private readonly ConcurrentDictionary<string, ExecCredential> _entries = new(StringComparer.Ordinal);

    internal static ExecCredentialCache Process { get; } = new();

    internal ExecCredential Get(ExecPlugin plugin, Uri server) =>
        _entries.GetOrAdd(plugin.CacheKey(server), static (_, p) => new ExecCredential(p), plugin);
}
