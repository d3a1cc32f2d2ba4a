using MeshTools.Clusters;

namespace MeshTools.Verify;

/// <summary>Deals the calls of one cluster out to the clusters that answered them.</summary>
/// <param name="targets">The clusters that should answer.</param>
/// <param name="answers">Tells answers apart.</param>
internal sealed class PairEvaluation(IReadOnlyList<ServiceView> targets, AnswerSource answers)
{
    /// <summary>The pairs of one source, as the calls alone show them: no hop has been looked at.</summary>
    /// <param name="calls">The calls.</param>
    /// <param name="addresses">The addresses at which the source's proxy would meet a target: its pods', or its gateway's.</param>
    internal IReadOnlyList<ConnectivityResult> Pairs(SourceCalls calls, Func<MeshCluster, IReadOnlySet<string>> addresses)
    {
        var outcomes = calls.Outcomes;
        var told = outcomes.Where(call => call.Succeeded).Select(call => (call, from: answers.Of(call))).ToArray();
        var untold = told.Count(answer => answer.from.Cluster is null);
        var failures = outcomes.Select(call => call.Failure).OfType<string>().GroupBy(text => text, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var counted = targets.ToDictionary(target => target.Cluster.Entry(), target => calls.CountedAt(addresses(target.Cluster)));
        return [.. targets.Select(target => Pair(target.Cluster))];

        ConnectivityResult Pair(MeshCluster target)
        {
            var own = told.Where(answer => answer.from.Cluster?.Entry() == target.Entry()).ToArray();
            var byProxy = own.Length == 0 && untold > 0 ? (int)Math.Min(untold, counted[target.Entry()].Succeeded) : 0;
            TimeSpan[] durations = [.. own.Select(answer => answer.call.Duration).Order()];
            var result = new ConnectivityResult(calls.Source, target)
            {
                Calls = outcomes.Count,
                Succeeded = own.Length + byProxy,
                ToldBy = own.Length > 0 ? own[0].from.By : byProxy > 0 ? AnswerEvidence.Proxy : AnswerEvidence.None,
                Versions = own.GroupBy(answer => answer.from.Version ?? "", StringComparer.Ordinal).Where(group => group.Key.Length > 0)
                    .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
                Failures = failures,
                P50 = Percentile(durations, 50),
                P95 = Percentile(durations, 95),
            };
            return result with { Passed = result.Succeeded > 0 && FailuresAt(target) == 0 };
        }

        // Failures that the proxy counted at a target are that target's. What nobody counted is the fault of those that did not answer, or of all when all did.
        int FailuresAt(MeshCluster target)
        {
            var failed = failures.Values.Sum();
            if (failed == 0)
                return 0;
            if (counted.Values.Any(count => count.Failed > 0))
                return (int)counted[target.Entry()].Failed;
            var silent = targets.Any(other => told.All(answer => answer.from.Cluster?.Entry() != other.Cluster.Entry()) && counted[other.Cluster.Entry()].Succeeded == 0);
            return silent ? 0 : failed;
        }
    }

    /// <summary>Whether answers came of which it cannot be told who gave them.</summary>
    internal bool CannotTell(SourceCalls calls) =>
        targets.Count > 1 && calls.Outcomes.Any(call => call.Succeeded && answers.Of(call).Cluster is null);

    // The nearest rank: the value that so many of a hundred do not exceed.
    private static TimeSpan? Percentile(TimeSpan[] sorted, int percent) =>
        sorted.Length == 0 ? null : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * percent / 100.0) - 1)];
}
