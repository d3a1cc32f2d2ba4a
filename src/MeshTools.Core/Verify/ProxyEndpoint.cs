using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Verify;

/// <summary>An endpoint of the called Service as the client's own proxy knows it (Envoy, admin <c>/clusters?format=json</c>).</summary>
/// <param name="Address">An IP address: a pod's, or a gateway's of another network.</param>
/// <param name="Port">The port.</param>
/// <param name="Succeeded">Requests that it has answered well since the proxy started.</param>
/// <param name="Failed">Requests and connections that failed at it.</param>
/// <param name="Priority">0 for what is called first; more for what is called only when that is not well.</param>
/// <param name="Ejected">Whether outlier detection keeps it out at present.</param>
internal sealed record ProxyEndpoint(string Address, int Port, long Succeeded, long Failed, int Priority, bool Ejected)
{
    private const int AdminPort = 15000;

    /// <summary>Asks the client's proxy.</summary>
    /// <returns>The endpoints; <see langword="null"/> when the client has no proxy or it cannot be asked.</returns>
    internal static async Task<IReadOnlyList<ProxyEndpoint>?> ReadAsync(ClientPod client, ConnectivityOptions options, CancellationToken cancellationToken)
    {
        if (!client.Injected)
            return null;
        try
        {
            using var answer = await client.Cluster.Connect()
                .GetThroughPodAsync(client.Namespace, client.Name, AdminPort, "/clusters?format=json", cancellationToken).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK
                ? [.. Read(JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)), options)]
                : null;
        }
        catch (Exception e) when (e is KubernetesException or JsonException)
        {
            // What it would tell helps to name a fault; calls prove what they prove without it.
            return null;
        }
    }

    internal static IEnumerable<ProxyEndpoint> Read(JsonNode? clusters, ConnectivityOptions options)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"outbound|{options.Port}|");
        var host = $"|{options.Service}.{options.Namespace}.svc.";
        foreach (var cluster in clusters.FindArray("cluster_statuses") ?? [])
        {
            var name = cluster.FindString("name") ?? "";
            if (!name.StartsWith(prefix, StringComparison.Ordinal) || !name.Contains(host, StringComparison.Ordinal))
                continue;
            foreach (var endpoint in cluster.FindArray("host_statuses") ?? [])
            {
                if (endpoint.FindString("address", "socket_address", "address") is not { } address)
                    continue;
                yield return new ProxyEndpoint(
                    address,
                    (int)(endpoint.FindInt64("address", "socket_address", "port_value") ?? 0),
                    Stat(endpoint, "rq_success"),
                    Math.Max(Stat(endpoint, "rq_error"), Stat(endpoint, "cx_connect_fail")),
                    (int)(endpoint.FindInt64("priority") ?? 0),
                    endpoint.FindBoolean("health_status", "failed_outlier_check") ?? false);
            }
        }
    }

    // A protobuf's uint64 is text in JSON, and zero is left out.
    private static long Stat(JsonNode? endpoint, string name)
    {
        var stat = (endpoint.FindArray("stats") ?? []).FirstOrDefault(item => item.FindString("name").Same(name));
        return stat.FindInt64("value") ?? (long.TryParse(stat.FindString("value"), CultureInfo.InvariantCulture, out var value) ? value : 0);
    }
}
