using System.Runtime.CompilerServices;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>Asks every istiod replica of one cluster, again and again, until all links of that cluster are in sync or the time is over.</summary>
internal sealed class SyncWait(MeshCluster reader, EndpointDiscoveryOptions options, IOperationLog log, StepSlots slots)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(1);

    // The last look may go on beyond the time-out, so that it can say what is wrong: a little longer than a replica may take to answer.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(6);

    /// <summary>The links, each as soon as it is in sync; at the end those that are not, with the reason.</summary>
    internal async IAsyncEnumerable<EndpointDiscoveryLink> RunAsync(
        IReadOnlyList<EndpointDiscoveryLink> links, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pending = links.ToList();
        var started = TimeProvider.System.GetTimestamp();
        for (var delay = s_firstDelay; ; delay = delay * 2 > s_longestDelay ? s_longestDelay : delay * 2)
        {
            var left = options.Timeout - TimeProvider.System.GetElapsedTime(started);
            var (views, failure) = await LookAsync((left > TimeSpan.Zero ? left : TimeSpan.Zero) + s_grace, cancellationToken).ConfigureAwait(false);
            for (var i = pending.Count - 1; i >= 0; i--)
            {
                var link = pending[i] = failure is null || views.Count > 0 ? pending[i].WithViews(views) : pending[i] with { SyncStatus = EndpointDiscoveryLink.Unknown };
                if (link.SyncStatus is EndpointDiscoveryLink.Synced)
                {
                    pending.RemoveAt(i);
                    yield return link;
                }
            }

            if (pending.Count == 0)
                yield break;
            // No permission, or no control plane, will not change by waiting; one that restarts comes back.
            if (failure is not null && IsFinal(failure))
            {
                // Nothing went wrong: there is only nobody to ask.
                if (failure is MeshException { Definition: var definition } && definition == ErrorCatalog.ControlPlaneManaged)
                    log.Warning($"{failure.Message}; nothing is waited for. {ErrorCatalog.ControlPlaneManaged.RecommendedAction}");
                else
                    log.Failed(failure, reader);
                foreach (var link in pending)
                    yield return link with { Reason = ErrorCatalog.Describe(failure, reader).Message };
                yield break;
            }

            if (TimeProvider.System.GetElapsedTime(started) >= options.Timeout)
            {
                foreach (var link in pending)
                    yield return Late(link, failure);
                yield break;
            }

            await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool IsFinal(Exception failure) => failure switch
    {
        MeshException { Definition: var definition } when definition == ErrorCatalog.ControlPlaneManaged => true,
        MeshException e => e.Definition == ErrorCatalog.ControlPlaneNotFound && reader.Revisions.Count == 0,
        KubernetesApiException e => e.IsForbidden || e.IsUnauthorized,
        _ => false,
    };

    private async Task<(IReadOnlyList<ReplicaView> Views, Exception? Failure)> LookAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            var views = await slots.RunAsync(reader, () => IstiodDebug.GetRemoteClustersAsync(reader, options.Namespace, limit.Token), limit.Token).ConfigureAwait(false);
            // A refusal is the same for every replica.
            return (views, views.Select(view => view.Failure).FirstOrDefault(failure => failure is KubernetesApiException { IsForbidden: true }));
        }
        catch (Exception e) when (e is KubernetesException or MeshException)
        {
            return ([], e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            return ([], new MeshException(ErrorCatalog.MeshWaitTimeout, $"{reader.Name}: its API server did not say in time which istiod pods run", reader, innerException: e));
        }
    }

    private EndpointDiscoveryLink Late(EndpointDiscoveryLink link, Exception? failure)
    {
        var seen = link.Replicas.Where(replica => replica.Status is not EndpointDiscoveryLink.Synced).Select(replica => replica.ToString()).ToArray();
        var reason = failure is not null ? ErrorCatalog.Describe(failure, reader).Message : string.Join(", ", seen);
        var late = link with { Reason = $"not in sync after {options.Timeout.TotalSeconds:0.#} s: {reason}" };
        log.Failed(
            new MeshException(
                ErrorCatalog.MeshWaitTimeout,
                $"{reader.Name} does not read {link.Target?.Name ?? link.ClusterId} (cluster ID {link.ClusterId}) after {options.Timeout.TotalSeconds:0.#} s; {reason}",
                late,
                $"Check that {link.Server} is reachable from istiod's pods in {reader.Name}, and read istiod's log there: kubectl --context {reader.Context} -n {options.Namespace} logs deploy/{ControlPlaneRevision.Revisioned("istiod", reader.Revision ?? ControlPlaneRevision.DefaultRevision)}"),
            late);
        return late;
    }
}
