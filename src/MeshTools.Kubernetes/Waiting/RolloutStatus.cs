namespace MeshTools.Kubernetes;

/// <summary>Whether a workload runs what its specification says (kubectl pkg/polymorphichelpers/rollout_status.go).</summary>
/// <param name="Done">Whether it does.</param>
/// <param name="Message">Where it stands, in kubectl's words.</param>
/// <param name="Failure">Why it will not; <see langword="null"/> as long as it can.</param>
internal readonly record struct RolloutStatus(bool Done, string Message, string? Failure = null)
{
    internal static RolloutStatus Of(KubernetesObject workload) => workload.Kind switch
    {
        "Deployment" => OfDeployment(workload),
        "DaemonSet" => OfDaemonSet(workload),
        "StatefulSet" => OfStatefulSet(workload),
        _ => Failed($"{workload.Kind} has no rollout status; Deployment, DaemonSet and StatefulSet have"),
    };

    private static RolloutStatus Failed(string reason) => new(Done: false, reason, reason);

    private static RolloutStatus Waiting(string message) => new(Done: false, message);

    private static long Count(KubernetesObject workload, string field) => workload.FindInt64("status", field) ?? 0;

    private static bool IsObserved(KubernetesObject workload) => workload.Generation <= Count(workload, "observedGeneration");

    private static RolloutStatus OfDeployment(KubernetesObject workload)
    {
        var name = workload.Name;
        if (!IsObserved(workload))
            return Waiting("waiting for deployment spec update to be observed");
        if (workload.FindCondition("Progressing").FindString("reason") is "ProgressDeadlineExceeded")
            return Failed($"deployment \"{name}\" exceeded its progress deadline");

        var updated = Count(workload, "updatedReplicas");
        var replicas = Count(workload, "replicas");
        var available = Count(workload, "availableReplicas");
        if (workload.FindInt64("spec", "replicas") is { } wanted && updated < wanted)
            return Waiting($"waiting for deployment \"{name}\" rollout to finish: {updated} out of {wanted} new replicas have been updated");
        if (replicas > updated)
            return Waiting($"waiting for deployment \"{name}\" rollout to finish: {replicas - updated} old replicas are pending termination");
        if (available < updated)
            return Waiting($"waiting for deployment \"{name}\" rollout to finish: {available} of {updated} updated replicas are available");
        return new RolloutStatus(Done: true, $"deployment \"{name}\" successfully rolled out");
    }

    private static RolloutStatus OfDaemonSet(KubernetesObject workload)
    {
        var name = workload.Name;
        if (workload.FindString("spec", "updateStrategy", "type") is { } strategy and not "RollingUpdate")
            return Failed($"rollout status is only available for RollingUpdate strategy type, daemon set \"{name}\" has {strategy}");
        if (!IsObserved(workload))
            return Waiting("waiting for daemon set spec update to be observed");

        var desired = Count(workload, "desiredNumberScheduled");
        var updated = Count(workload, "updatedNumberScheduled");
        var available = Count(workload, "numberAvailable");
        if (updated < desired)
            return Waiting($"waiting for daemon set \"{name}\" rollout to finish: {updated} out of {desired} new pods have been updated");
        if (available < desired)
            return Waiting($"waiting for daemon set \"{name}\" rollout to finish: {available} of {desired} updated pods are available");
        return new RolloutStatus(Done: true, $"daemon set \"{name}\" successfully rolled out");
    }

    private static RolloutStatus OfStatefulSet(KubernetesObject workload)
    {
        var name = workload.Name;
        if (workload.FindString("spec", "updateStrategy", "type") is { } strategy and not "RollingUpdate")
            return Failed($"rollout status is only available for RollingUpdate strategy type, stateful set \"{name}\" has {strategy}");
        if (Count(workload, "observedGeneration") == 0 || !IsObserved(workload))
            return Waiting("waiting for statefulset spec update to be observed");

        var wanted = workload.FindInt64("spec", "replicas");
        var ready = Count(workload, "readyReplicas");
        if (ready < wanted)
            return Waiting($"waiting for {wanted - ready} pods of statefulset \"{name}\" to be ready");

        var updated = Count(workload, "updatedReplicas");
        if (wanted is not null && workload.FindInt64("spec", "updateStrategy", "rollingUpdate", "partition") is { } partition)
        {
            return updated < wanted - partition
                ? Waiting($"waiting for partitioned roll out to finish: {updated} out of {wanted - partition} new pods have been updated")
                : new RolloutStatus(Done: true, $"partitioned roll out complete: {updated} new pods have been updated");
        }

        var revision = workload.FindString("status", "updateRevision");
        return string.Equals(revision, workload.FindString("status", "currentRevision"), StringComparison.Ordinal)
            ? new RolloutStatus(Done: true, $"statefulset rolling update complete {Count(workload, "currentReplicas")} pods at revision {revision}")
            : Waiting($"waiting for statefulset rolling update to complete {updated} pods at revision {revision}");
    }
}
