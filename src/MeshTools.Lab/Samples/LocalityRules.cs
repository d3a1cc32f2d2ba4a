using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Whether a proxy prefers near endpoints: locality failover, which is on by default, takes effect with outlier detection (istio pilot/pkg/networking/core/loadbalancer), and a
/// Service may ask for it by <c>trafficDistribution</c>. Near is the same region, as the nodes' labels say.
/// </summary>
internal static class LocalityRules
{
    /// <summary>The priority of an endpoint for a client: 0 when it is near or nothing makes a difference, else 1.</summary>
    public static int Priority(LabCluster from, LabCluster to, bool inForce) => inForce && !string.Equals(Region(from), Region(to), StringComparison.Ordinal) ? 1 : 0;

    /// <summary>Whether a cluster's rules for a Service make near endpoints preferred.</summary>
    public static bool InForce(LabCluster cluster, StoredObject client, ServiceName service, JsonObject mesh)
    {
        if (cluster.Store.Find(new ResourceKey("", "services", service.Namespace, service.Name))?.Json.Text("spec", "trafficDistribution") is not null)
        {
            return true;
        }

        if (mesh.At("localityLbSetting", "enabled") is JsonValue value && value.TryGetValue(out bool enabled) && !enabled)
        {
            return false;
        }

        string?[] homes = [client.Key.Namespace, service.Namespace, ControlPlaneObjects.Namespace];
        return cluster.Store.List("networking.istio.io", "destinationrules").Items.Any(rule =>
            homes.Contains(rule.Key.Namespace, StringComparer.Ordinal) && IsFor(rule, service) &&
            rule.Json.At("spec", "trafficPolicy", "outlierDetection") is JsonObject &&
            !(rule.Json.At("spec", "trafficPolicy", "loadBalancer", "localityLbSetting", "enabled") is JsonValue own && own.TryGetValue(out bool wanted) && !wanted));
    }

    private static bool IsFor(StoredObject rule, ServiceName service) =>
        rule.Json.Text("spec", "host") is { } host && ServiceName.Parse(host, rule.Key.Namespace!) is { } named && named == service;

    private static string? Region(LabCluster cluster) =>
        cluster.Store.List("", "nodes").Items.Select(node => node.Json.Label("topology.kubernetes.io/region")).FirstOrDefault(region => region is not null);
}
