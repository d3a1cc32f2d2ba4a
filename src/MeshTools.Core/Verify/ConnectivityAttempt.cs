using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Verify;

/// <summary>The calls of all clusters, once.</summary>
internal sealed partial class ConnectivityAttempt(IReadOnlyList<MeshCluster> given, ConnectivityOptions options, HeldLog log)
{
    private readonly ConcurrentDictionary<(string, string?), SourceCalls> _calls = new();
    private readonly ConcurrentDictionary<(string, string?), bool> _unreadable = new();
    private IReadOnlyList<MeshCluster> _clusters = [];
    private IReadOnlyList<ServiceView> _views = [];
    private ServiceView[] _targets = [];
    private AnswerSource? _answers;
    private MeshFacts? _facts;
    private IReadOnlyList<ConnectivityResult> _pairs = [];

    internal HeldLog Log => log;

    internal bool Passed => _unreadable.IsEmpty && _pairs.Count > 0 && _pairs.All(pair => pair.Passed);

    internal int Pending => _pairs.Count(pair => !pair.Passed);

    /// <summary>Calls from everywhere.</summary>
    /// <exception cref="MeshException"><c>DuplicateCluster</c> or <c>DuplicateClusterId</c>.</exception>
    internal async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var set = await ClusterSet.CreateAsync(given, options.ControlPlaneNamespace, options.ThrottleLimit, log, cancellationToken).ConfigureAwait(false);
        // A pipeline hands clusters over as they get ready; whoever reads a matrix looks for them by name.
        _clusters = [.. set.Members.OrderBy(cluster => cluster.Name, NaturalOrder.Comparer)];
        foreach (var failed in set.Failures.Keys)
            _unreadable[failed] = true;
        var views = new ConcurrentDictionary<(string, string?), ServiceView>();
        await EachAsync(async (cluster, token) => views[cluster.Entry()] = await ServiceView.ReadAsync(cluster, options, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        _views = [.. _clusters.Where(cluster => views.ContainsKey(cluster.Entry())).Select(cluster => views[cluster.Entry()])];
        _targets = [.. _views.Where(view => view.IsTarget)];
        if (_targets.Length == 0)
            return;
        _facts = new MeshFacts([.. Readable], _views, options, log);
        var run = new SourceRun(options, _targets);
        _answers = run.Answers;
        await EachAsync((cluster, token) => CallAsync(run, cluster, token), cancellationToken).ConfigureAwait(false);
        var pairs = new List<ConnectivityResult>();
        foreach (var cluster in Readable)
            pairs.AddRange(await PairsAsync(_calls[cluster.Entry()], cancellationToken).ConfigureAwait(false));
        _pairs = pairs;
    }

    /// <summary>Finds out why pairs did not pass, and reports them.</summary>
    internal async Task<MeshConnectivity> ExplainAsync(CancellationToken cancellationToken)
    {
        if (_targets.Length == 0 && _views.Count > 0 && options.ReportPairs)
        {
            log.Failed(
                new MeshException(
                    ErrorCatalog.ConnectivityTargetMissing, $"no cluster has a pod behind Service {options.Namespace}/{options.Service}",
                    $"{options.Namespace}/{options.Service}"),
                null);
        }

        var explained = new ConnectivityResult[_pairs.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, _pairs.Count), parallel, async (i, token) => explained[i] = await ExplainAsync(_pairs[i], token).ConfigureAwait(false)).ConfigureAwait(false);
        _pairs = explained;
        if (options.ReportPairs)
            Report();
        return Summary();
    }

    /// <summary>What is known at this moment.</summary>
    internal MeshConnectivity Summary()
    {
        var pairs = _pairs;
        if (pairs.Count == 0 && _answers is { } answers)
        {
            var evaluation = new PairEvaluation(_targets, answers);
            pairs = [.. _clusters.Select(cluster => _calls.GetValueOrDefault(cluster.Entry())).OfType<SourceCalls>().SelectMany(calls => evaluation.Pairs(calls, _ => new HashSet<string>()))];
        }

        var outcomes = _calls.Values.SelectMany(calls => calls.Outcomes).ToArray();
        return new MeshConnectivity(options.Url, _clusters, pairs)
        {
            Targets = [.. _targets.Select(target => target.Cluster)],
            Unreadable = [.. _clusters.Where(cluster => _unreadable.ContainsKey(cluster.Entry()))],
            Calls = outcomes.Length,
            FailedCalls = outcomes.Count(call => !call.Succeeded),
        };
    }

    private IEnumerable<MeshCluster> Readable => _clusters.Where(cluster => !_unreadable.ContainsKey(cluster.Entry()));

    private async Task CallAsync(SourceRun run, MeshCluster cluster, CancellationToken cancellationToken)
    {
        var calls = _calls[cluster.Entry()] = new SourceCalls(cluster);
        await run.RunAsync(calls, made => Progress(cluster, made), cancellationToken).ConfigureAwait(false);
        log.Verbose($"{cluster.Name}: {calls.Outcomes.Count} calls, {calls.Outcomes.Count(call => !call.Succeeded)} failed{(calls.ClientProblem is { } problem ? $": {problem}" : "")}");
    }

    private void Progress(MeshCluster cluster, int made)
    {
        var done = _calls.Values.Sum(calls => Math.Min(calls.Outcomes.Count, options.Count));
        log.Progress(new OperationProgress("Calling from every cluster", FormattableString.Invariant($"{cluster.Name}: {made} of {options.Count} calls"), done, options.Count * Readable.Count(), cluster.Name));
    }

    private async Task<IReadOnlyList<ConnectivityResult>> PairsAsync(SourceCalls calls, CancellationToken cancellationToken)
    {
        var evaluation = new PairEvaluation(_targets, _answers!);
        var met = new Dictionary<(string, string?), IReadOnlySet<string>>();
        // Only where the answers do not tell everything is it worth knowing what the proxy counted where.
        if (calls.After is not null && (evaluation.CannotTell(calls) || calls.Outcomes.Any(call => !call.Succeeded)))
        {
            foreach (var target in _targets)
                met[target.Cluster.Entry()] = await HopSearch.MeetingPointsAsync(_facts!, calls.Client, calls.Source, target.Cluster, cancellationToken).ConfigureAwait(false);
        }

        return evaluation.Pairs(calls, target => met.GetValueOrDefault(target.Entry()) ?? new HashSet<string>(StringComparer.Ordinal));
    }

    private async Task<ConnectivityResult> ExplainAsync(ConnectivityResult pair, CancellationToken cancellationToken)
    {
        if (pair.Passed)
            return pair;
        var calls = _calls[pair.Source.Entry()];
        if (await new HopSearch(_facts!, calls, pair.Target).RunAsync(cancellationToken).ConfigureAwait(false) is { } finding)
            return pair with { FailingHop = finding.Hop, Reason = finding.Reason, Fix = finding.Fix };
        return await new UnansweredPair(_facts!, calls, new PairEvaluation(_targets, _answers!).CannotTell(calls)).JudgeAsync(pair, cancellationToken).ConfigureAwait(false);
    }

    private void Report()
    {
        foreach (var source in _pairs.Where(pair => !pair.Passed).GroupBy(pair => pair.Source.Entry()))
        {
            // A client that cannot call fails all pairs of its cluster alike: that is one error.
            var client = source.FirstOrDefault(pair => pair.FailingHop is ConnectivityHop.Client);
            if (client is not null)
                log.Failed(new MeshException(ErrorCatalog.ConnectivityClientUnusable, $"{client.Source.Name}: {client.Reason}", client.Source, client.Fix), client.Source);
            foreach (var pair in source.Where(pair => pair.FailingHop is not ConnectivityHop.Client))
                log.Failed(new MeshException(ErrorCatalog.ConnectivityFailed, $"{pair}: {(pair.FailingHop is ConnectivityHop.None ? "" : $"{pair.FailingHop}: ")}{pair.Reason}", pair, pair.Fix), pair);
        }

        foreach (var note in _pairs.Where(pair => pair is { Passed: true, Note: not null }).GroupBy(pair => pair.Note, StringComparer.Ordinal))
            log.Warning($"{string.Join(", ", note)}: {note.Key}.");
    }

    // A cluster that cannot be read is one error, and the others go on.
    private Task EachAsync(Func<MeshCluster, CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.ThrottleLimit, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(Readable.ToArray(), parallel, async (cluster, token) =>
        {
            try
            {
                await step(cluster, token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is KubernetesException or MeshException)
            {
                _unreadable[cluster.Entry()] = true;
                log.Failed(e, cluster);
            }
        });
    }
}
