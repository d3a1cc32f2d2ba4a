using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Workloads;

namespace MeshTools.Trust;

/// <summary>Restarts a cluster's istiod as <c>kubectl rollout restart</c> does, and waits until the new one publishes the roots it should.</summary>
internal static class ControlPlaneRestart
{
    internal static IEnumerable<PlannedChange> Changes(ClusterTrust trust) => Deployments(trust).Select(
        istiod => new PlannedChange(trust.Cluster, istiod, ChangeKind.Update, "rollout restart, so that istiod reads its certificate"));

    /// <exception cref="Errors.MeshException">istiod does not come up again; the message says why.</exception>
    /// <exception cref="KubernetesException">A request or a rollout fails, or the roots do not appear in time.</exception>
    internal static async Task RunAsync(
        ClusterTrust trust, IReadOnlySet<string> roots, TimeSpan timeout, IOperationLog log, CancellationToken cancellationToken)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        ObjectReference[] deployments = [.. Deployments(trust)];
        foreach (var istiod in deployments)
            await RollingRestart.BeginAsync(trust.Cluster, istiod, log, cancellationToken).ConfigureAwait(false);
        foreach (var istiod in deployments)
        {
            var options = new RolloutOptions { Timeout = Left(timeout, clock) };
            await WorkloadRollout.WaitAsync(trust.Cluster, istiod, options, log, cancellationToken).ConfigureAwait(false);
            log.Verbose($"{trust.Cluster.Name}: {istiod.Name} runs anew");
        }

        if (deployments.Length > 0)
            await WaitForRootsAsync(trust.Cluster, trust.Namespace, roots, Left(timeout, clock), cancellationToken).ConfigureAwait(false);
    }

    internal static Task<KubernetesObject> WaitForRootsAsync(
        MeshCluster cluster, string ns, IReadOnlySet<string> roots, TimeSpan timeout, CancellationToken cancellationToken) => cluster.Connect().WaitAsync(
            ResourceTypes.ConfigMap,
            ns,
            ClusterTrust.RootConfigMap,
            WaitCondition.Predicate("istiod publishes the roots of its cacerts", map => roots.SetEquals(ClusterTrust.RootsOf(map, []).Select(MeshCertificate.FingerprintOf))),
            timeout,
            cancellationToken);

    private static IEnumerable<ObjectReference> Deployments(ClusterTrust trust) =>
        trust.Deployments.Select(name => new ObjectReference("apps/v1", "Deployment", name, trust.Namespace));

    private static TimeSpan Left(TimeSpan timeout, System.Diagnostics.Stopwatch clock) =>
        timeout - clock.Elapsed is var left && left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
}
