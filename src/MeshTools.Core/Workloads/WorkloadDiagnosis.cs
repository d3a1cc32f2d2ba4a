using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Workloads;

/// <summary>Says why a Deployment, StatefulSet or DaemonSet does not come up, from its conditions, its pods, and the events about them.</summary>
public static class WorkloadDiagnosis
{
    private static readonly string[] s_prefixes = ["(combined from similar events): ", "Error creating: "];

    /// <summary>Looks for what keeps a workload from coming up. Only reads.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="workload">The workload, as the server gave it.</param>
    /// <param name="injected">Whether its pods should have a proxy.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The problems, the most telling first, the same one once for all pods; none when nothing is wrong, or nothing is known yet.</returns>
    /// <exception cref="KubernetesException">The cluster does not answer, or its pods may not be read. Events that may not be read are done without.</exception>
    public static async Task<IReadOnlyList<WorkloadProblem>> ReadAsync(
        MeshCluster cluster, KubernetesObject workload, bool injected = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(workload);
        return Of(await WorkloadState.ReadAsync(cluster, workload, cancellationToken).ConfigureAwait(false), injected);
    }

    internal static IReadOnlyList<WorkloadProblem> Of(WorkloadState state, bool injected)
    {
        var problems = new List<WorkloadProblem>();
        if (CreationFailure(state) is { } failure)
            problems.Add(failure);
        foreach (var pod in state.Pods)
            problems.AddRange(PodDiagnosis.Of(state, pod, injected));
        return [.. problems.OrderBy(problem => problem.Kind).DistinctBy(problem => (problem.Kind, problem.Container, problem.Image, Gist(problem)))];
    }

    // Pods of one template fail alike but for their names.
    private static string Gist(WorkloadProblem problem) => problem.Message.Replace(problem.Object.Name, "", StringComparison.Ordinal);

    /// <summary>Pods that cannot even be made. ReplicaSets keep that as a condition; the controllers of the other kinds only tell it in events.</summary>
    private static WorkloadProblem? CreationFailure(WorkloadState state)
    {
        var condition = new[] { state.ReplicaSet, state.Workload }.OfType<KubernetesObject>()
            .Select(obj => (Object: obj, Condition: obj.FindCondition("ReplicaFailure")))
            .FirstOrDefault(pair => pair.Condition.FindString("status") is "True");
        // A ReplicaSet keeps the first reason as long as any holds (k8s pkg/controller/replicaset/replica_set_utils.go, calculateStatus); events have the latest.
        if (condition.Object is { } refused && (state.Warning(refused, "FailedCreate") ?? condition.Condition.FindString("message")) is { } text)
            return Classify(refused.Reference, text);
        // A few pods are there, and more are wanted: what was said when the last one was refused still holds.
        var wanted = state.Workload.Kind is "DaemonSet" ? state.Workload.FindInt64("status", "desiredNumberScheduled") : state.Workload.FindInt64("spec", "replicas");
        return state.Workload.Kind is not "Deployment" && state.Pods.Count < (wanted ?? 1) && state.Warning(state.Workload, "FailedCreate") is { } told
            ? Classify(state.Workload.Reference, told)
            : null;
    }

    private static WorkloadProblem Classify(ObjectReference about, string text)
    {
        // The API server's words: k8s apiserver pkg/quota, pkg/admission/plugin/webhook/errors, pod-security-admission.
        if (text.Contains("exceeded quota", StringComparison.Ordinal) || text.Contains("failed quota", StringComparison.Ordinal))
        {
            return new WorkloadProblem(WorkloadProblemKind.QuotaExceeded, about, $"a quota leaves no room for its pods: {Short(text)}",
                $"Have the quota raised, or remove what is not needed; `kubectl describe resourcequota -n {about.Namespace}` shows what is used.");
        }

        if (text.Contains("failed calling webhook", StringComparison.Ordinal))
        {
            return new WorkloadProblem(WorkloadProblemKind.AdmissionRefused, about, $"a webhook that must see its pods does not answer: {Short(text)}",
                "Look at the Service and the pods behind the webhook (for injection, istiod), and at whether the API server can reach them.");
        }

        if (text.Contains("admission webhook", StringComparison.Ordinal) || text.Contains("violates PodSecurity", StringComparison.Ordinal)
            || text.Contains("denied the request", StringComparison.Ordinal) || text.Contains("denied request", StringComparison.Ordinal))
        {
            return new WorkloadProblem(WorkloadProblemKind.AdmissionRefused, about, $"admission refuses its pods: {Short(text)}",
                "Change what the policy names, or ask its owner for an exemption.");
        }

        return new WorkloadProblem(WorkloadProblemKind.PodCreationFailed, about, $"its pods cannot be made: {Short(text)}",
            "See to what the message names; the controller tries again by itself.");
    }

    // Controllers and the recorder of events (client-go tools/record/events_cache.go) put their own words before the server's, which are what helps.
    private static string Short(string text) => s_prefixes.Aggregate(text, (rest, prefix) => rest.StartsWith(prefix, StringComparison.Ordinal) ? rest[prefix.Length..] : rest);
}
