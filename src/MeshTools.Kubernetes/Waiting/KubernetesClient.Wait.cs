namespace MeshTools.Kubernetes;

/// <content>Waits.</content>
public sealed partial class KubernetesClient
{
    /// <summary>Waits until an object is as wanted.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace; <see langword="null"/> for cluster-scoped types.</param>
    /// <param name="name">Its name.</param>
    /// <param name="condition">What to wait for.</param>
    /// <param name="timeout">How long; zero looks once, negative waits a week, as kubectl's.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The object as it was then; for <see cref="WaitCondition.Deleted"/>, as last seen.</returns>
    /// <exception cref="WaitTimeoutException">It did not happen in time; says what was missing.</exception>
    /// <exception cref="KubernetesApiException">Among others, 404 when the object a condition is about is not there or goes away.</exception>
    public Task<KubernetesObject> WaitAsync(
        ResourceType type, string? ns, string name, WaitCondition condition, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var wait = new ObjectWait(this, _options.TimeProvider, type, ns, name);
        string? uid = null;
        return wait.RunAsync(condition.Description, timeout, Decide, cancellationToken);

        WaitVerdict Decide(KubernetesObject? obj)
        {
            if (condition.Presence == WaitPresence.MustGo)
            {
                if (obj is null || (uid is not null && !string.Equals(obj.Uid, uid, StringComparison.Ordinal)))
                    return WaitVerdict.Done;
                uid = obj.Uid;
            }
            else if (obj is null)
            {
                return condition.Presence == WaitPresence.MayCome ? new WaitVerdict("it does not exist") : throw wait.NotFound();
            }

            return new WaitVerdict(condition.Unmet(obj));
        }
    }

    /// <summary>Waits until a Deployment, StatefulSet or DaemonSet runs what its specification says, as <c>kubectl rollout status</c>.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="timeout">How long; zero looks once, negative waits a week.</param>
    /// <param name="progress">Takes a line whenever something changes.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The workload as it was then.</returns>
    /// <exception cref="WaitTimeoutException">It did not happen in time.</exception>
    /// <exception cref="RolloutFailedException">It cannot happen any more: the progress deadline passed, the workload was deleted or replaced, or its strategy has no status.</exception>
    public Task<KubernetesObject> WaitForRolloutAsync(
        ResourceType type, string ns, string name, TimeSpan timeout, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var wait = new ObjectWait(this, _options.TimeProvider, type, ns, name);
        KubernetesObject? previous = null;
        string? said = null;
        return wait.RunAsync("a complete rollout", timeout, Decide, cancellationToken);

        WaitVerdict Decide(KubernetesObject? obj)
        {
            if (obj is null)
                throw previous is null ? wait.NotFound() : Failed($"{wait.Reference} was deleted during its rollout");

            // Another one of the same name is not the one whose rollout was asked for.
            if (previous is not null && !string.Equals(previous.Uid, obj.Uid, StringComparison.Ordinal))
                throw Failed($"{wait.Reference} was replaced by another of the same name during its rollout");
            previous = obj;
            var status = RolloutStatus.Of(obj);
            if (status.Failure is not null)
                throw Failed(status.Failure);
            if (!string.Equals(said, status.Message, StringComparison.Ordinal))
                progress?.Report(said = status.Message);
            return new WaitVerdict(status.Done ? null : status.Message);
        }

        RolloutFailedException Failed(string reason) =>
            new(wait.Reference, reason, previous) { Endpoint = Configuration.Server, ContextName = Configuration.ContextName };
    }
}
