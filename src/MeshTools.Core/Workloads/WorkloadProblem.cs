using MeshTools.Kubernetes;

namespace MeshTools.Workloads;

/// <summary>What keeps a workload from coming up, the most telling first.</summary>
public enum WorkloadProblemKind
{
    /// <summary>A quota of the namespace leaves no room for its pods.</summary>
    QuotaExceeded,

    /// <summary>An admission webhook, or the namespace's Pod Security level, refused its pods, or a webhook did not answer.</summary>
    AdmissionRefused,

    /// <summary>Its pods cannot be made for another reason, as a service account that is not there.</summary>
    PodCreationFailed,

    /// <summary>A Secret that should open the registry is not there.</summary>
    PullSecretMissing,

    /// <summary>A container's image cannot be pulled.</summary>
    ImagePull,

    /// <summary>The injection webhook did not see a pod that should have a proxy.</summary>
    NotInjected,

    /// <summary>No node takes the pod.</summary>
    Unschedulable,

    /// <summary>A container ends again and again.</summary>
    CrashLoop,

    /// <summary>A container cannot be started: its configuration, its volumes, its network.</summary>
    StartFailed,

    /// <summary>A container runs and does not become ready.</summary>
    NotReady,
}

/// <summary>One reason why a workload does not come up, in the cluster's own words.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Object">Where it was seen: the workload, its ReplicaSet, or a pod.</param>
/// <param name="Message">One sentence that names container and image where it is about one, and quotes what the cluster says.</param>
/// <param name="Fix">What to do; one sentence.</param>
public sealed record WorkloadProblem(WorkloadProblemKind Kind, ObjectReference Object, string Message, string Fix)
{
    /// <summary>The container that it is about; <see langword="null"/> when it is about the whole pod.</summary>
    public string? Container { get; init; }

    /// <summary>The image that it is about.</summary>
    public string? Image { get; init; }

    /// <summary>The message.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Message;
}
