namespace MeshTools.Verify;

/// <summary>Judges a pair that did not answer although no place on the way is wrong.</summary>
/// <param name="facts">What is known of the clusters.</param>
/// <param name="calls">The calls of the source.</param>
/// <param name="cannotTell">Whether answers came of which it cannot be told who gave them.</param>
internal sealed class UnansweredPair(MeshFacts facts, SourceCalls calls, bool cannotTell)
{
    internal async Task<ConnectivityResult> JudgeAsync(ConnectivityResult pair, CancellationToken cancellationToken)
    {
        var (source, target) = (pair.Source, pair.Target);
        var failed = pair.Failures.Values.Sum();
        var local = source.Entry() == target.Entry();
        if (failed == 0 && pair.Calls > 0)
        {
            var rules = await facts.RulesAsync(source, cancellationToken).ConfigureAwait(false);
            if (!local && rules.KeepsCallsLocal(facts.Options) is { } rule)
                return pair with { Passed = true, Note = $"no call crossed, because {rule} in {source.Name}; every place on the way is as it should be" };
            var met = await HopSearch.MeetingPointsAsync(facts, calls.Client, source, target, cancellationToken).ConfigureAwait(false);
            ProxyEndpoint[]? known = calls.After is null ? null : [.. calls.After.Where(endpoint => met.Contains(endpoint.Address))];
            if (known is { Length: > 0 } && Array.TrueForAll(known, endpoint => endpoint.Ejected))
            {
                return pair with
                {
                    FailingHop = ConnectivityHop.Endpoints, Reason = $"outlier detection keeps the endpoints of {target.Name} out: calls to them failed a while ago",
                    Fix = "Run the command again when the ejection is over (outlierDetection.baseEjectionTime), with -Until Success.",
                };
            }

            if (known is { Length: > 0 } && Array.TrueForAll(known, endpoint => endpoint.Priority > 0))
                return pair with { Passed = true, Note = $"no call crossed, because the proxy of {source.Name} calls {target.Name} only when nearer endpoints are unwell (locality failover); every place on the way is as it should be" };
            if (cannotTell)
                return pair with { Passed = true, Note = "the answers do not say which cluster they came from; judged by every place on the way, which is as it should be" };
            if (known is { Length: 0 } && calls.After!.Count > 0)
            {
                return pair with
                {
                    FailingHop = ConnectivityHop.Endpoints, Reason = $"the proxy of pod {calls.Client!.Name} in {source.Name} does not know the endpoints of {target.Name}, though nothing shows why",
                    Fix = $"istioctl --context {source.Context} proxy-status; read the log of istiod in {source.Name}.",
                };
            }
        }

        return failed > 0
            ? pair with { FailingHop = ConnectivityHop.Application, Reason = FormattableString.Invariant($"{failed} of {pair.Calls} calls failed: {string.Join(", ", pair.Failures.OrderByDescending(item => item.Value).Select(item => item.Key))}"), Fix = "Read the access log of the client's proxy (container istio-proxy)." }
            : pair with { Reason = FormattableString.Invariant($"none of {pair.Calls} calls was answered by {target.Name}, and every place on the way is as it should be"), Fix = "Run the command again with a higher -Count." };
    }
}
