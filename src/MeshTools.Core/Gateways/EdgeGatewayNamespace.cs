using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Injection;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Gateways;

/// <summary>
/// The namespace of a gateway, and the one label that has its pods injected. The image of a pod that nobody injects cannot be pulled, and a namespace with both labels follows
/// <c>istio-injection</c> alone.
/// </summary>
/// <param name="Change">The namespace to apply first; <see langword="null"/> when it is right.</param>
/// <param name="Revision">The revision or tag that the label names.</param>
internal sealed record EdgeGatewayNamespace(ManifestObject? Change, string Revision)
{
    /// <summary>Decides what the namespace needs. Only reads.</summary>
    /// <exception cref="MeshException">There is no control plane, the revision is unknown or ambiguous, or the labels lead to another one.</exception>
    internal static async Task<EdgeGatewayNamespace> PlanAsync(MeshCluster cluster, EdgeGatewayOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        var reading = await RevisionReading.ReadAsync(cluster, options.ControlPlaneNamespace, log, cancellationToken).ConfigureAwait(false);
        if (reading.Revisions.Count == 0)
            throw MeshErrors.ControlPlaneNotFound(cluster, options.ControlPlaneNamespace);
        if (InjectionPlan.Ignores(options.Namespace))
            throw GatewayInjector.Ignored(cluster, options.Namespace);
        var live = await cluster.Connect().FindAsync(ResourceTypes.Namespace, null, options.Namespace, cancellationToken).ConfigureAwait(false);
        if (live?.DeletionTimestamp is not null)
            throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{cluster.Name}: namespace {options.Namespace} is being deleted", cluster);
        if (live is not null && IsLabelled(live))
            return new EdgeGatewayNamespace(null, Existing(reading, live, options, log));
        var name = Choose(reading, options.Revision);
        var desired = KubernetesObject.Create("v1", "Namespace", options.Namespace);
        var (key, value) = name is RevisionLabels.DefaultTag ? (RevisionLabels.Injection, "enabled") : (RevisionLabels.Revision, name);
        desired.Json["metadata"]!["labels"] = new JsonObject { [key] = value };
        if (live is not null && await HasPodsAsync(cluster, options.Namespace, log, cancellationToken).ConfigureAwait(false))
            log.Warning($"{cluster.Name}: namespace {options.Namespace} runs other pods, and gets label {key}={value} for the gateway's sake: they get a proxy, too, when they are made anew.");
        return new EdgeGatewayNamespace(new ManifestObject(desired, $"its pods are injected by {key}={value}"), name);
    }

    private static async Task<bool> HasPodsAsync(MeshCluster cluster, string ns, IOperationLog log, CancellationToken cancellationToken) =>
        (await new PermittedReads(cluster, log).ListAsync(ResourceTypes.Pod, ns, new ListOptions { PageSize = 1 }, cancellationToken).ConfigureAwait(false)).Count > 0;

    private static bool IsLabelled(KubernetesObject ns) => ns.Labels.ContainsKey(RevisionLabels.Injection) || ns.Labels.ContainsKey(RevisionLabels.Revision);

    private static string Choose(RevisionReading reading, string? asked)
    {
        var cluster = reading.Cluster;
        if (asked is not null)
        {
            return reading.Resolve(asked) is not null
                ? asked
                : throw new MeshException(
                    ErrorCatalog.RevisionNotFound, $"{cluster.Name}: there is no revision or tag {asked}; there is {string.Join(", ", reading.Revisions)}", cluster);
        }

        if (reading.Resolve(RevisionLabels.DefaultTag) is not null)
            return RevisionLabels.DefaultTag;
        return reading.Revisions is [var only]
            ? only
            : throw new MeshException(
                ErrorCatalog.RevisionAmbiguous, $"{cluster.Name}: revisions {string.Join(", ", reading.Revisions)} are there, and none is the default", cluster);
    }

    private static string Existing(RevisionReading reading, KubernetesObject live, EdgeGatewayOptions options, IOperationLog log)
    {
        var cluster = reading.Cluster;
        var labels = string.Join(
            " and ", live.Labels.Where(label => label.Key is RevisionLabels.Injection or RevisionLabels.Revision).OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
        if (InjectionChoice.Of(live) is not { } name || reading.Resolve(name) is not { } revision)
            throw new MeshException(ErrorCatalog.InjectorNotFound, $"{cluster.Name}: namespace {live.Name} has label {labels}, by which no revision injects its pods", cluster);
        if (options.Revision is { } asked && !string.Equals(reading.Resolve(asked), revision, StringComparison.Ordinal))
            throw new MeshException(ErrorCatalog.InjectionLabelsContradict, $"{cluster.Name}: namespace {live.Name} has label {labels}, which leads to revision {revision} and not to {asked}", cluster);
        if (live.Labels.ContainsKey(RevisionLabels.Injection) && live.Labels.ContainsKey(RevisionLabels.Revision))
            log.Warning($"{cluster.Name}: namespace {live.Name} has labels {labels}; only the first counts. Remove one of them.");
        return name;
    }
}
