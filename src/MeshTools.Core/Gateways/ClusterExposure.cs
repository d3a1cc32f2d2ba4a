using MeshTools.Clusters;

namespace MeshTools.Gateways;

/// <summary>What the gateways of one cluster let in from other networks.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Served">Whether the cluster knows Istio's Gateways at all; <see langword="false"/> when their definitions are not installed.</param>
/// <param name="Servers">What its Gateways say, those of all namespaces.</param>
public sealed record ClusterExposure(MeshCluster Cluster, bool Served, IReadOnlyList<ExposedServer> Servers)
{
    /// <summary>What lets calls from other networks to a host in.</summary>
    /// <param name="host">A whole name: <c>helloworld.sample.svc.cluster.local</c>.</param>
    /// <param name="gatewayLabels">The labels of a gateway's pods, when only what those pods do counts.</param>
    /// <returns>The first such server; <see langword="null"/> when there is none.</returns>
    public ExposedServer? Find(string host, IReadOnlyDictionary<string, string>? gatewayLabels = null) =>
        Servers.FirstOrDefault(server => server.IsCrossNetwork && server.Covers(host) && (gatewayLabels is null || server.Selects(gatewayLabels)));

    /// <summary>Why calls from other networks to a host are not let in.</summary>
    /// <param name="host">A whole name: <c>helloworld.sample.svc.cluster.local</c>.</param>
    /// <param name="gatewayLabels">The labels of a gateway's pods, when only what those pods do counts.</param>
    /// <returns>One sentence without the cluster's name; <see langword="null"/> when they are let in.</returns>
    public string? WhyNot(string host, IReadOnlyDictionary<string, string>? gatewayLabels = null)
    {
        if (Find(host, gatewayLabels) is not null)
            return null;
        if (!Served)
            return "the definitions of Istio's Gateways are not installed";
        if (Find(host) is { } elsewhere)
            return $"{elsewhere.Gateway} selects pods with {Text(elsewhere.Selector)}, and the gateway has no such pod";
        ExposedServer[] crossing = [.. Servers.Where(server => server.IsCrossNetwork)];
        return crossing.Length == 0
            ? $"no Gateway passes port {ExposedServer.CrossNetworkPort} on ({ExposedServer.AutoPassthrough})"
            : $"{host} is not among the hosts of {string.Join(", ", crossing.Select(server => $"{server.Gateway} ({string.Join(", ", server.Hosts)})"))}";
    }

    internal static string Text(IReadOnlyDictionary<string, string> labels) =>
        labels.Count == 0 ? "any labels" : string.Join(",", labels.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));
}
