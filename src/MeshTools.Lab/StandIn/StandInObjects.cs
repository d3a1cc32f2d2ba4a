using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Lab;

/// <summary>The objects that the stand-in renders, as any client would send them.</summary>
internal static class StandInObjects
{
    public static IReadOnlyList<KubernetesObject> Render(StandInConfiguration configuration)
    {
        var objects = Source(configuration).All();
        if (!configuration.HasControlPlane)
        {
            objects = objects.Where(item => item.Key.Plural is "customresourcedefinitions" || item.Key.Name is "istio-reader-service-account");
        }

        // Tags are made by an installation, and are no part of its manifest.
        KubernetesObject[] rendered = [.. objects.Where(item => item.Key.Name is not "istio-revision-tag-default").Select(From)];
        var suffix = configuration.Options.RevisionSuffix;
        foreach (var map in rendered.Where(obj => obj.Kind is "ConfigMap"))
        {
            if (string.Equals(map.Name, "istio" + suffix, StringComparison.Ordinal))
            {
                Lay(map, "mesh", configuration.MeshConfig, KubernetesYaml.Write);
            }
            else if (string.Equals(map.Name, "istio-sidecar-injector" + suffix, StringComparison.Ordinal))
            {
                Lay(map, "values", configuration.Values, node => node!.ToJsonString());
            }
        }

        return rendered;
    }

    /// <summary>The tag that the first installation gets.</summary>
    public static IReadOnlyList<KubernetesObject> DefaultTag(StandInConfiguration configuration) => [.. Source(configuration).Tag("default").Select(From)];

    private static void Lay(KubernetesObject map, string key, JsonObject over, Func<JsonNode?, string> write)
    {
        var data = map.Json.Child("data");
        var below = (JsonObject)KubernetesYaml.ParseAll(data.Text(key) ?? "{}")[0];
        Merge(below, over);
        data[key] = write(below);
    }

    private static void Merge(JsonObject below, JsonObject over)
    {
        foreach (var (key, value) in over)
        {
            if (below[key] is JsonObject map && value is JsonObject inner)
            {
                Merge(map, inner);
            }
            else
            {
                below[key] = value?.DeepClone();
            }
        }
    }

    private static ControlPlaneObjects Source(StandInConfiguration configuration) => new(configuration.Options, null, TimeProvider.System) { Wishes = configuration.Wishes };

    private static KubernetesObject From((ResourceKey Key, JsonObject Json) item)
    {
        var json = (JsonObject)item.Json.DeepClone();
        var metadata = json.Child("metadata");
        metadata["name"] = item.Key.Name;
        if (item.Key.Namespace is { } ns)
        {
            metadata["namespace"] = ns;
        }

        return new KubernetesObject(json).WithoutServerFields();
    }
}
