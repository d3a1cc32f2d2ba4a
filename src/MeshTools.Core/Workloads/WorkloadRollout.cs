using System.Diagnostics;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Workloads;

/// <summary>Waits until a Deployment, StatefulSet or DaemonSet runs what its specification says; where it does not come to that, the error says why, in the cluster's own words.</summary>
public static class WorkloadRollout
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(3);

    /// <summary>Waits for a rollout.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="workload">The workload: kind, name and namespace.</param>
    /// <param name="options">How long, and what it must come to.</param>
    /// <param name="log">Takes milestones, in kubectl's words.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The workload as it was when its rollout was complete.</returns>
    /// <exception cref="MeshException">It does not come up: <c>ImagePullFailed</c>, <c>QuotaExceeded</c>, <c>AdmissionRefused</c>, <c>SidecarNotInjected</c> or
    /// <c>RolloutFailed</c>, whose message names cluster, workload, container and image and quotes the cluster.</exception>
    /// <exception cref="WaitTimeoutException">The time is over, and the cluster shows no reason.</exception>
    /// <exception cref="RolloutFailedException">It cannot come up any more, and the cluster shows no reason.</exception>
    /// <exception cref="KubernetesException">The cluster does not answer, or the workload is not there.</exception>
    public static async Task<KubernetesObject> WaitAsync(
        MeshCluster cluster, ObjectReference workload, RolloutOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var type = ResourceTypes.Find(workload.ApiVersion, workload.Kind) ?? throw new ArgumentException($"{workload} has no rollout", nameof(workload));
        var progress = new SynchronousProgress(line => log.Verbose($"{cluster.Name}: {line}"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var rollout = cluster.Connect().WaitForRolloutAsync(type, workload.Namespace ?? "", workload.Name, options.Timeout, progress, stop.Token);
        var trouble = FollowAsync(cluster, type, workload, options, stop.Token);
        try
        {
            if (await Task.WhenAny(rollout, trouble).ConfigureAwait(false) == trouble && trouble.IsCompletedSuccessfully)
                throw WorkloadErrors.From(cluster, workload, await trouble.ConfigureAwait(false));
            var done = await rollout.ConfigureAwait(false);
            if (options.Injected)
                await RequireProxiesAsync(cluster, done, cancellationToken).ConfigureAwait(false);
            return done;
        }
        catch (Exception e) when (e is WaitTimeoutException { LastSeen: not null } or RolloutFailedException { LastSeen: not null })
        {
            var last = e is WaitTimeoutException timeout ? timeout.LastSeen : ((RolloutFailedException)e).LastSeen;
            throw await ExplainAsync(cluster, last!, options, e, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(rollout, trouble).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends when the same lasting problem has been seen for the whole of the patience; fails only when cancelled.</summary>
    private static async Task<WorkloadProblem> FollowAsync(
        MeshCluster cluster, ResourceType type, ObjectReference reference, RolloutOptions options, CancellationToken cancellationToken)
    {
        var pause = options.Patience / 4 < s_longestPause ? options.Patience / 4 : s_longestPause;
        WorkloadProblemKind? seen = null;
        var since = Stopwatch.StartNew();
        while (true)
        {
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            var problem = await LookAsync(cluster, type, reference, options, cancellationToken).ConfigureAwait(false);
            if (problem?.Kind != seen)
            {
                seen = problem?.Kind;
                since.Restart();
            }
            else if (problem is not null && since.Elapsed >= WorkloadErrors.Patience(problem.Kind, options.Patience))
            {
                return problem;
            }
        }
    }

    // The wait itself reports a cluster that does not answer; a look that fails shows nothing.
    private static async Task<WorkloadProblem?> LookAsync(
        MeshCluster cluster, ResourceType type, ObjectReference reference, RolloutOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var workload = await cluster.Connect().FindAsync(type, reference.Namespace, reference.Name, cancellationToken).ConfigureAwait(false);
            if (workload is null)
                return null;
            var problems = await WorkloadDiagnosis.ReadAsync(cluster, workload, options.Injected, cancellationToken).ConfigureAwait(false);
            return problems.FirstOrDefault(problem => WorkloadErrors.Lasts(problem.Kind));
        }
        catch (KubernetesException)
        {
            return null;
        }
    }

    private static async Task RequireProxiesAsync(MeshCluster cluster, KubernetesObject workload, CancellationToken cancellationToken)
    {
        var problems = await WorkloadDiagnosis.ReadAsync(cluster, workload, injected: true, cancellationToken).ConfigureAwait(false);
        if (problems.FirstOrDefault(problem => problem.Kind is WorkloadProblemKind.NotInjected) is { } problem)
            throw WorkloadErrors.From(cluster, workload.Reference, problem);
    }

    private static async Task<Exception> ExplainAsync(
        MeshCluster cluster, KubernetesObject workload, RolloutOptions options, Exception error, CancellationToken cancellationToken)
    {
        try
        {
            var problems = await WorkloadDiagnosis.ReadAsync(cluster, workload, options.Injected, cancellationToken).ConfigureAwait(false);
            return problems.Count > 0 ? WorkloadErrors.From(cluster, workload.Reference, problems[0], error) : error;
        }
        catch (KubernetesException)
        {
            return error;
        }
    }

    // Progress<T> would post to the thread pool, and lines could come after the end, or out of order.
    private sealed class SynchronousProgress(Action<string> report) : IProgress<string>
    {
        public void Report(string value) => report(value);
    }
}
