using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>The matrix of links as it is: which remote secrets are there, and what every istiod replica makes of them. Only reads.</summary>
public static class EndpointDiscoveryStatus
{
    /// <summary>Looks at every ordered pair of clusters, and at secrets that lead to clusters outside the set.</summary>
    /// <param name="clusters">The clusters.</param>
    /// <param name="controlPlaneNamespace">The control planes' namespace.</param>
    /// <param name="throttleLimit">Clusters that are asked at once.</param>
    /// <param name="log">Takes warnings and failures.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The links, reader by reader as they answer. Those of a reader that fails have the reason.</returns>
    /// <exception cref="MeshException"><c>DuplicateCluster</c> or <c>DuplicateClusterId</c>.</exception>
    public static async IAsyncEnumerable<EndpointDiscoveryLink> GetAsync(
        IReadOnlyList<MeshCluster> clusters,
        string controlPlaneNamespace,
        int throttleLimit,
        IOperationLog log,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        ArgumentNullException.ThrowIfNull(log);
        var set = await ClusterSet.CreateAsync(clusters, controlPlaneNamespace, throttleLimit, log, cancellationToken).ConfigureAwait(false);
        await foreach (var links in FanOut.RunAsync(
            set.Members, throttleLimit, (reader, token) => ReadAsync(reader, set, controlPlaneNamespace, log, token), cancellationToken).ConfigureAwait(false))
        {
            foreach (var link in links)
                yield return link;
        }
    }

    private static async Task<IReadOnlyList<EndpointDiscoveryLink>> ReadAsync(
        MeshCluster reader, ClusterSet set, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        MeshCluster[] targets = [.. set.Members.Where(cluster => cluster.Entry() != reader.Entry())];
        if (set.Failures.TryGetValue(reader.Entry(), out var known))
            return Unreadable(reader, targets, known);
        try
        {
            var secrets = await ReaderState.ListSecretsAsync(reader, ns, cancellationToken).ConfigureAwait(false);
            var installed = InstalledSecrets.Read(reader, ns, secrets, targets);
            // What is missing here may lie in a namespace where istiod does not look.
            if (Array.Exists(targets, target => installed.All(secret => secret.SourceCluster?.Entry() != target.Entry())))
                installed = await InstalledSecrets.FindAsync(reader, ns, targets, log, cancellationToken).ConfigureAwait(false);
            var views = await ViewsAsync(reader, ns, log, cancellationToken).ConfigureAwait(false);
            return
            [
                .. targets.Select(target => Link(reader, target, installed, views)),
                .. installed.Where(secret => secret.SourceCluster is null && !string.Equals(secret.ClusterId, reader.ClusterId, StringComparison.Ordinal))
                    .Select(secret => Describe(new EndpointDiscoveryLink(reader, null, secret.ClusterId), secret, views)),
            ];
        }
        catch (KubernetesException e)
        {
            log.Failed(e, reader);
            return Unreadable(reader, targets, e);
        }
    }

    private static async Task<IReadOnlyList<ReplicaView>> ViewsAsync(MeshCluster reader, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        try
        {
            return await IstiodDebug.GetRemoteClustersAsync(reader, ns, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is MeshException or KubernetesApiException { IsForbidden: true })
        {
            log.Warning($"{ErrorCatalog.Describe(e, reader).Message}; the secrets are shown without their sync status.");
            return [];
        }
    }

    private static EndpointDiscoveryLink Link(
        MeshCluster reader, MeshCluster target, IReadOnlyList<RemoteSecret> installed, IReadOnlyList<ReplicaView> views)
    {
        var link = new EndpointDiscoveryLink(reader, target, RemoteSecret.ClusterIdOf(target));
        var candidates = installed.Where(secret => secret.SourceCluster?.Entry() == target.Entry()).OrderBy(secret => secret.Problems.Count).ToArray();
        return candidates.Length == 0 ? link with { Reason = "no remote secret" } : Describe(link, candidates[0], views);
    }

    private static EndpointDiscoveryLink Describe(EndpointDiscoveryLink link, RemoteSecret secret, IReadOnlyList<ReplicaView> views)
    {
        var seen = (link with { ClusterId = secret.ClusterId, SecretName = secret.Name, Server = secret.Server }).WithViews(views);
        string?[] reasons =
        [
            link.Target is null ? "leads to a cluster that was not given" : null,
            .. secret.Problems,
            .. seen.Replicas.Where(replica => replica.Status is not EndpointDiscoveryLink.Synced).Select(replica => replica.ToString()),
        ];
        return seen with { Reason = string.Join("; ", reasons.OfType<string>()) is { Length: > 0 } text ? text : null };
    }

    private static EndpointDiscoveryLink[] Unreadable(MeshCluster reader, IEnumerable<MeshCluster> targets, Exception failure) =>
    [
        .. targets.Select(target => new EndpointDiscoveryLink(reader, target, RemoteSecret.ClusterIdOf(target))
        {
            SyncStatus = EndpointDiscoveryLink.Unknown, Reason = ErrorCatalog.Describe(failure, reader).Message,
        }),
    ];
}
