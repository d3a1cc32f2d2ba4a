using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Workloads;

/// <summary>Says why one pod is not ready (k8s pkg/kubelet/images/types.go and pkg/kubelet/container for the reasons).</summary>
internal static class PodDiagnosis
{
    internal static IEnumerable<WorkloadProblem> Of(WorkloadState state, KubernetesObject pod, bool injected)
    {
        if (injected && !PodSidecar.IsInjected(pod))
        {
            yield return new WorkloadProblem(WorkloadProblemKind.NotInjected, pod.Reference, $"pod {pod.Name} has no proxy: the injection webhook did not see it, or left it out",
                "Look at the labels of the namespace and of the pod (sidecar.istio.io/inject), and at the revision that the labels name; then restart the workload.");
        }

        if (pod.FindCondition("PodScheduled") is { } scheduled && scheduled.FindString("status") is "False" && scheduled.FindString("reason") is "Unschedulable")
        {
            yield return new WorkloadProblem(WorkloadProblemKind.Unschedulable, pod.Reference, $"no node takes pod {pod.Name}: {scheduled.FindString("message")}",
                "Make room on the nodes or add some, or lower what the pod requests.");
            yield break;
        }

        var found = false;
        foreach (var status in PodSidecar.Statuses(pod, "initContainerStatuses").Concat(PodSidecar.Statuses(pod, "containerStatuses")))
        {
            if (OfContainer(state, pod, status, injected) is { } problem)
            {
                found = true;
                yield return problem;
            }
        }

        if (found || pod.FindCondition("Ready").FindString("status") is "True")
            yield break;
        if (state.Warning(pod, "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox") is { } told)
        {
            yield return new WorkloadProblem(WorkloadProblemKind.StartFailed, pod.Reference, $"pod {pod.Name} cannot be started: {told}",
                "See to what the message names: a volume, a ConfigMap or Secret, the node's network plugin.");
        }
        else if (NotReady(state, pod) is { } waiting)
        {
            yield return waiting;
        }
    }

    private static WorkloadProblem? OfContainer(WorkloadState state, KubernetesObject pod, JsonNode? status, bool injected)
    {
        var name = status.FindString("name") ?? "";
        var image = Image(pod, name) ?? status.FindString("image") ?? "";
        var waiting = status.Find("state", "waiting");
        var problem = waiting.FindString("reason") switch
        {
            "ImagePullBackOff" or "ErrImagePull" or "InvalidImageName" or "ErrImageNeverPull" or "ImageInspectError" or "RegistryUnavailable" or "SignatureValidationFailed" =>
                OfImage(state, pod, name, image, waiting.FindString("message"), injected),
            "CrashLoopBackOff" => Crash(pod, name, status.Find("lastState", "terminated")),
            "CreateContainerConfigError" or "CreateContainerError" or "RunContainerError" or "PreStartHookError" or "PostStartHookError" => new WorkloadProblem(
                WorkloadProblemKind.StartFailed, pod.Reference, $"container {name} of pod {pod.Name} cannot be started: {waiting.FindString("message") ?? waiting.FindString("reason")}",
                "See to what the message names: a ConfigMap, a Secret, a command that is not in the image."),
            // Between two tries of a container that fails, its last end is what there is to see.
            _ when status.Find("state", "terminated") is { } ended && ended.FindInt64("exitCode") is not (0 or null) => Crash(pod, name, ended),
            _ => null,
        };
        return problem is null ? null : problem with { Container = name, Image = image };
    }

    private static WorkloadProblem OfImage(WorkloadState state, KubernetesObject pod, string container, string image, string? message, bool injected)
    {
        // "auto" is no image, but what the injector replaces by the proxy's.
        if (image is "auto" && (injected || container is PodSidecar.Container))
        {
            return new WorkloadProblem(WorkloadProblemKind.NotInjected, pod.Reference, $"container {container} of pod {pod.Name} still has the image auto: the injection webhook did not see the pod",
                "Look at the injection labels of the namespace and of the pod and at the revision that they name; then restart the workload.");
        }

        // The back-off of older kubelets says nothing of the registry; the event of the failed pull does.
        var said = message is not null && message.Contains(": ", StringComparison.Ordinal) ? message : null;
        var words = state.Warnings.Where(item => string.Equals(item.FindString("involvedObject", "uid"), pod.Uid, StringComparison.Ordinal))
            .Select(item => item.FindString("message") ?? "").FirstOrDefault(text => text.StartsWith("Failed to pull image", StringComparison.Ordinal) && text.Contains(image, StringComparison.Ordinal));
        var prefix = $"Failed to pull image \"{image}\": ";
        var reason = words is null ? said ?? message ?? "the registry gives no reason" : words.StartsWith(prefix, StringComparison.Ordinal) ? words[prefix.Length..] : words;
        if (state.Warning(pod, "FailedToRetrieveImagePullSecret") is { } secret)
        {
            return new WorkloadProblem(WorkloadProblemKind.PullSecretMissing, pod.Reference, $"container {container} cannot pull image {image}: {secret} {reason}",
                $"Make the Secret in namespace {pod.Namespace} (type kubernetes.io/dockerconfigjson), or name one that is there.");
        }

        var refused = reason.Contains("unauthorized", StringComparison.OrdinalIgnoreCase) || reason.Contains("denied", StringComparison.OrdinalIgnoreCase)
            || reason.Contains("403", StringComparison.Ordinal) || reason.Contains("401", StringComparison.Ordinal);
        return new WorkloadProblem(WorkloadProblemKind.ImagePull, pod.Reference, $"container {container} cannot pull image {image}: {reason}",
            refused
                ? $"Give the pods a pull secret for that registry in namespace {pod.Namespace}, or grant the nodes access; a registry also answers so for an image that is not there."
                : "Name an image that the cluster's nodes can pull, for example from a mirror of your own.");
    }

    private static WorkloadProblem Crash(KubernetesObject pod, string container, JsonNode? ended)
    {
        var how = ended is null
            ? "how it ended is not known"
            : $"exit code {ended.FindInt64("exitCode")} ({ended.FindString("reason") ?? "no reason"}){(ended.FindString("message") is { Length: > 0 } text ? ": " + text.Trim() : "")}";
        return new WorkloadProblem(WorkloadProblemKind.CrashLoop, pod.Reference, $"container {container} of pod {pod.Name} ends again and again: {how}",
            $"Read what it said: `kubectl logs -n {pod.Namespace} {pod.Name} -c {container} --previous`.");
    }

    private static WorkloadProblem? NotReady(WorkloadState state, KubernetesObject pod)
    {
        var name = PodSidecar.Statuses(pod, "containerStatuses").Where(status => status.Find("state", "running") is not null && status.FindBoolean("ready") is not true)
            .Select(status => status.FindString("name")).FirstOrDefault();
        return name is null
            ? null
            : new WorkloadProblem(WorkloadProblemKind.NotReady, pod.Reference,
                $"container {name} of pod {pod.Name} runs and is not ready{(state.Warning(pod, "Unhealthy") is { } told ? ": " + told : "")}",
                $"Read what it says: `kubectl logs -n {pod.Namespace} {pod.Name} -c {name}`.") { Container = name, Image = Image(pod, name) };
    }

    private static string? Image(KubernetesObject pod, string container) => PodSidecar.Containers(pod, "containers").Concat(PodSidecar.Containers(pod, "initContainers"))
        .FirstOrDefault(candidate => string.Equals(candidate.FindString("name"), container, StringComparison.Ordinal)).FindString("image");
}
