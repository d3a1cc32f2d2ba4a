using MeshTools.Workloads;

namespace MeshTools.Injection;

/// <summary>Running pods compared with what the injectors would make of them now.</summary>
internal static class InjectionState
{
    /// <summary>Whether any pod of a workload has another proxy, or none, or one too many, compared with what a new pod would get.</summary>
    internal static bool NeedsRestart(InjectionWebhooks webhooks, IReadOnlyDictionary<string, string> namespaceLabels, WorkloadPods workload) => workload.Pods.Any(pod =>
    {
        var wanted = webhooks.For(namespaceLabels, pod);
        return wanted is null ? PodSidecar.IsInjected(pod) : !PodSidecar.IsInjected(pod) || !string.Equals(PodSidecar.Revision(pod), wanted, StringComparison.Ordinal);
    });
}
