using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Workloads;

/// <summary>Problems of workloads as errors of the catalogue.</summary>
internal static class WorkloadErrors
{
    /// <summary>Whether a problem stays, as a rule, until somebody does something. The others are also what a rollout that goes well looks like for a moment.</summary>
    internal static bool Lasts(WorkloadProblemKind kind) => kind is not (WorkloadProblemKind.Unschedulable or WorkloadProblemKind.StartFailed or WorkloadProblemKind.NotReady);

    // What a program waits for at its start may still come, and each of its restarts takes longer than the last.
    internal static TimeSpan Patience(WorkloadProblemKind kind, TimeSpan patience) => kind is WorkloadProblemKind.CrashLoop ? 3 * patience : patience;

    internal static MeshException From(MeshCluster cluster, ObjectReference workload, WorkloadProblem problem, Exception? cause = null) => new(
        problem.Kind switch
        {
            WorkloadProblemKind.QuotaExceeded => ErrorCatalog.QuotaExceeded,
            WorkloadProblemKind.AdmissionRefused => ErrorCatalog.AdmissionRefused,
            WorkloadProblemKind.ImagePull or WorkloadProblemKind.PullSecretMissing => ErrorCatalog.ImagePullFailed,
            WorkloadProblemKind.NotInjected => ErrorCatalog.SidecarNotInjected,
            _ => ErrorCatalog.RolloutFailed,
        },
        $"{cluster.Name}: {workload} does not come up: {problem.Message}",
        cluster,
        problem.Fix,
        cause);
}
