using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Revisions;

namespace MeshTools.Injection;

/// <summary>The one label that has a namespace injected, and what it leads to. The other of the two must not be there: <c>istio-injection</c> hides <c>istio.io/rev</c>.</summary>
/// <param name="Key"><c>istio-injection</c> or <c>istio.io/rev</c>.</param>
/// <param name="Value"><c>enabled</c>, or a revision or tag.</param>
/// <param name="Revision">The revision that injects.</param>
/// <param name="Tag">The tag that leads to it; <see langword="null"/> when the label names the revision itself.</param>
internal sealed record InjectionLabel(string Key, string Value, string Revision, string? Tag)
{
    private const string Enabled = "enabled";

    /// <summary>The label for a wish. Without one, the default; without a default, the only revision there is.</summary>
    /// <exception cref="MeshException">There is no such revision or tag, there are several and none is the default, or there is no control plane.</exception>
    internal static InjectionLabel Choose(MeshCluster cluster, InjectionWebhooks webhooks, string? wish)
    {
        if (webhooks.Revisions.Count == 0)
            throw MeshErrors.ControlPlaneNotFound(cluster, ControlPlaneRevision.DefaultNamespace);
        if (wish is null or RevisionLabels.DefaultTag && webhooks.Find(Labels(RevisionLabels.Injection, Enabled), None) is { } byDefault)
            return new InjectionLabel(RevisionLabels.Injection, Enabled, byDefault.Revision, byDefault.Tag);
        if (wish is null)
        {
            return webhooks.Revisions is [var only]
                ? new InjectionLabel(RevisionLabels.Revision, only, only, null)
                : throw new MeshException(
                    ErrorCatalog.RevisionAmbiguous,
                    $"{cluster.Name}: there are several revisions and no default: {string.Join(", ", webhooks.Revisions.Concat(webhooks.Tags))}",
                    cluster);
        }

        return webhooks.Find(Labels(RevisionLabels.Revision, wish), None) is { } found
            ? new InjectionLabel(RevisionLabels.Revision, wish, found.Revision, found.Tag)
            : throw new MeshException(
                ErrorCatalog.RevisionNotFound, $"{cluster.Name}: no revision or tag {wish} injects; there are: {string.Join(", ", webhooks.Revisions.Concat(webhooks.Tags))}", cluster);
    }

    /// <summary>The labels of a namespace after this one was set, and the other one removed.</summary>
    internal IReadOnlyDictionary<string, string> On(IReadOnlyDictionary<string, string> labels)
    {
        var after = Without(labels);
        after[Key] = Value;
        return after;
    }

    /// <summary>What injection a namespace's labels ask for.</summary>
    internal static Dictionary<string, string> Without(IReadOnlyDictionary<string, string> labels)
    {
        var after = new Dictionary<string, string>(labels, StringComparer.Ordinal);
        after.Remove(RevisionLabels.Injection);
        after.Remove(RevisionLabels.Revision);
        return after;
    }

    /// <summary>
    /// The labels that a namespace should have. One that is injected already, by whatever revision, stays as it is when nobody wishes for another; both labels at once never stay.
    /// </summary>
    /// <exception cref="MeshException">As of <see cref="Choose"/>.</exception>
    internal static IReadOnlyDictionary<string, string> Decide(
        MeshCluster cluster, InjectionWebhooks webhooks, IReadOnlyDictionary<string, string> before, string? wish)
    {
        var both = before.ContainsKey(RevisionLabels.Injection) && before.ContainsKey(RevisionLabels.Revision);
        return wish is null && !both && Text(before) is not null && webhooks.Find(before, None) is not null ? before : Choose(cluster, webhooks, wish).On(before);
    }

    /// <summary>The change of labels as one merge patch; <see langword="null"/> when there is none to make.</summary>
    internal static JsonObject? Patch(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        var labels = new JsonObject();
        foreach (var key in before.Keys.Union(after.Keys, StringComparer.Ordinal))
        {
            if (!string.Equals(before.GetValueOrDefault(key), after.GetValueOrDefault(key), StringComparison.Ordinal))
                labels[key] = after.GetValueOrDefault(key);
        }

        return labels.Count == 0 ? null : new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } };
    }

    /// <summary>The injection label that decides, as text.</summary>
    internal static string? Text(IReadOnlyDictionary<string, string> labels) =>
        labels.TryGetValue(RevisionLabels.Injection, out var injection) ? $"{RevisionLabels.Injection}={injection}"
        : labels.TryGetValue(RevisionLabels.Revision, out var revision) ? $"{RevisionLabels.Revision}={revision}"
        : null;

    internal static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>(StringComparer.Ordinal);

    private static Dictionary<string, string> Labels(string key, string value) => new(StringComparer.Ordinal) { [key] = value };

    /// <summary>Label and value.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Key}={Value}";
}
