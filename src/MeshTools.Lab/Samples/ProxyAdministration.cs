using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>An endpoint in a proxy's cluster, and what was counted at it.</summary>
/// <param name="Address">The address that is connected to: a pod's or a gateway's.</param>
/// <param name="Port">The port.</param>
/// <param name="Priority">0 for what is called first.</param>
internal sealed record ProxyEndpoint(string Address, int Port, int Priority);

/// <summary>What a proxy counted at an endpoint.</summary>
internal sealed class EndpointStatistics
{
    public long Success;

    public long Error;

    public long ConnectFailure;
}

/// <summary>The administration of a proxy, as far as <c>/clusters?format=json</c> (Envoy, admin interface).</summary>
internal sealed class ProxyAdministration
{
    public const int Port = 15000;

    private readonly ConcurrentDictionary<string, EndpointStatistics> statistics = new(StringComparer.Ordinal);

    /// <summary>What is counted at an endpoint of a cluster.</summary>
    public EndpointStatistics At(string cluster, string address, int port) =>
        statistics.GetOrAdd(string.Create(CultureInfo.InvariantCulture, $"{cluster}/{address}:{port}"), _ => new EndpointStatistics());

    /// <summary>The answer.</summary>
    public string Clusters(IEnumerable<(string Cluster, IReadOnlyList<ProxyEndpoint> Endpoints)> clusters) => new JsonObject
    {
        ["cluster_statuses"] = new JsonArray(
        [
            .. clusters.Select(cluster => new JsonObject
            {
                ["name"] = cluster.Cluster,
                ["added_via_api"] = true,
                ["host_statuses"] = new JsonArray([.. cluster.Endpoints.DistinctBy(endpoint => (endpoint.Address, endpoint.Port)).Select(endpoint => Host(cluster.Cluster, endpoint))]),
            }),
        ]),
    }.ToJsonString(Wire.SerializerOptions);

    private JsonObject Host(string cluster, ProxyEndpoint endpoint)
    {
        var counted = At(cluster, endpoint.Address, endpoint.Port);
        var host = new JsonObject
        {
            ["address"] = new JsonObject { ["socket_address"] = new JsonObject { ["address"] = endpoint.Address, ["port_value"] = endpoint.Port } },
            ["stats"] = new JsonArray(
                Counter("cx_connect_fail", counted.ConnectFailure), Counter("rq_error", counted.Error), Counter("rq_success", counted.Success),
                Counter("rq_total", counted.Success + counted.Error)),
            ["health_status"] = new JsonObject { ["eds_health_status"] = "HEALTHY" },
            ["weight"] = 1,
        };
        if (endpoint.Priority > 0)
        {
            host["priority"] = endpoint.Priority;
        }

        return host;
    }

    /// <summary>A number of 64 bits is text in the JSON of a protobuf, and zero is left out.</summary>
    private static JsonObject Counter(string name, long value)
    {
        var counter = new JsonObject();
        if (value != 0)
        {
            counter["value"] = value.ToString(CultureInfo.InvariantCulture);
        }

        counter["name"] = name;
        return counter;
    }
}
