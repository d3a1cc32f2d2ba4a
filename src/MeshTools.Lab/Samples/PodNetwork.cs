using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// What a program in a pod reaches by name and address. Names are those of the Services of its own cluster. A pod without a proxy reaches
/// local endpoints and speaks plain; one with a proxy is served by that.
/// </summary>
internal sealed class PodNetwork(LabCluster cluster, LabFabric fabric)
{
    private int turn;

    public async Task<CallResult> CallAsync(StoredObject pod, Call call, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(call.Host.Trim('[', ']'), out var address))
        {
            var text = address.ToString();
            return cluster.Store.List("", "services").Items.FirstOrDefault(item => string.Equals(item.Json.Text("spec", "clusterIP"), text, StringComparison.Ordinal)) is { } behind
                ? await ServiceAsync(pod, behind, call, cancellationToken).ConfigureAwait(false)
                : await AddressAsync(text, call, cancellationToken).ConfigureAwait(false);
        }

        if (ServiceName.Parse(call.Host, pod.Key.Namespace!) is { } name &&
            cluster.Store.Find(new ResourceKey("", "services", name.Namespace, name.Name)) is { } service && HasAddress(service))
        {
            return await ServiceAsync(pod, service, call, cancellationToken).ConfigureAwait(false);
        }

        return fabric.External(call.Host) is null
            ? new CallResult(CallEnd.UnknownHost)
            : await AddressAsync(call.Host, call, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A headless Service has the addresses of its local pods, and an alias is no Service of the mesh.</summary>
    private bool HasAddress(StoredObject service)
    {
        if (service.Json.Text("spec", "type") is "ExternalName")
        {
            return false;
        }

        var name = new ServiceName(service.Key.Name, service.Key.Namespace!);
        return service.Json.Text("spec", "clusterIP") is not (null or "" or "None") ||
            service.Json.Objects("spec", "ports").Any(port => Endpoint.Of(cluster, cluster.ClusterId, name, (int)port.Number(0, "port")).Any());
    }

    private async Task<CallResult> ServiceAsync(StoredObject pod, StoredObject service, Call call, CancellationToken cancellationToken)
    {
        var name = new ServiceName(service.Key.Name, service.Key.Namespace!);
        var isServed = service.Json.Objects("spec", "ports").Any(port => port.Number(0, "port") == call.Port);
        var isInjected = cluster.Certificates.Find(pod) is not null;
        if (!isServed)
        {
            // Nothing forwards this port. A proxy takes the connection all the same, and closes it when it gets nowhere.
            await Task.Delay(cluster.Options.ConnectTimeout, cluster.Store.Clock, cancellationToken).ConfigureAwait(false);
            return new CallResult(isInjected ? CallEnd.Empty : CallEnd.ConnectTimeout);
        }

        if (isInjected)
        {
            return await cluster.Proxy.CallAsync(pod, name, call, cancellationToken).ConfigureAwait(false);
        }

        var endpoints = Endpoint.Of(cluster, cluster.ClusterId, name, call.Port).OrderBy(endpoint => endpoint.Address, StringComparer.Ordinal).ToList();
        return endpoints.Count == 0
            ? new CallResult(CallEnd.Refused)
            : await PlainAsync(endpoints[(Interlocked.Increment(ref turn) & int.MaxValue) % endpoints.Count], call, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A bare address: of a gateway or load balancer, or of a pod.</summary>
    private async Task<CallResult> AddressAsync(string address, Call call, CancellationToken cancellationToken)
    {
        if (fabric.External(address) is { } external)
        {
            var name = new ServiceName(external.Service.Key.Name, external.Service.Key.Namespace!);
            if (Endpoint.Of(external.Cluster, external.Cluster.ClusterId, name, call.Port).FirstOrDefault() is not { } behind)
            {
                return new CallResult(CallEnd.Refused);
            }

            switch (GatewayServer.Enter(cluster, fabric, address, call.Port, null).Passage)
            {
                case GatewayServer.Passage.Nowhere:
                    await Task.Delay(cluster.Options.ConnectTimeout, cluster.Store.Clock, cancellationToken).ConfigureAwait(false);
                    return new CallResult(CallEnd.ConnectTimeout);
                case GatewayServer.Passage.Closed:
                    return new CallResult(CallEnd.Empty);
                default:
                    return await PlainAsync(behind, call, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var other in fabric.Clusters.Where(other => LabFabric.Reaches(cluster, other)))
        {
            if (other.Store.List("", "pods").Items.FirstOrDefault(pod => string.Equals(pod.Json.Text("status", "podIP"), address, StringComparison.Ordinal)) is { } found)
            {
                return await PlainAsync(new Endpoint(other, other.ClusterId, found, call.Port), call, cancellationToken).ConfigureAwait(false);
            }
        }

        await Task.Delay(cluster.Options.ConnectTimeout, cluster.Store.Clock, cancellationToken).ConfigureAwait(false);
        return new CallResult(CallEnd.ConnectTimeout);
    }

    private static async Task<CallResult> PlainAsync(Endpoint endpoint, Call call, CancellationToken cancellationToken)
    {
        if (endpoint.Cluster.Programs.Find(endpoint.Pod.Uid)?.Ports.GetValueOrDefault(endpoint.Port) is not { } handler)
        {
            return new CallResult(CallEnd.Refused);
        }

        var isMesh = endpoint.Pod.Json.Label(SidecarInjector.TlsModeLabel) is "istio" && endpoint.Cluster.Certificates.Find(endpoint.Pod) is not null;
        if (isMesh && PeerPolicies.Mode(endpoint.Cluster.Store, endpoint.Pod, endpoint.Port) is "STRICT")
        {
            return new CallResult(CallEnd.Reset);
        }

        var start = Stopwatch.GetTimestamp();
        var answer = await PodHttp.SendAsync(handler, call, cancellationToken).ConfigureAwait(false);
        return isMesh && answer.End is CallEnd.Answered
            ? SidecarProxy.Proxied(answer, "istio-envoy", (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds)
            : answer;
    }
}
