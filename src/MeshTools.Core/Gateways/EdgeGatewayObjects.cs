using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>What is live under the names of an edge gateway's objects, and whose it is.</summary>
internal static class EdgeGatewayObjects
{
    private const string HelmRelease = "meta.helm.sh/release-name";

    /// <summary>The objects that are there, each with the description of the one that it is the place of.</summary>
    internal static async Task<IReadOnlyList<ManifestObject>> FindAsync(MeshCluster cluster, IReadOnlyList<ManifestObject> objects, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var live = await Task.WhenAll(objects.Select(async item =>
        {
            var type = await client.TypeOfAsync(item.Object, cancellationToken).ConfigureAwait(false);
            return (Object: await client.FindAsync(type, item.Object.Namespace, item.Object.Name, cancellationToken).ConfigureAwait(false), item.Description);
        })).ConfigureAwait(false);
        return [.. live.Where(item => item.Object is not null).Select(item => new ManifestObject(item.Object!, item.Description))];
    }

    /// <summary>Refuses what is not a part of such a gateway.</summary>
    /// <exception cref="MeshException">It is something else (<c>ForeignObject</c>).</exception>
    internal static void Require(MeshCluster cluster, KubernetesObject live, EdgeGatewayOptions options)
    {
        if (WhyForeign(live, options) is { } why)
            throw new MeshException(ErrorCatalog.ForeignObject, $"{cluster.Name}: {live.Reference} {why}", cluster);
    }

    private static string? WhyForeign(KubernetesObject live, EdgeGatewayOptions options)
    {
        if (live.Annotations.GetValueOrDefault(HelmRelease) is { } release)
            return $"belongs to Helm release {release}; change it with helm, or choose another -Name";
        return live.Kind switch
        {
            "Deployment" when !IsSelector(live, options, "spec", "selector", "matchLabels") =>
                $"selects pods with {Text(live, "spec", "selector", "matchLabels")}, and cannot be made to select others",
            "Deployment" when live.FindString("spec", "template", "metadata", "annotations", EdgeGatewayManifest.TemplateAnnotation) is not "gateway" => "runs something else than the proxy of a gateway",
            "Service" when !IsSelector(live, options, "spec", "selector") => $"leads to pods with {Text(live, "spec", "selector")}",
            "HorizontalPodAutoscaler" when !string.Equals(live.FindString("spec", "scaleTargetRef", "name"), options.EffectiveName, StringComparison.Ordinal) =>
                $"scales {live.FindString("spec", "scaleTargetRef", "kind")} {live.FindString("spec", "scaleTargetRef", "name")}",
            "RoleBinding" when !string.Equals(live.FindString("roleRef", "name"), options.EffectiveName, StringComparison.Ordinal) => $"binds role {live.FindString("roleRef", "name")}",
            _ => null,
        };
    }

    private static bool IsSelector(KubernetesObject live, EdgeGatewayOptions options, params string[] path)
    {
        var selector = JsonAccess.ToStringMap(live.Find(path));
        return selector.Count == options.Selector.Count
            && options.Selector.All(pair => string.Equals(selector.GetValueOrDefault(pair.Key), pair.Value, StringComparison.Ordinal));
    }

    private static string Text(KubernetesObject live, params string[] path) => ClusterExposure.Text(JsonAccess.ToStringMap(live.Find(path)));
}
