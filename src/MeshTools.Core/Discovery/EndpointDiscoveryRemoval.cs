using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>
/// How clusters leave: the remote secrets for them at the others, the remote secrets for the others at them, and their reader tokens. Creating the plan only reads.
/// </summary>
public sealed class EndpointDiscoveryRemoval
{
    private readonly IReadOnlyList<Parting> _partings;
    private readonly IReadOnlyList<SecretRemoval> _tokens;
    private readonly EndpointDiscoveryOptions _options;

    private EndpointDiscoveryRemoval(IReadOnlyList<Parting> partings, IReadOnlyList<SecretRemoval> tokens, EndpointDiscoveryOptions options)
    {
        _partings = partings;
        _tokens = tokens;
        _options = options;
    }

    /// <summary>What would be removed: first the remote secrets, then the tokens.</summary>
    public IReadOnlyList<PlannedChange> Changes =>
        [.. _partings.SelectMany(parting => parting.Removals).Select(removal => removal.Change), .. _tokens.Select(removal => removal.Change)];

    /// <summary>Looks at all clusters in parallel. Nothing is written.</summary>
    /// <param name="leaving">The clusters that leave.</param>
    /// <param name="staying">The other clusters of the mesh.</param>
    /// <param name="options">Namespace, service account and limits.</param>
    /// <param name="log">Takes failures: a cluster that does not answer is left as it is.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException"><c>TooFewClusters</c>, <c>DuplicateCluster</c> or <c>DuplicateClusterId</c>.</exception>
    public static async Task<EndpointDiscoveryRemoval> CreateAsync(
        IReadOnlyList<MeshCluster> leaving,
        IReadOnlyList<MeshCluster> staying,
        EndpointDiscoveryOptions options,
        IOperationLog log,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(leaving);
        ArgumentNullException.ThrowIfNull(staying);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        MeshCluster[] all = [.. leaving.Concat(staying).DistinctBy(cluster => cluster.Entry())];
        if (leaving.Count == 0 || all.Length < 2)
        {
            throw new MeshException(
                ErrorCatalog.TooFewClusters,
                leaving.Count == 0 ? "there is no cluster that leaves" : $"there is no other cluster that {leaving[0].Name} could leave",
                recommendedAction: "Name the other clusters of the mesh with -Peer: their secrets for the leaving cluster have to go as well.");
        }

        var set = await ClusterSet.CreateAsync(all, options.Namespace, options.ThrottleLimit, log, cancellationToken).ConfigureAwait(false);
        var gone = leaving.Select(cluster => cluster.Entry()).ToHashSet();
        var failures = new ConcurrentDictionary<(string, string?), Exception>(set.Failures);
        var secrets = new ConcurrentDictionary<(string, string?), IReadOnlyList<KubernetesObject>>();
        await Parallel.ForEachAsync(
            set.Members.Where(cluster => !set.Failures.ContainsKey(cluster.Entry())),
            new ParallelOptions { MaxDegreeOfParallelism = options.ThrottleLimit, CancellationToken = cancellationToken },
            async (cluster, token) =>
            {
                try
                {
                    secrets[cluster.Entry()] = await ReaderState.ListSecretsAsync(cluster, options.Namespace, token).ConfigureAwait(false);
                }
                catch (KubernetesException e)
                {
                    failures[cluster.Entry()] = e;
                    log.Failed(e, cluster);
                }
            }).ConfigureAwait(false);
        Parting[] partings =
        [
            .. from reader in set.Members
               from target in set.Members
               where reader.Entry() != target.Entry() && (gone.Contains(reader.Entry()) || gone.Contains(target.Entry()))
               select Part(reader, target, failures, secrets),
        ];
        SecretRemoval[] tokens =
        [
            .. set.Members.Where(cluster => gone.Contains(cluster.Entry()) && secrets.ContainsKey(cluster.Entry()))
                .SelectMany(cluster => SecretRemoval.Tokens(cluster, secrets[cluster.Entry()], options.ServiceAccount)),
        ];
        return new EndpointDiscoveryRemoval(partings, tokens, options);
    }

    /// <summary>Removes the links, then the tokens.</summary>
    /// <param name="approved">Which changes may be made.</param>
    /// <param name="log">Takes milestones, progress and failures.</param>
    /// <param name="cancellationToken">Cancels everything that is under way.</param>
    /// <returns>One link for every ordered pair that had a remote secret, or that could not be looked at.</returns>
    public async IAsyncEnumerable<EndpointDiscoveryLink> ExecuteAsync(
        Func<PlannedChange, bool> approved, IOperationLog log, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        Parting[] partings = [.. _partings.Where(parting => parting.Failure is not null || parting.Removals.Count > 0)];
        var done = 0;
        await foreach (var link in FanOut.RunAsync(
            partings, _options.ThrottleLimit, (parting, token) => RemoveAsync(parting, approved, log, token), cancellationToken).ConfigureAwait(false))
        {
            log.Progress(new OperationProgress("Disabling endpoint discovery", link.ToString(), ++done, partings.Length));
            yield return link;
        }

        await foreach (var failed in FanOut.RunAsync(
            [.. _tokens.Where(token => approved(token.Change))], _options.ThrottleLimit, (token, ct) => RevokeAsync(token, log, ct), cancellationToken)
            .ConfigureAwait(false))
        {
            if (failed is not null)
                log.Failed(failed.Value.Error, failed.Value.Cluster);
        }
    }

    private static Parting Part(
        MeshCluster reader,
        MeshCluster target,
        ConcurrentDictionary<(string, string?), Exception> failures,
        ConcurrentDictionary<(string, string?), IReadOnlyList<KubernetesObject>> secrets)
    {
        var id = RemoteSecret.ClusterIdOf(target);
        var link = new EndpointDiscoveryLink(reader, target, id);
        if (!secrets.TryGetValue(reader.Entry(), out var there))
            return new Parting(link, [], failures[reader.Entry()]);
        // Entries under another ID that lead to the same server are that cluster's, too.
        var keys = InstalledSecrets.Read(reader, there.FirstOrDefault()?.Namespace ?? "", there, [target])
            .Where(secret => secret.SourceCluster is not null).Select(secret => (secret.Name, secret.ClusterId)).ToHashSet();
        SecretRemoval[] removals = [.. SecretRemoval.RemoteSecrets(reader, there, (name, key) => keys.Contains((name, key)))];
        return new Parting(link with { SecretName = removals.FirstOrDefault()?.Change.Object.Name }, removals, null);
    }

    private static async Task<EndpointDiscoveryLink> RemoveAsync(
        Parting parting, Func<PlannedChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        if (parting.Failure is { } known)
            return parting.Link with { Change = ChangeOutcome.Failed, Reason = ErrorCatalog.Describe(known, parting.Link.Reader).Message };
        try
        {
            foreach (var removal in parting.Removals)
            {
                if (!approved(removal.Change))
                    return parting.Link with { Reason = "declined" };
                await removal.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            }

            log.Verbose($"{parting.Link}: removed {parting.Link.SecretName}");
            return parting.Link with { Change = ChangeOutcome.Removed };
        }
        catch (KubernetesException e)
        {
            var link = parting.Link with { Change = ChangeOutcome.Failed, Reason = ErrorCatalog.Describe(e, parting.Link.Reader).Message };
            log.Failed(e, link);
            return link;
        }
    }

    private static async Task<(Exception Error, MeshCluster Cluster)?> RevokeAsync(SecretRemoval token, IOperationLog log, CancellationToken cancellationToken)
    {
        try
        {
            await token.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            log.Verbose($"{token.Change.Cluster.Name}: removed {token.Change.Object}");
            return null;
        }
        catch (KubernetesException e)
        {
            return (e, token.Change.Cluster);
        }
    }

    private sealed record Parting(EndpointDiscoveryLink Link, IReadOnlyList<SecretRemoval> Removals, Exception? Failure);
}
