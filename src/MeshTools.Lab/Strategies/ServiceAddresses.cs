using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Hands out cluster IPs (10.96.0.0/16) and node ports (30000 to 32767) that no service of the cluster has.</summary>
internal static class ServiceAddresses
{
    internal static void Allocate(ObjectStore store, JsonObject service)
    {
        if (service["spec"] is not JsonObject spec || JsonTree.Text(spec["type"]) is "ExternalName")
        {
            return;
        }

        var others = store.List("", "services").Items;
        if (string.IsNullOrEmpty(JsonTree.Text(spec["clusterIP"])))
        {
            spec["clusterIP"] = FreeAddress(others);
        }

        Defaults.SetMissing(spec, "clusterIPs", new JsonArray(JsonTree.Clone(spec["clusterIP"])));
        Defaults.SetMissing(spec, "ipFamilies", new JsonArray("IPv4"));
        Defaults.SetMissing(spec, "ipFamilyPolicy", "SingleStack");
        var type = JsonTree.Text(spec["type"]);
        if (type is "NodePort" || (type is "LoadBalancer" && spec["allocateLoadBalancerNodePorts"]?.GetValue<bool>() != false))
        {
            var taken = others.SelectMany(other => Defaults.Objects(other.Json["spec"]?["ports"])).Select(port => JsonTree.Integer(port["nodePort"]) ?? 0).ToHashSet();
            foreach (var port in Defaults.Objects(spec["ports"]).Where(port => JsonTree.Integer(port["nodePort"]) is null or 0))
            {
                long candidate;
                do
                {
                    candidate = RandomNumberGenerator.GetInt32(30000, 32768);
                }
                while (!taken.Add(candidate));
                port["nodePort"] = candidate;
            }
        }
    }

    private static string FreeAddress(IReadOnlyList<StoredObject> others)
    {
        var taken = others.Select(other => JsonTree.FindText(other.Json, "spec", "clusterIP")).ToHashSet(StringComparer.Ordinal);
        while (true)
        {
            var candidate = string.Create(CultureInfo.InvariantCulture, $"10.96.{RandomNumberGenerator.GetInt32(0, 255)}.{RandomNumberGenerator.GetInt32(11, 255)}");
            if (!taken.Contains(candidate))
            {
                return candidate;
            }
        }
    }
}
