using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>Waits until a gateway's Service has an address, and says what its events say when none comes.</summary>
internal static class ServiceAddressWait
{
    /// <summary>Waits.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="ns">The Service's namespace.</param>
    /// <param name="name">The Service.</param>
    /// <param name="timeout">How long.</param>
    /// <param name="advice">What to do when none comes; <see langword="null"/> for the catalogue's advice.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="MeshException">There is no address in time (<c>GatewayAddressPending</c>).</exception>
    /// <exception cref="KubernetesException">The cluster does not answer, or the Service is not there.</exception>
    internal static async Task RunAsync(MeshCluster cluster, string ns, string name, TimeSpan timeout, string? advice, CancellationToken cancellationToken)
    {
        try
        {
            var condition = WaitCondition.Predicate("its Service has an address", service => GatewayAddresses.Of(service, []).Count > 0);
            await cluster.Connect().WaitAsync(ResourceTypes.Service, ns, name, condition, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (WaitTimeoutException e)
        {
            var reason = e.LastSeen is null ? null : await EventAsync(cluster, e.LastSeen, cancellationToken).ConfigureAwait(false);
            throw new MeshException(
                ErrorCatalog.GatewayAddressPending,
                $"{cluster.Name}: {e.Reference} has no address after {timeout.TotalSeconds:0} s: {reason ?? "nothing is said about it, as where no load balancer serves the cluster"}",
                cluster,
                advice,
                e);
        }
    }

    // What the platform last said about the Service; a warning rather than a milestone.
    private static async Task<string?> EventAsync(MeshCluster cluster, KubernetesObject service, CancellationToken cancellationToken)
    {
        try
        {
            var about = new ListOptions { FieldSelector = $"involvedObject.name={service.Name}" };
            var events = await cluster.Connect().ListPageAsync(ResourceTypes.Event, service.Namespace, about, cancellationToken).ConfigureAwait(false);
            var said = events.Items.Where(item => string.Equals(item.FindString("involvedObject", "uid"), service.Uid, StringComparison.Ordinal))
                .OrderByDescending(item => item.FindString("type") is "Warning")
                .ThenByDescending(item => JsonAccess.AsTime(item.FindString("lastTimestamp")) ?? item.CreationTimestamp)
                .FirstOrDefault();
            return said is null ? null : $"{said.FindString("reason")}: {said.FindString("message")}";
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            return null;
        }
    }
}
