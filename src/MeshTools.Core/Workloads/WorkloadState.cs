using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Workloads;

/// <summary>A workload and what a cluster has made of it: the ReplicaSet and the pods of its present template, and the warnings about them.</summary>
/// <param name="Workload">The Deployment, StatefulSet or DaemonSet.</param>
/// <param name="ReplicaSet">Of a Deployment the newest ReplicaSet; else <see langword="null"/>.</param>
/// <param name="Pods">The pods of the present template that are not on their way out, by name.</param>
/// <param name="Warnings">Events of type Warning about any of these, the latest first; none where they may not be read.</param>
internal sealed record WorkloadState(
    KubernetesObject Workload, KubernetesObject? ReplicaSet, IReadOnlyList<KubernetesObject> Pods, IReadOnlyList<KubernetesObject> Warnings)
{
    // Set by the Deployment controller, and larger for a newer ReplicaSet (k8s pkg/controller/deployment/util, RevisionAnnotation).
    private const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    /// <exception cref="KubernetesException">The cluster does not answer, or its pods may not be read.</exception>
    internal static async Task<WorkloadState> ReadAsync(MeshCluster cluster, KubernetesObject workload, CancellationToken cancellationToken)
    {
        var ns = workload.Namespace ?? "";
        var client = cluster.Connect();
        var selector = WorkloadSelector.Of(workload);
        var pods = client.ListAllAsync(ResourceTypes.Pod, ns, new ListOptions { LabelSelector = selector }, cancellationToken);
        var sets = workload.Kind is "Deployment"
            ? client.ListAllAsync(ResourceTypes.ReplicaSet, ns, new ListOptions { LabelSelector = selector }, cancellationToken)
            : Task.FromResult<IReadOnlyList<KubernetesObject>>([]);
        var events = WarningsAsync(client, ns, cancellationToken);
        await Task.WhenAll(pods, sets, events).ConfigureAwait(false);
        return From(workload, await sets.ConfigureAwait(false), await pods.ConfigureAwait(false), await events.ConfigureAwait(false));
    }

    /// <summary>Picks what belongs to a workload's present template out of what a namespace holds.</summary>
    internal static WorkloadState From(
        KubernetesObject workload, IEnumerable<KubernetesObject> replicaSets, IEnumerable<KubernetesObject> pods, IEnumerable<KubernetesObject> events)
    {
        var set = replicaSets.Where(candidate => IsOwnedBy(candidate, workload.Uid)).MaxBy(Revision);
        var owner = workload.Kind is "Deployment" ? set?.Uid : workload.Uid;
        var current = workload.Kind is "StatefulSet" ? workload.FindString("status", "updateRevision") : null;
        KubernetesObject[] own =
        [
            .. pods.Where(pod => owner is not null && pod.DeletionTimestamp is null && IsOwnedBy(pod, owner))
                .Where(pod => current is null || string.Equals(pod.Labels.GetValueOrDefault("controller-revision-hash"), current, StringComparison.Ordinal))
                .OrderBy(pod => pod.Name, StringComparer.Ordinal),
        ];
        var uids = own.Select(pod => pod.Uid).Append(set?.Uid).Append(workload.Uid).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return new WorkloadState(
            workload,
            set,
            own,
            [.. events.Where(item => uids.Contains(item.FindString("involvedObject", "uid") ?? "")).OrderByDescending(When)]);
    }

    /// <summary>What was last warned about an object for one of these reasons; <see langword="null"/> when nothing was.</summary>
    internal string? Warning(KubernetesObject about, params string[] reasons) => Warnings
        .FirstOrDefault(item => string.Equals(item.FindString("involvedObject", "uid"), about.Uid, StringComparison.Ordinal)
            && reasons.Contains(item.FindString("reason"), StringComparer.Ordinal))
        ?.FindString("message");

    internal static bool IsOwnedBy(KubernetesObject dependent, string? uid) => uid is not null
        && (dependent.Json.FindArray("metadata", "ownerReferences") ?? []).Any(owner => string.Equals(owner.FindString("uid"), uid, StringComparison.Ordinal));

    private static long Revision(KubernetesObject set) =>
        long.TryParse(set.Annotations.GetValueOrDefault(RevisionAnnotation), System.Globalization.CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    private static DateTimeOffset When(KubernetesObject item) =>
        JsonAccess.AsTime(item.FindString("lastTimestamp")) ?? JsonAccess.AsTime(item.FindString("eventTime")) ?? item.CreationTimestamp ?? DateTimeOffset.MinValue;

    // Whoever may not read events still learns what the conditions say.
    private static async Task<IReadOnlyList<KubernetesObject>> WarningsAsync(KubernetesClient client, string ns, CancellationToken cancellationToken)
    {
        try
        {
            return await client.ListAllAsync(ResourceTypes.Event, ns, new ListOptions { FieldSelector = "type=Warning" }, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            return [];
        }
    }
}
