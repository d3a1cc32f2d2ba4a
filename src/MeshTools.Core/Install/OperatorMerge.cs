using System.Text.Json.Nodes;

namespace MeshTools.Install;

/// <summary>
/// Lays one IstioOperator over another, as istioctl does with its <c>-f</c> files: maps are merged, and lists replaced (operator/pkg/values/map.go, 1.24 and later). Before,
/// some lists were merged by a key, others as sets, and null removed (operator/pkg/util/merge_iop.go, 1.23 and earlier).
/// </summary>
internal static class OperatorMerge
{
    private const string Set = "";

    // Lists of gateways by name is what overlays meet most: a gateway of the base keeps what the overlay leaves out.
    private static readonly Dictionary<string, string> s_keys = new(StringComparer.Ordinal)
    {
        ["spec.components.ingressGateways"] = "name",
        ["spec.components.egressGateways"] = "name",
        ["spec.meshConfig.trustDomainAliases"] = Set,
        ["spec.meshConfig.defaultServiceExportTo"] = Set,
        ["spec.meshConfig.defaultVirtualServiceExportTo"] = Set,
        ["spec.meshConfig.defaultDestinationRuleExportTo"] = Set,
        ["spec.meshConfig.configSources"] = "address",
        ["spec.meshConfig.certificates"] = "secretName",
        ["spec.meshConfig.extensionProviders"] = "name",
        ["spec.values.gateways.istio-ingressgateway.ports"] = "name",
        ["spec.values.gateways.istio-ingressgateway.meshExpansionPorts"] = "name",
        ["spec.values.gateways.istio-ingressgateway.secretVolumes"] = "name",
        ["spec.values.gateways.istio-egressgateway.ports"] = "name",
        ["spec.values.gateways.istio-egressgateway.secretVolumes"] = "name",
    };

    /// <summary>Lays an overlay over a document, which is changed.</summary>
    internal static void Over(JsonObject document, JsonObject overlay, IstioRelease release) => Merge(document, overlay, "", release.ReplacesLists);

    private static void Merge(JsonObject target, JsonObject overlay, string path, bool replacesLists)
    {
        foreach (var (key, value) in overlay)
        {
            var here = path.Length == 0 ? key : $"{path}.{key}";
            switch (target[key], value)
            {
                case (JsonObject map, JsonObject over):
                    Merge(map, over, here, replacesLists);
                    break;
                case (_, null) when !replacesLists:
                    target.Remove(key);
                    break;
                case (JsonArray list, JsonArray over) when !replacesLists && s_keys.TryGetValue(here, out var by):
                    Unite(list, over, by, here);
                    break;
                default:
                    target[key] = value?.DeepClone();
                    break;
            }
        }
    }

    private static void Unite(JsonArray list, JsonArray overlay, string by, string path)
    {
        foreach (var item in overlay)
        {
            if (by.Length == 0)
            {
                if (!list.Any(known => JsonNode.DeepEquals(known, item)))
                    list.Add(item?.DeepClone());
            }
            else if (item is JsonObject over && list.OfType<JsonObject>().FirstOrDefault(known => JsonNode.DeepEquals(known[by], over[by])) is { } same)
            {
                Merge(same, over, path + "[]", replacesLists: false);
            }
            else
            {
                list.Add(item?.DeepClone());
            }
        }
    }
}
