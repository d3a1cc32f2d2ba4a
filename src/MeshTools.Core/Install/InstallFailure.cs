using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Revisions;
using MeshTools.Workloads;

namespace MeshTools.Install;

/// <summary>Adds to a failed installation what the cluster itself says: istioctl knows that it waited in vain, and not why.</summary>
internal static class InstallFailure
{
    internal static async Task<MeshException> ExplainAsync(MeshException failure, MeshCluster cluster, string revision, string ns, CancellationToken cancellationToken)
    {
        string[] reasons;
        try
        {
            reasons = [.. (await ReasonsAsync(cluster, revision, ns, cancellationToken).ConfigureAwait(false)).Distinct(StringComparer.Ordinal)];
        }
        catch (KubernetesException)
        {
            // The failure itself is what counts.
            return failure;
        }

        return reasons.Length == 0 ? failure : new MeshException(
            ErrorCatalog.InstallationFailed, $"{failure.Message}; the cluster says: {string.Join("; ", reasons)}", cluster, innerException: failure);
    }

    private static async Task<IReadOnlyList<string>> ReasonsAsync(MeshCluster cluster, string revision, string ns, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var reasons = new List<string>();
        var name = ControlPlaneRevision.Revisioned("istiod", revision);
        var deployment = await client.FindAsync(ResourceTypes.Deployment, ns, name, cancellationToken).ConfigureAwait(false);
        // A quota or a webhook that refuses pods leaves no pod to ask.
        if (deployment is not null)
        {
            var problems = await WorkloadDiagnosis.ReadAsync(cluster, deployment, cancellationToken: cancellationToken).ConfigureAwait(false);
            reasons.AddRange(problems.Where(problem => problem.Object.Kind is not "Pod").Select(problem => $"{deployment.Reference}: {problem.Message}"));
        }

        var selector = $"{ControlPlaneRevision.Selector},{RevisionLabels.Revision}={revision}";
        await foreach (var pod in client.ListAsync(ResourceTypes.Pod, ns, new ListOptions { LabelSelector = selector }, cancellationToken).ConfigureAwait(false))
            reasons.AddRange(ReasonsOf(pod).Select(reason => $"{pod.Reference}: {reason}"));
        return reasons;
    }

    private static IEnumerable<string> ReasonsOf(KubernetesObject pod)
    {
        if (pod.FindCondition("PodScheduled") is { } scheduled && scheduled.FindString("status") is "False")
            yield return $"not scheduled: {scheduled.FindString("message")}";
        foreach (var status in (pod.Json.FindArray("status", "initContainerStatuses") ?? []).Concat(pod.Json.FindArray("status", "containerStatuses") ?? []))
        {
            if (status.FindString("state", "waiting", "reason") is { } reason and not ("ContainerCreating" or "PodInitializing"))
            {
                var last = status.FindInt64("lastState", "terminated", "exitCode") is { } code ? $"; it ended with code {code} before" : "";
                yield return $"{status.FindString("name")} waits with {reason}: {status.FindString("state", "waiting", "message")}{last}".TrimEnd(' ', ':');
            }
        }
    }
}
