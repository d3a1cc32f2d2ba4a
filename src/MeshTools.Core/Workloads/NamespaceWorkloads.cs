using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Workloads;

/// <summary>A workload and its running pods of every template.</summary>
/// <param name="Owner">The Deployment, StatefulSet or DaemonSet; <see langword="null"/> for pods of anything else.</param>
/// <param name="Name">Kind and name: <c>Deployment/app</c>, <c>Job/import</c>, <c>Pod/x</c>.</param>
/// <param name="Pods">Its pods that are not on their way out and have not ended.</param>
internal sealed record WorkloadPods(KubernetesObject? Owner, string Name, IReadOnlyList<KubernetesObject> Pods)
{
    /// <summary>The pods' labels as the template has them; those of a pod where there is no template.</summary>
    internal IReadOnlyDictionary<string, string> Labels =>
        Owner is null ? Pods[0].Labels : JsonAccess.ToStringMap(Owner.Find("spec", "template", "metadata", "labels"));

    /// <summary>Their annotations, likewise.</summary>
    internal IReadOnlyDictionary<string, string> Annotations =>
        Owner is null ? Pods[0].Annotations : JsonAccess.ToStringMap(Owner.Find("spec", "template", "metadata", "annotations"));

    /// <summary>Whether they use the host's network.</summary>
    internal bool HostNetwork => (Owner is null ? Pods[0].Json.Find("spec") : Owner.Find("spec", "template", "spec")).FindBoolean("hostNetwork") is true;
}

/// <summary>The workloads of a namespace with their pods.</summary>
internal static class NamespaceWorkloads
{
    /// <exception cref="KubernetesException">The cluster does not answer, or does not let the user read.</exception>
    internal static async Task<IReadOnlyList<WorkloadPods>> ReadAsync(MeshCluster cluster, string ns, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        ResourceType[] types = [ResourceTypes.Deployment, ResourceTypes.StatefulSet, ResourceTypes.DaemonSet, ResourceTypes.ReplicaSet, ResourceTypes.Pod];
        var lists = await Task.WhenAll(types.Select(type => client.ListAllAsync(type, ns, new ListOptions(), cancellationToken))).ConfigureAwait(false);
        return Group([.. lists[0], .. lists[1], .. lists[2]], lists[3], lists[4]);
    }

    internal static IReadOnlyList<WorkloadPods> Group(
        IReadOnlyList<KubernetesObject> workloads, IReadOnlyList<KubernetesObject> replicaSets, IReadOnlyList<KubernetesObject> pods)
    {
        var byUid = workloads.Where(workload => workload.Uid is not null).ToDictionary(workload => workload.Uid!, StringComparer.Ordinal);
        var deploymentOf = replicaSets.Where(set => set.Uid is not null).ToDictionary(set => set.Uid!, set => Controller(set).Uid, StringComparer.Ordinal);
        var running = pods.Where(pod => pod.DeletionTimestamp is null && pod.FindString("status", "phase") is not ("Succeeded" or "Failed")).ToLookup(pod =>
        {
            var owner = Controller(pod);
            var uid = owner.Uid is not null && deploymentOf.GetValueOrDefault(owner.Uid) is { } deployment ? deployment : owner.Uid;
            return uid is not null && byUid.TryGetValue(uid, out var workload) ? NameOf(workload) : owner.Uid is null ? $"Pod/{pod.Name}" : $"{owner.Kind}/{owner.Name}";
        }, StringComparer.Ordinal);
        var known = workloads.Select(workload => new WorkloadPods(workload, NameOf(workload), [.. running[NameOf(workload)]])).ToList();
        var names = known.Select(item => item.Name).ToHashSet(StringComparer.Ordinal);
        return [.. known.Concat(running.Where(group => !names.Contains(group.Key)).Select(group => new WorkloadPods(null, group.Key, [.. group]))).OrderBy(item => item.Name, StringComparer.Ordinal)];
    }

    private static string NameOf(KubernetesObject workload) => $"{workload.Kind}/{workload.Name}";

    private static (string? Kind, string? Name, string? Uid) Controller(KubernetesObject obj)
    {
        var owner = (obj.Json.FindArray("metadata", "ownerReferences") ?? []).FirstOrDefault(reference => reference.FindBoolean("controller") is true);
        return (owner.FindString("kind"), owner.FindString("name"), owner.FindString("uid"));
    }
}
