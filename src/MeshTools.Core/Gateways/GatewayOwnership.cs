using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>Whether an object that has a gateway's name is a part of one, and whose it is.</summary>
internal static class GatewayOwnership
{
    private const string HelmRelease = "meta.helm.sh/release-name";

    private const string Component = "operator.istio.io/component";

    /// <summary>Refuses an object of another's making under the gateway's name.</summary>
    /// <exception cref="MeshException">It is something else (<c>ForeignObject</c>).</exception>
    internal static void Require(MeshCluster cluster, KubernetesObject live)
    {
        if (WhyForeign(live) is { } why)
            throw new MeshException(ErrorCatalog.ForeignObject, $"{cluster.Name}: {live.Reference} {why}", cluster);
    }

    /// <summary>What an object is instead of a part of an east-west gateway; <see langword="null"/> when it is one.</summary>
    internal static string? WhyForeign(KubernetesObject live)
    {
        if (live.Annotations.GetValueOrDefault(HelmRelease) is { } release)
            return $"belongs to Helm release {release}; change it with helm, or choose another -Name";
        var labels = live.Labels;
        if (labels.GetValueOrDefault(EastWestGateways.SelectorKey) is { } istio)
            return istio is EastWestGateways.SelectorValue ? null : $"is another gateway ({EastWestGateways.SelectorKey}={istio})";
        if (labels.GetValueOrDefault(Component) is "IngressGateways" || EastWestGatewayReading.Managers(live).Contains("meshtools", StringComparer.Ordinal))
            return null;
        if (live.FindString("spec", "gatewayClassName") is GatewayApiManifest.AmbientClass or GatewayApiManifest.IstioClass && labels.ContainsKey(EastWestGateways.NetworkLabel))
            return null;
        return "is there and is no part of an east-west gateway";
    }
}
