using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Install;

/// <summary>Which revision gave a pod its proxy, by what the injector leaves on it: the annotation <c>istio.io/rev</c>, else <c>sidecar.istio.io/status</c>.</summary>
internal static class ProxyRevision
{
    internal static string? Of(KubernetesObject pod)
    {
        if (pod.Annotations.GetValueOrDefault("sidecar.istio.io/status") is not { Length: > 0 } status)
            return null;
        if (pod.Annotations.GetValueOrDefault("istio.io/rev") is { Length: > 0 } revision)
            return revision;
        try
        {
            return JsonNode.Parse(status).FindString("revision");
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
