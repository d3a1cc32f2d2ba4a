using System.Collections.Concurrent;

namespace MeshTools.Lab;

/// <summary>
/// The certificates of a cluster's proxies. A proxy gets one when it starts, from the istiod of its revision, and is not ready without; it
/// keeps it, and the roots that came with it, until half its lifetime is over, or the pod is made anew.
/// </summary>
internal sealed class WorkloadCertificates(ObjectStore store, IstiodController istiod, TimeSpan lifetime) : IPodStartup
{
    private readonly ConcurrentDictionary<string, WorkloadCertificate> certificates = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ContainerStage Start(StoredObject pod, string container)
    {
        if (container is not SidecarInjector.Proxy || !SidecarInjector.IsInjected(pod.Json))
        {
            return ContainerStage.Ready;
        }

        if (!certificates.ContainsKey(pod.Uid) && Issue(pod) is { } issued)
        {
            certificates.TryAdd(pod.Uid, issued);
        }

        return certificates.ContainsKey(pod.Uid) ? ContainerStage.Ready : ContainerStage.Starting;
    }

    /// <inheritdoc/>
    public void Stop(string podUid) => certificates.TryRemove(podUid, out _);

    /// <summary>What a pod's proxy has now; null for a pod without one.</summary>
    public WorkloadCertificate? Find(StoredObject pod)
    {
        if (!certificates.TryGetValue(pod.Uid, out var current))
        {
            return null;
        }

        if (store.Clock.GetUtcNow() < current.IssuedAt + (lifetime / 2) || Issue(pod) is not { } renewed)
        {
            return current;
        }

        certificates[pod.Uid] = renewed;
        return renewed;
    }

    private WorkloadCertificate? Issue(StoredObject pod)
    {
        if (istiod.Of(pod.Json.Annotation(SidecarInjector.RevisionAnnotation)) is not { } replica)
        {
            return null;
        }

        var domain = MeshConfiguration.TrustDomain(MeshConfiguration.Read(store, replica.Settings));
        return replica.Authority.Current.Issue(
            domain, pod.Key.Namespace!, pod.Json.Text("spec", "serviceAccountName") ?? "default", store.Clock.GetUtcNow(), lifetime);
    }
}
