using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The answers of one replica's debug and monitoring ports (istio pilot/pkg/xds/debug.go).</summary>
internal sealed class IstiodDebug(ObjectStore store, IstiodSettings settings, RemoteClusters remotes, IstiodAuthority authority)
{
    private const string Json = "application/json";

    public HttpPortAnswer Answer(string target)
    {
        var path = target.Split('?')[0];
        return path switch
        {
            "/debug/clusterz" => new HttpPortAnswer(200, Json, Write(Clusters())),
            "/debug/networkz" => new HttpPortAnswer(200, Json, Write(Networks())),
            "/debug/mesh" => new HttpPortAnswer(200, Json, Write(MeshConfiguration.Read(store, settings))),
            "/version" => HttpPort.Text(200, $"{settings.Version}-meshtools-lab-Clean"),
            "/ready" => HttpPort.Text(200, string.Empty),
            "/metrics" => HttpPort.Text(200, Metrics()),
            _ => HttpPort.Text(404, "404 page not found\n"),
        };
    }

    private static string Write(JsonNode node) => node.ToJsonString(Wire.SerializerOptions);

    private JsonArray Clusters()
    {
        var clusters = new JsonArray(new JsonObject { ["id"] = settings.ClusterId, ["secretName"] = string.Empty, ["syncStatus"] = "synced" });
        foreach (var remote in remotes.All)
        {
            clusters.Add((JsonNode)new JsonObject
            {
                ["id"] = remote.Id,
                ["secretName"] = remote.Secret,
                ["syncStatus"] = Name(remote.Status),
            });
        }

        return clusters;
    }

    private static string Name(SyncStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>Gateways by their IP addresses, those behind host names resolved.</summary>
    private JsonArray Networks() => new(
    [
        .. NetworkGateways.Known(store, settings, remotes).Select(gateway => new JsonObject
        {
            ["Network"] = gateway.Network,
            ["Cluster"] = gateway.Cluster,
            ["Addr"] = gateway.Address,
            ["Port"] = gateway.Port,
            ["HBONEPort"] = gateway.HbonePort,
            ["ServiceAccount"] = new JsonObject { ["Namespace"] = string.Empty, ["Name"] = string.Empty },
        }),
    ]);

    private string Metrics()
    {
        var all = remotes.All;
        var text = new StringBuilder();
        text.Append("# HELP istiod_managed_clusters Number of clusters managed by istiod\n# TYPE istiod_managed_clusters gauge\n");
        text.Append("istiod_managed_clusters{cluster_type=\"local\"} 1\n");
        text.Append(CultureInfo.InvariantCulture, $"istiod_managed_clusters{{cluster_type=\"remote\"}} {all.Count}\n");
        text.Append("# HELP istiod_remote_cluster_sync_status Current synchronization status of remote clusters\n");
        text.Append("# TYPE istiod_remote_cluster_sync_status gauge\n");
        foreach (var remote in all)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"istiod_remote_cluster_sync_status{{cluster=\"{remote.Id}\",cluster_type=\"remote\",status=\"{Name(remote.Status)}\"}} 1\n");
        }

        text.Append("# HELP remote_cluster_sync_timeouts_total Number of times remote clusters took too long to sync\n");
        text.Append("# TYPE remote_cluster_sync_timeouts_total counter\n");
        foreach (var remote in all.Where(cluster => cluster.Status is SyncStatus.Timeout))
        {
            text.Append(CultureInfo.InvariantCulture, $"remote_cluster_sync_timeouts_total{{cluster=\"{remote.Id}\"}} 1\n");
        }

        var signer = authority.Current;
        text.Append("# HELP citadel_server_root_cert_expiry_timestamp The unix timestamp, in seconds, when the root cert will expire.\n");
        text.Append("# TYPE citadel_server_root_cert_expiry_timestamp gauge\n");
        text.Append(CultureInfo.InvariantCulture, $"citadel_server_root_cert_expiry_timestamp {signer.RootExpiry.ToUnixTimeSeconds()}\n");
        text.Append("# HELP citadel_server_cert_chain_expiry_timestamp The unix timestamp, in seconds, when the cert chain will expire.\n");
        text.Append("# TYPE citadel_server_cert_chain_expiry_timestamp gauge\n");
        text.Append(CultureInfo.InvariantCulture, $"citadel_server_cert_chain_expiry_timestamp {signer.ChainExpiry.ToUnixTimeSeconds()}\n");
        return text.ToString();
    }
}
