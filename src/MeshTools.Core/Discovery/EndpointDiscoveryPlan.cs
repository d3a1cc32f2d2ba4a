using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Managed;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>
/// How clusters come to read each other's endpoints: every cluster is looked at, then each target's credential is made once, then one remote secret is
/// applied for every ordered link. Creating the plan only reads.
/// </summary>
public sealed class EndpointDiscoveryPlan
{
    private const string Activity = "Enabling endpoint discovery";
    private readonly EndpointDiscoveryOptions _options;
    private readonly Dictionary<(string, string?), RemoteSecretPlan> _credentials;
    private readonly IReadOnlyDictionary<(string, string?), Exception> _failures;
    private readonly List<LinkPlan> _links;

    private EndpointDiscoveryPlan(
        IReadOnlyList<MeshCluster> clusters,
        EndpointDiscoveryOptions options,
        Dictionary<(string, string?), RemoteSecretPlan> credentials,
        IReadOnlyDictionary<(string, string?), Exception> failures,
        List<LinkPlan> links)
    {
        Clusters = clusters;
        _options = options;
        _credentials = credentials;
        _failures = failures;
        _links = links;
    }

    /// <summary>The clusters, probed.</summary>
    public IReadOnlyList<MeshCluster> Clusters { get; }

    /// <summary>Every object that belongs to the result, compared with what is live: first the credentials, then the remote secrets.</summary>
    public IReadOnlyList<PlannedChange> Changes =>
        [.. _credentials.Values.SelectMany(plan => plan.Changes), .. _links.Where(link => link.Change is not null).Select(link => link.Change!)];

    /// <summary>Looks at all clusters in parallel. A cluster that fails is reported to the log, and its links will be reported as failed; the others go on.</summary>
    /// <param name="clusters">The clusters; the same entry given twice counts once.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes warnings and failures.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException"><c>TooFewClusters</c>, <c>DuplicateCluster</c>, <c>DuplicateClusterId</c> or <c>PrimaryNotFound</c>.</exception>
    public static async Task<EndpointDiscoveryPlan> CreateAsync(
        IReadOnlyList<MeshCluster> clusters, EndpointDiscoveryOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var count = clusters.DistinctBy(cluster => cluster.Entry()).Count();
        if (count < 2)
            throw new MeshException(ErrorCatalog.TooFewClusters, count == 0 ? "there are no clusters to join" : $"there is only one cluster ({clusters[0].Name}); a link needs two");
        var set = await ClusterSet.CreateAsync(clusters, options.Namespace, options.ThrottleLimit, log, cancellationToken).ConfigureAwait(false);
        var links = LinksOf(set.Members, options);
        var failures = new ConcurrentDictionary<(string, string?), Exception>(set.Failures);
        var states = new ConcurrentDictionary<(string, string?), ReaderState>();
        var credentials = new ConcurrentDictionary<(string, string?), RemoteSecretPlan>();
        var targets = links.Select(link => link.Target.Entry()).ToHashSet();
        await Parallel.ForEachAsync(
            set.Members.Where(cluster => !set.Failures.ContainsKey(cluster.Entry())),
            new ParallelOptions { MaxDegreeOfParallelism = options.ThrottleLimit, CancellationToken = cancellationToken },
            async (cluster, token) =>
            {
                try
                {
                    var reader = options.ForReader();
                    if (targets.Contains(cluster.Entry()))
                        RemoteSecretPlan.Validate(cluster, reader);
                    var state = states[cluster.Entry()] = await ReaderState.ReadAsync(cluster, options.Namespace, token).ConfigureAwait(false);
                    if (targets.Contains(cluster.Entry()))
                        credentials[cluster.Entry()] = await RemoteSecretPlan.CreateAsync(state, reader, log, options.Thorough, token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is KubernetesException or MeshException)
                {
                    failures[cluster.Entry()] = e;
                    log.Failed(e, cluster);
                }
            }).ConfigureAwait(false);
        foreach (var reader in links.Select(link => link.Reader).DistinctBy(reader => reader.Entry()).Where(reader => reader is { Probed: true, Revisions.Count: 0 }))
        {
            log.Warning(failures.ContainsKey(reader.Entry()) ? NoControlPlane(reader, options)
                : await MulticlusterMode.WarningAsync(reader, options.Namespace, log, cancellationToken).ConfigureAwait(false) ?? NoControlPlane(reader, options));
        }

        foreach (var link in links.Where(link => !failures.ContainsKey(link.Reader.Entry()) && !failures.ContainsKey(link.Target.Entry())))
            link.Compare(states[link.Reader.Entry()], credentials[link.Target.Entry()], options, log);
        return new EndpointDiscoveryPlan(
            set.Members, options,
            set.Members.Where(cluster => credentials.ContainsKey(cluster.Entry())).ToDictionary(cluster => cluster.Entry(), cluster => credentials[cluster.Entry()]),
            failures, links);
    }

    /// <summary>Makes the credentials and the links.</summary>
    /// <param name="approved">Which changes may be made; those that are declined are left out, with everything that needs them.</param>
    /// <param name="log">Takes milestones, progress and failures.</param>
    /// <param name="cancellationToken">Cancels everything that is under way.</param>
    /// <returns>One link for every ordered pair, as it is finished. Those of clusters that failed are among them, with the reason.</returns>
    public async IAsyncEnumerable<EndpointDiscoveryLink> ExecuteAsync(
        Func<PlannedChange, bool> approved, IOperationLog log, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        using var run = new EndpointDiscoveryRun(_links, _credentials, _failures, _options, approved, log, cancellationToken);
        var done = 0;
        await foreach (var link in run.LinksAsync().ConfigureAwait(false))
        {
            done++;
            log.Verbose($"{link}: {link.Change}{(link.SyncStatus is null ? "" : $", {link.SyncStatus}")}{(link.Reason is null ? "" : $" ({link.Reason})")}");
            log.Progress(new OperationProgress(Activity, link.ToString(), done, _links.Count));
            yield return link;
        }
    }

    private static string NoControlPlane(MeshCluster reader, EndpointDiscoveryOptions options) =>
        $"{reader.Name}: no control plane was found in {options.Namespace}, so nothing there reads remote secrets. If its workloads use the control plane of another cluster, join with -Topology PrimaryRemote.";

    private static List<LinkPlan> LinksOf(IReadOnlyList<MeshCluster> clusters, EndpointDiscoveryOptions options)
    {
        MeshCluster[] readers = options.Topology == DiscoveryTopology.MultiPrimary ? [.. clusters] : PrimariesOf(clusters, options.Primaries);
        return [.. from reader in readers from target in clusters where target.Entry() != reader.Entry() select new LinkPlan(reader, target)];
    }

    private static MeshCluster[] PrimariesOf(IReadOnlyList<MeshCluster> clusters, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            throw new MeshException(ErrorCatalog.PrimaryNotFound, "topology PrimaryRemote needs at least one primary", recommendedAction: "Name the primaries with -Primary.");
        var primaries = new List<MeshCluster>();
        foreach (var name in names)
        {
            var found = clusters.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.Ordinal) || string.Equals(c.ClusterId, name, StringComparison.Ordinal));
            primaries.Add(found ?? throw new MeshException(
                ErrorCatalog.PrimaryNotFound, $"primary '{name}' is not among the clusters: {string.Join(", ", clusters.Select(c => c.Name))}", name));
        }

        return [.. primaries.DistinctBy(cluster => cluster.Entry())];
    }
}
