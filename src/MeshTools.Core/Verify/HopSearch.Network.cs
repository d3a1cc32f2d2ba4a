using MeshTools.Clusters;
using MeshTools.Gateways;
using MeshTools.Kubernetes;

namespace MeshTools.Verify;

/// <content>Networks, gateways and what they let in.</content>
internal sealed partial class HopSearch
{
    /// <summary>Where the source's proxy meets the target: at a gateway's addresses, or at those of its pods.</summary>
    internal static async Task<IReadOnlySet<string>> MeetingPointsAsync(MeshFacts facts, ClientPod? client, MeshCluster source, MeshCluster target, CancellationToken cancellationToken)
    {
        var there = facts.ViewOf(target);
        var pods = there.Addresses.ToHashSet(StringComparer.Ordinal);
        if (source.Entry() == target.Entry())
            return pods;
        var far = await facts.NetworkAsync(target, cancellationToken).ConfigureAwait(false);
        var near = await facts.NetworkAsync(source, cancellationToken).ConfigureAwait(false);
        var network = far.Of(there.Pods.Count > 0 ? there.Pods[0] : null);
        var gateways = far.Gateways.Where(gateway => gateway.Network.Same(network)).SelectMany(gateway => gateway.Addresses).ToHashSet(StringComparer.Ordinal);
        return gateways.Count == 0 || network.Length == 0 || near.Of(client?.Pod).Same(network) ? pods : gateways;
    }

    // Calls go straight to pods within one network, and also when either side has none: istiod then knows no way around (pilot/pkg/xds/endpoints/ep_filters.go).
    private async Task<bool> IsDirectAsync(CancellationToken cancellationToken)
    {
        var (near, far) = await NetworksAsync(cancellationToken).ConfigureAwait(false);
        return near.Length == 0 || far.Length == 0 || near.Same(far);
    }

    private async Task<(string Near, string Far)> NetworksAsync(CancellationToken cancellationToken)
    {
        var here = await facts.NetworkAsync(Source, cancellationToken).ConfigureAwait(false);
        var there = await facts.NetworkAsync(target, cancellationToken).ConfigureAwait(false);
        return (here.Of(calls.Client?.Pod), there.Of(_there.ReadyPods.FirstOrDefault()));
    }

    private async Task<HopFinding?> NetworkAsync(CancellationToken cancellationToken)
    {
        if (Local)
            return null;
        var here = await facts.NetworkAsync(Source, cancellationToken).ConfigureAwait(false);
        var there = await facts.NetworkAsync(target, cancellationToken).ConfigureAwait(false);
        if (calls.Client is { } client && Stale(Source, client.Pod, here.Declared) is { } old)
            return old;
        foreach (var pod in _there.ReadyPods)
        {
            if (Stale(target, pod, there.Declared) is { } stale)
                return stale;
        }

        var (near, far) = await NetworksAsync(cancellationToken).ConfigureAwait(false);
        if (near.Length == 0 || far.Length == 0 || near.Same(far))
            return await DirectAsync(near, far, there, cancellationToken).ConfigureAwait(false);
        NetworkGateway[] gateways = [.. there.Gateways.Where(gateway => gateway.Network.Same(far))];
        if (gateways.Length == 0 && there.Gateways.Count > 0)
        {
            var other = there.Gateways[0];
            return new HopFinding(
                ConnectivityHop.Network,
                $"gateway {other.Name} of {target.Name} leads into network {other.Network}, and the pods of {Service} are in {far}",
                $"Get-MeshCluster {target.Name} | New-EastWestGateway -Network {far} -Wait");
        }

        return await GatewayAsync(gateways, cancellationToken).ConfigureAwait(false);
    }

    // Injection writes the network of its day into the pod.
    private static HopFinding? Stale(MeshCluster cluster, KubernetesObject pod, string declared) =>
        pod.Labels.GetValueOrDefault(ServiceView.NetworkLabel) is { Length: > 0 } own && declared.Length > 0 && !own.Same(declared)
            ? new HopFinding(
                ConnectivityHop.Network,
                $"pod {pod.Namespace}/{pod.Name} of {cluster.Name} says network {own}, and its cluster is in {declared}",
                $"Get-MeshCluster {cluster.Name} | Restart-MeshWorkload -Namespace {pod.Namespace}; when it stays, the control plane was installed with another network than its namespace's label {ServiceView.NetworkLabel} says")
            : null;

    private async Task<HopFinding?> DirectAsync(string near, string far, NetworkView there, CancellationToken cancellationToken)
    {
        if (calls.Client is not { } client || _there.Addresses.FirstOrDefault() is not { } address)
            return null;
        var port = TargetPort();
        var answer = await PortProbe.TryAsync(client, address, port, cancellationToken).ConfigureAwait(false);
        if (answer is not (PortAnswer.Silent or PortAnswer.UnknownName))
            return null;
        var who = near.Same(far) && near.Length > 0 ? $"both clusters say network {near}"
            : near.Length == 0 && far.Length == 0 ? "neither cluster says its network"
            : $"{(near.Length == 0 ? Source.Name : target.Name)} does not say its network (label {ServiceView.NetworkLabel} of namespace {_options.ControlPlaneNamespace})";
        var gateway = there.Gateways.Count == 0 ? $" | New-EastWestGateway -Wait" : "";
        return new HopFinding(
            ConnectivityHop.Network,
            FormattableString.Invariant($"{who}, so calls go straight to pods, and {address}:{port} of {target.Name} does not answer from {Source.Name}"),
            $"If pods of the two cannot reach each other, give each cluster a network of its own: kubectl --context CONTEXT label namespace {_options.ControlPlaneNamespace} {ServiceView.NetworkLabel}=NETWORK --overwrite, and Get-MeshCluster {Source.Name}, {target.Name}{gateway} | Publish-MeshService; then Restart-MeshWorkload. Else open the way between their pods.");
    }

    private async Task<HopFinding?> GatewayAsync(NetworkGateway[] gateways, CancellationToken cancellationToken)
    {
        var make = $"Get-MeshCluster {target.Name} | New-EastWestGateway -Wait";
        if (gateways.Length == 0)
            return new HopFinding(ConnectivityHop.GatewayAddress, $"{target.Name} has no east-west gateway, so {Source.Name} knows no way into its network", $"{make} | Publish-MeshService");
        if (gateways.All(gateway => gateway.Addresses.Count == 0))
        {
            return new HopFinding(
                ConnectivityHop.GatewayAddress, $"gateway {gateways[0].Name} of {target.Name} has no address yet: its load balancer has given none",
                $"{make}; kubectl --context {target.Context} -n {gateways[0].Service.Namespace} describe service {gateways[0].Service.Name}");
        }

        NetworkGateway[] usable = [.. gateways.Where(gateway => gateway.Addresses.Count > 0)];
        if (Array.Find(usable, gateway => !gateway.HasPort) is { } lacking && !Array.Exists(usable, gateway => gateway.HasPort))
            return new HopFinding(ConnectivityHop.GatewayPort, FormattableString.Invariant($"gateway {lacking.Name} of {target.Name} does not offer port {lacking.Port}"), make);
        foreach (var gateway in usable.Where(gateway => gateway.HasPort))
        {
            if (await GatewayPodsAsync(gateway, cancellationToken).ConfigureAwait(false) is { } down)
                return down;
            foreach (var address in gateway.Addresses)
            {
                if (await AddressAsync(gateway, address, cancellationToken).ConfigureAwait(false) is { } closed)
                    return closed;
            }
        }

        return await ExposureAsync(usable[0], cancellationToken).ConfigureAwait(false);
    }

    private async Task<HopFinding?> GatewayPodsAsync(NetworkGateway gateway, CancellationToken cancellationToken)
    {
        var selector = JsonAccess.ToStringMap(gateway.Service.Find("spec", "selector"));
        if (selector.Count == 0)
            return null;
        var pods = await PodsOfAsync(gateway, cancellationToken).ConfigureAwait(false);
        if (pods.Any(ClientPod.IsReady))
            return null;
        var why = pods.FirstOrDefault(ClientPod.IsActive) is { } pod ? $"{pod.Name}: {ClientPod.WhyNotReady(pod)}" : "it has none";
        return new HopFinding(ConnectivityHop.GatewayPort, $"no pod of gateway {gateway.Name} of {target.Name} is ready: {why}", $"Get-MeshCluster {target.Name} | New-EastWestGateway -Wait");
    }

    private Task<IReadOnlyList<KubernetesObject>> PodsOfAsync(NetworkGateway gateway, CancellationToken cancellationToken) => facts.PodsAsync(
        target, gateway.Service.Namespace ?? "", string.Join(',', JsonAccess.ToStringMap(gateway.Service.Find("spec", "selector")).Select(pair => $"{pair.Key}={pair.Value}")), cancellationToken);

    private async Task<HopFinding?> AddressAsync(NetworkGateway gateway, string address, CancellationToken cancellationToken)
    {
        if (calls.Client is not { } client)
            return null;
        var answer = await PortProbe.TryAsync(client, address, gateway.Port, cancellationToken).ConfigureAwait(false);
        if (answer is PortAnswer.Open or PortAnswer.Unknown)
            return null;
        // A gateway's proxy opens the port only for a Gateway that says so: refused is closed, or not exposed.
        if (answer is PortAnswer.Refused && await ExposureAsync(gateway, cancellationToken).ConfigureAwait(false) is { } hidden)
            return hidden;
        var what = answer switch
        {
            PortAnswer.Refused => "refuses connections",
            PortAnswer.UnknownName => "is a name that is not known there",
            _ => "does not answer",
        };
        return new HopFinding(
            answer is PortAnswer.UnknownName ? ConnectivityHop.GatewayAddress : ConnectivityHop.GatewayPort,
            FormattableString.Invariant($"{address}:{gateway.Port} of gateway {gateway.Name} of {target.Name} {what}, tried from pod {client.Namespace}/{client.Name} of {Source.Name}"),
            answer is PortAnswer.UnknownName
                ? "Have the name resolved in that cluster's DNS, or give the gateway's Service an IP address."
                : FormattableString.Invariant($"Open TCP port {gateway.Port} of {address} for the nodes of {Source.Name} (firewall, security group, load balancer); Get-MeshCluster {target.Name} | Get-EastWestGateway shows the gateway."));
    }

    private async Task<HopFinding?> ExposureAsync(NetworkGateway gateway, CancellationToken cancellationToken)
    {
        if (await facts.ExposureAsync(target, cancellationToken).ConfigureAwait(false) is not { } exposure)
            return null;
        var pods = await PodsOfAsync(gateway, cancellationToken).ConfigureAwait(false);
        var labels = pods.FirstOrDefault(ClientPod.IsReady)?.Labels;
        return exposure.WhyNot(_options.Host, labels) is { } reason
            ? new HopFinding(ConnectivityHop.Exposure, $"{target.Name} does not expose the Service: {reason}", $"Get-MeshCluster {target.Name} | Publish-MeshService")
            : null;
    }

    private int TargetPort()
    {
        var port = (_there.Service?.Json.FindArray("spec", "ports") ?? []).FirstOrDefault(item => item.FindInt64("port") == _options.Port);
        if (port.FindInt64("targetPort") is { } number and > 0)
            return (int)number;
        if (port.FindString("targetPort") is { } name && _there.ReadyPods.FirstOrDefault() is { } pod)
        {
            var named = (pod.Json.FindArray("spec", "containers") ?? []).SelectMany(container => container.FindArray("ports") ?? [])
                .FirstOrDefault(item => item.FindString("name").Same(name)).FindInt64("containerPort");
            if (named is { } found)
                return (int)found;
        }

        return _options.Port;
    }
}
