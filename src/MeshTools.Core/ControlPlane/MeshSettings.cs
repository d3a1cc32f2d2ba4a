using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.ControlPlane;

/// <summary>What a control plane's ConfigMaps say about the mesh: <c>istio[-REVISION]</c> and <c>istio-sidecar-injector[-REVISION]</c>.</summary>
/// <param name="MeshId"><c>defaultConfig.meshId</c>, else <c>global.meshID</c> of the injector's values.</param>
/// <param name="Network"><c>global.network</c> of the injector's values: what injected workloads believe.</param>
/// <param name="TrustDomain"><c>trustDomain</c>; istiod takes <c>cluster.local</c> when it is absent.</param>
/// <param name="ClusterName"><c>global.multiCluster.clusterName</c> of the injector's values.</param>
internal sealed record MeshSettings(string? MeshId, string? Network, string? TrustDomain, string? ClusterName)
{
    internal static MeshSettings From(KubernetesObject? mesh, KubernetesObject? injector)
    {
        var meshConfig = Yaml(mesh?.FindString("data", "mesh"));
        var values = Json(injector?.FindString("data", "values"));
        return new MeshSettings(
            NotEmpty(meshConfig.FindString("defaultConfig", "meshId")) ?? NotEmpty(values.FindString("global", "meshID")),
            NotEmpty(values.FindString("global", "network")),
            NotEmpty(meshConfig.FindString("trustDomain")) ?? (mesh is null ? null : "cluster.local"),
            NotEmpty(values.FindString("global", "multiCluster", "clusterName")));
    }

    /// <summary>The trust domains besides its own that a mesh configuration accepts.</summary>
    internal static IReadOnlyList<string> TrustDomainAliasesOf(KubernetesObject mesh) => Yaml(mesh.FindString("data", "mesh")).FindStrings("trustDomainAliases");

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    // A ConfigMap that somebody broke tells nothing; the control plane itself complains about it.
    private static JsonNode? Yaml(string? text)
    {
        try
        {
            return text is null ? null : KubernetesYaml.ParseAll(text).FirstOrDefault();
        }
        catch (KubernetesYamlException)
        {
            return null;
        }
    }

    private static JsonNode? Json(string? text)
    {
        try
        {
            return text is null ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
