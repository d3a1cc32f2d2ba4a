using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Discovery;

namespace MeshTools.Cmdlets;

/// <summary>Finds installed remote secrets in several clusters, each of which may be what the secrets of the others lead to.</summary>
internal static class RemoteSecretSearch
{
    internal static async Task<IReadOnlyList<IReadOnlyList<RemoteSecret>>> FindAsync(
        IReadOnlyList<MeshCluster> clusters, string controlPlaneNamespace, int limit, PipelineSink sink, CancellationToken cancellationToken)
    {
        var known = await sink.EachAsync(clusters, limit, cluster => cluster, (cluster, stop) => ClusterProbe.EnsureAsync(cluster, controlPlaneNamespace, sink, stop), cancellationToken)
            .ConfigureAwait(false);
        return await sink.EachAsync(
            known, limit, cluster => cluster, (cluster, stop) => InstalledSecrets.FindAsync(cluster, controlPlaneNamespace, known, sink, stop), cancellationToken)
            .ConfigureAwait(false);
    }

    internal static Func<string, bool> Matching(IEnumerable<string> patterns)
    {
        WildcardPattern[] wildcards = [.. patterns.Select(pattern => new WildcardPattern(pattern, WildcardOptions.CultureInvariant))];
        return text => Array.Exists(wildcards, wildcard => wildcard.IsMatch(text));
    }
}
