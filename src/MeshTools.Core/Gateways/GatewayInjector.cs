using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Injection;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Gateways;

/// <summary>Which revision makes a gateway's proxy: chosen from those there are, and checked by the selectors of the webhooks that will see its pods.</summary>
internal sealed class GatewayInjector
{
    private readonly RevisionReading _reading;
    private readonly bool _webhooksReadable;

    private GatewayInjector(RevisionReading reading, bool webhooksReadable)
    {
        _reading = reading;
        _webhooksReadable = webhooksReadable;
    }

    /// <exception cref="MeshException">No control plane is there (<c>ControlPlaneNotFound</c>).</exception>
    internal static async Task<GatewayInjector> ReadAsync(MeshCluster cluster, string controlPlaneNamespace, IOperationLog log, CancellationToken cancellationToken)
    {
        var reading = await RevisionReading.ReadAsync(cluster, controlPlaneNamespace, log, cancellationToken).ConfigureAwait(false);
        if (reading.Revisions.Count == 0)
            throw MeshErrors.ControlPlaneNotFound(cluster, controlPlaneNamespace);
        return new GatewayInjector(reading, reading.Injectors.Count > 0 || await MayListAsync(cluster, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The revision or tag that the pods are to name; <see langword="null"/> for an installation without revision.</summary>
    /// <param name="asked">What the user asks for, if anything.</param>
    /// <exception cref="MeshException">It is not there (<c>RevisionNotFound</c>), or several are and none was asked for (<c>RevisionAmbiguous</c>).</exception>
    internal string? Choose(string? asked)
    {
        var cluster = _reading.Cluster;
        var revisions = _reading.Revisions;
        if (asked is not null && _reading.Resolve(asked) is null)
        {
            var tags = _reading.Tags.Count > 0 ? $", with tags {string.Join(", ", _reading.Tags.Select(tag => $"{tag.Tag} ({tag.Revision})"))}" : "";
            throw new MeshException(ErrorCatalog.RevisionNotFound, $"{cluster.Name}: there is no revision or tag {asked}; there is {string.Join(", ", revisions)}{tags}", cluster);
        }

        if (asked is null && revisions.Count > 1)
            throw new MeshException(ErrorCatalog.RevisionAmbiguous, $"{cluster.Name}: {revisions.Count} revisions are there, {string.Join(", ", revisions)}; one of them must make the gateway's proxy", cluster);
        var chosen = asked ?? revisions[0];
        return string.Equals(chosen, ControlPlaneRevision.DefaultRevision, StringComparison.Ordinal) ? null : chosen;
    }

    /// <summary>Checks that the webhooks will have the chosen revision, and no other, make the proxy.</summary>
    /// <param name="ns">The gateway's namespace and its labels.</param>
    /// <param name="pod">The labels of its pods.</param>
    /// <param name="revision">What <see cref="Choose"/> gave.</param>
    /// <param name="log">Takes a warning about labels that only happen to do the right thing.</param>
    /// <exception cref="MeshException">No injector (<c>InjectorNotFound</c>), or another one (<c>InjectionLabelsContradict</c>).</exception>
    internal void Require((string Name, IReadOnlyDictionary<string, string> Labels) ns, JsonObject pod, string? revision, IOperationLog log)
    {
        var cluster = _reading.Cluster;
        if (InjectionPlan.Ignores(ns.Name))
            throw Ignored(cluster, ns.Name);
        if (!_webhooksReadable)
            return;
        var name = revision ?? ControlPlaneRevision.DefaultRevision;
        var wanted = _reading.Resolve(name) ?? name;
        var labels = JsonAccess.ToStringMap(pod);
        string[] making = [.. _reading.Injectors.Where(injector => Sees(injector, ns.Labels, labels)).Select(RevisionReading.RevisionOf).Distinct(StringComparer.Ordinal)];
        var injection = Label(ns.Labels, RevisionLabels.Injection);
        var said = string.Join(" and ", new[] { injection, Label(ns.Labels, RevisionLabels.Revision) }.OfType<string>());
        if (making.Length == 0)
        {
            var why = said.Length > 0 ? $"namespace {ns.Name} has label {said}" : $"namespace {ns.Name} has no injection label, and no injector takes pods by their own label";
            throw new MeshException(ErrorCatalog.InjectorNotFound, $"{cluster.Name}: no injector of revision {name} would see the gateway's pods: {why}", cluster);
        }

        if (Array.Find(making, revision => !string.Equals(revision, wanted, StringComparison.Ordinal)) is { } other)
        {
            throw new MeshException(
                ErrorCatalog.InjectionLabelsContradict,
                $"{cluster.Name}: revision {other}, not {name}, would make the gateway's proxy: namespace {ns.Name} has {(said.Length > 0 ? $"label {said}" : "no injection label")}",
                cluster);
        }

        if (injection is not null && ns.Labels.ContainsKey(RevisionLabels.Revision))
            log.Warning($"{cluster.Name}: namespace {ns.Name} has labels {said}; only the first counts. Remove one of them.");
    }

    /// <summary>The error for a namespace whose pods no injector touches.</summary>
    internal static MeshException Ignored(MeshCluster cluster, string ns) =>
        new(ErrorCatalog.InjectorNotFound, $"{cluster.Name}: injectors leave the pods of namespace {ns} alone, whatever labels say", cluster, "Choose another -Namespace.");

    private static string? Label(IReadOnlyDictionary<string, string> labels, string key) => labels.TryGetValue(key, out var value) ? $"{key}={value}" : null;

    private static bool Sees(KubernetesObject injector, IReadOnlyDictionary<string, string> ns, IReadOnlyDictionary<string, string> pod) =>
        (injector.Json.FindArray("webhooks") ?? []).Any(webhook =>
            IsInjection(webhook) && LabelSelectorMatch.Selects(webhook.Find("namespaceSelector"), ns) && LabelSelectorMatch.Selects(webhook.Find("objectSelector"), pod));

    // Served in the cluster, or by a control plane outside at a URL.
    private static bool IsInjection(JsonNode? webhook) =>
        (webhook.FindString("clientConfig", "service", "path") ?? webhook.FindString("clientConfig", "url") ?? "").Contains("/inject", StringComparison.Ordinal);

    private static async Task<bool> MayListAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            await cluster.Connect().ListPageAsync(ResourceTypes.MutatingWebhookConfiguration, null, new ListOptions { PageSize = 1 }, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            return false;
        }
    }
}
