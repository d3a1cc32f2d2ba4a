using System.Runtime.CompilerServices;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>Asks every istiod replica of one cluster, again and again, until all links of that cluster are in sync or the time is over.</summary>
internal sealed class SyncWait(MeshCluster reader, EndpointDiscoveryOptions options, IOperationLog log, SemaphoreSlim slots)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(1);

    /// <summary>The links, each as soon as it is in sync; at the end those that are not, with the reason.</summary>
    internal async IAsyncEnumerable<EndpointDiscoveryLink> RunAsync(
        IReadOnlyList<EndpointDiscoveryLink> links, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pending = links.ToList();
        var started = TimeProvider.System.GetTimestamp();
        for (var delay = s_firstDelay; ; delay = delay * 2 > s_longestDelay ? s_longestDelay : delay * 2)
        {
            var (views, failure) = await LookAsync(cancellationToken).ConfigureAwait(false);
            for (var i = pending.Count - 1; i >= 0; i--)
            {
                var link = pending[i] = pending[i].WithViews(views);
                if (link.SyncStatus is EndpointDiscoveryLink.Synced)
                {
                    pending.RemoveAt(i);
                    yield return link;
                }
            }

            if (pending.Count == 0)
                yield break;
            // No permission, or no control plane, will not change by waiting.
            if (failure is MeshException or KubernetesApiException { IsForbidden: true } or KubernetesApiException { IsUnauthorized: true })
            {
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

    private async Task<(IReadOnlyList<ReplicaView> Views, Exception? Failure)> LookAsync(CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var views = await IstiodDebug.GetRemoteClustersAsync(reader, options.Namespace, cancellationToken).ConfigureAwait(false);
            // A refusal is the same for every replica.
            return (views, views.Select(view => view.Failure).FirstOrDefault(failure => failure is KubernetesApiException { IsForbidden: true }));
        }
        catch (Exception e) when (e is KubernetesException or MeshException)
        {
            return ([], e);
        }
        finally
        {
            slots.Release();
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
