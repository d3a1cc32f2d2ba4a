using MeshTools.Kubernetes;

namespace MeshTools.Revisions;

/// <summary>
/// Which name injects the pods of a namespace, by its labels, as the selectors of the webhooks say (Istio's charts, istio-discovery/templates/mutatingwebhook.yaml and
/// revision-tags-mwc.yaml): <c>istio-injection</c>, when it is there, hides <c>istio.io/rev</c> whatever its value.
/// </summary>
internal static class InjectionChoice
{
    /// <summary>The tag or revision; <see langword="null"/> when the labels ask for no injection. Pods may still ask for it themselves.</summary>
    internal static string? Of(KubernetesObject ns)
    {
        var labels = ns.Labels;
        if (labels.TryGetValue(RevisionLabels.Injection, out var injection))
            return injection is "enabled" ? RevisionLabels.DefaultTag : null;
        return labels.GetValueOrDefault(RevisionLabels.Revision) is { Length: > 0 } revision ? revision : null;
    }
}
