using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Revisions;
using MeshTools.Workloads;

namespace MeshTools.Injection;

/// <summary>
/// The injection webhooks of one cluster, asked by their own selectors (Istio's charts, istio-discovery/templates/mutatingwebhook.yaml and revision-tags-mwc.yaml): which
/// revision would inject a pod with these labels in a namespace with those. So an installation that injects every namespace, or a selector that somebody changed, counts as it
/// is.
/// </summary>
internal sealed class InjectionWebhooks
{
    private readonly IReadOnlyList<(string Revision, string? Tag, JsonNode? Webhook)> _webhooks;

    internal InjectionWebhooks(IEnumerable<KubernetesObject> configurations)
    {
        _webhooks =
        [
            .. from configuration in configurations
               orderby configuration.Name
               from webhook in configuration.Json.FindArray("webhooks") ?? []
               // A remote control plane is named by a URL, /inject with the cluster after it.
               let path = webhook.FindString("clientConfig", "service", "path") ?? webhook.FindString("clientConfig", "url") ?? ""
               where path.Contains("/inject", StringComparison.Ordinal)
               select (RevisionReading.RevisionOf(configuration), RevisionReading.TagOf(configuration), webhook),
        ];
    }

    /// <summary>The revisions that inject, by their own webhooks or by tags.</summary>
    internal IReadOnlyList<string> Revisions => [.. _webhooks.Select(item => item.Revision).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The tags and what they lead to.</summary>
    internal IReadOnlyList<string> Tags =>
        [.. _webhooks.Where(item => item.Tag is not null).Select(item => $"{item.Tag} (leads to {item.Revision})").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <exception cref="KubernetesException">The cluster does not answer, or its webhooks may not be read.</exception>
    internal static async Task<InjectionWebhooks> ReadAsync(MeshCluster cluster, CancellationToken cancellationToken) => new(await cluster.Connect()
        .ListAllAsync(ResourceTypes.MutatingWebhookConfiguration, null, new ListOptions { LabelSelector = RevisionLabels.Revision }, cancellationToken).ConfigureAwait(false));

    /// <summary>Revision and tag whose webhook takes a pod; <see langword="null"/> when none does.</summary>
    internal (string Revision, string? Tag)? Find(IReadOnlyDictionary<string, string> namespaceLabels, IReadOnlyDictionary<string, string> podLabels)
    {
        foreach (var (revision, tag, webhook) in _webhooks)
        {
            if (WorkloadSelector.Matches(webhook.Find("namespaceSelector"), namespaceLabels) && WorkloadSelector.Matches(webhook.Find("objectSelector"), podLabels))
                return (revision, tag);
        }

        return null;
    }

    /// <summary>The revision that a pod would be injected by when it was made now; <see langword="null"/> for none. A pod of the host's network never is, nor one that says no.</summary>
    internal string? For(IReadOnlyDictionary<string, string> namespaceLabels, KubernetesObject pod) =>
        OptsOut(pod.Labels, pod.Annotations) || pod.Json.Find("spec").FindBoolean("hostNetwork") is true ? null : Find(namespaceLabels, pod.Labels)?.Revision;

    /// <summary>Whether a pod or a pod template says that it wants no proxy: by label, else by annotation (istio pkg/kube/inject, injectRequired).</summary>
    internal static bool OptsOut(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations) =>
        (labels.GetValueOrDefault("sidecar.istio.io/inject") ?? annotations.GetValueOrDefault("sidecar.istio.io/inject")) is "false" or "n" or "no" or "off";
}
