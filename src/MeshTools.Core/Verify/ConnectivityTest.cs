using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Verify;

/// <summary>
/// Proves that clusters reach each other's workloads: calls a Service from a client in every cluster, tells which cluster each answer came from, and where a pair does not answer finds the
/// place that fails. Writes nothing; the calls are made by exec.
/// </summary>
/// <param name="clusters">The clusters.</param>
/// <param name="options">What to call, from where and how often.</param>
/// <param name="log">Takes progress, warnings, clusters that cannot be read, and every pair that fails.</param>
public sealed class ConnectivityTest(IReadOnlyList<MeshCluster> clusters, ConnectivityOptions options, IOperationLog log)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    private volatile ConnectivityAttempt? _attempt;

    /// <summary>What is known at this moment; for a test that is cut short. <see langword="null"/> before the first call.</summary>
    public MeshConnectivity? SoFar => _attempt?.Summary() is { Calls: > 0 } summary ? summary : null;

    /// <summary>Makes the calls, until all pairs pass or the patience is over.</summary>
    /// <param name="cancellationToken">Ends the calls; the remote processes end with the connections that they hang on.</param>
    /// <returns>The outcome. What failed has been reported to the log, too.</returns>
    /// <exception cref="MeshException"><c>DuplicateCluster</c> or <c>DuplicateClusterId</c>.</exception>
    public async Task<MeshConnectivity> RunAsync(CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var pause = s_firstPause; ; pause = pause * 2 > s_longestPause ? s_longestPause : pause * 2)
        {
            var attempt = new ConnectivityAttempt(clusters, options, new HeldLog(log));
            _attempt = attempt;
            await attempt.MeasureAsync(cancellationToken).ConfigureAwait(false);
            var left = options.Patience - TimeProvider.System.GetElapsedTime(started);
            if (attempt.Passed || left <= TimeSpan.Zero)
            {
                var outcome = await attempt.ExplainAsync(cancellationToken).ConfigureAwait(false);
                attempt.Log.Release();
                return outcome;
            }

            log.Verbose(FormattableString.Invariant($"{attempt.Pending} pairs do not answer yet; {left.TotalSeconds:0} s are left"));
            await Task.Delay(pause < left ? pause : left, cancellationToken).ConfigureAwait(false);
        }
    }
}
