using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Workloads;

/// <summary>What the injector has made of a pod (istio pkg/kube/inject).</summary>
internal static class PodSidecar
{
    /// <summary>The proxy's container.</summary>
    internal const string Container = "istio-proxy";

    private const string Status = "sidecar.istio.io/status";

    /// <summary>Whether a pod has a proxy: as a container, or, as a native sidecar, as an init container that goes on.</summary>
    internal static bool IsInjected(KubernetesObject pod) =>
        Containers(pod, "containers").Concat(Containers(pod, "initContainers").Where(IsNative)).Any(container => container.FindString("name") is Container)
        && pod.Annotations.ContainsKey(Status);

    /// <summary>The revision whose injector made the proxy; <see langword="null"/> for a pod without one, and for a proxy that does not say.</summary>
    internal static string? Revision(KubernetesObject pod)
    {
        if (pod.Annotations.GetValueOrDefault("istio.io/rev") is { Length: > 0 } annotated)
            return annotated;
        try
        {
            return pod.Annotations.GetValueOrDefault(Status) is { } status && JsonNode.Parse(status).FindString("revision") is { Length: > 0 } revision ? revision : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>How many of a pod's containers are ready, as kubectl counts them: native sidecars among them (kubectl pkg/printers, printPod).</summary>
    internal static (int Ready, int Total) Readiness(KubernetesObject pod)
    {
        var native = Containers(pod, "initContainers").Where(IsNative).Select(container => container.FindString("name") ?? "").ToHashSet(StringComparer.Ordinal);
        var total = Containers(pod, "containers").Count() + native.Count;
        var ready = Statuses(pod, "containerStatuses").Count(status => status.FindBoolean("ready") is true)
            + Statuses(pod, "initContainerStatuses").Count(status => native.Contains(status.FindString("name") ?? "")
                && status.FindBoolean("started") is true && status.FindBoolean("ready") is true);
        return (ready, total);
    }

    internal static IEnumerable<JsonNode?> Containers(KubernetesObject pod, string list) => pod.Json.FindArray("spec", list) ?? [];

    internal static IEnumerable<JsonNode?> Statuses(KubernetesObject pod, string list) => pod.Json.FindArray("status", list) ?? [];

    private static bool IsNative(JsonNode? container) => container.FindString("restartPolicy") is "Always";
}
