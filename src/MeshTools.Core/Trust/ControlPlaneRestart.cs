using System.Globalization;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Trust;

/// <summary>Restarts a cluster's istiod as <c>kubectl rollout restart</c> does, and waits until the new one publishes the roots it should.</summary>
internal static class ControlPlaneRestart
{
    /// <summary>The annotation by which kubectl restarts (kubectl pkg/polymorphichelpers/objectrestarter.go).</summary>
    private const string Annotation = "kubectl.kubernetes.io/restartedAt";

    internal static IEnumerable<PlannedChange> Changes(ClusterTrust trust) => trust.Deployments.Select(name => new PlannedChange(
        trust.Cluster, new ObjectReference("apps/v1", "Deployment", name, trust.Namespace), ChangeKind.Update, "rollout restart, so that istiod reads its certificate"));

    /// <exception cref="KubernetesException">A request or a rollout fails, or the roots do not appear in time.</exception>
    internal static async Task RunAsync(
        ClusterTrust trust, IReadOnlySet<string> roots, TimeSpan timeout, IOperationLog log, CancellationToken cancellationToken)
    {
        var client = trust.Cluster.Connect();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (var name in trust.Deployments)
        {
            // With fractions of a second: a second restart within one second must be one.
            var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
            var patch = new JsonObject
            {
                ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Annotation] = now } } } },
            };
            await client.PatchAsync(ResourceTypes.Deployment, trust.Namespace, name, Patch.Strategic(patch), cancellationToken: cancellationToken).ConfigureAwait(false);
            log.Verbose($"{trust.Cluster.Name}: restarting {name}");
        }

        foreach (var name in trust.Deployments)
        {
            await client.WaitForRolloutAsync(ResourceTypes.Deployment, trust.Namespace, name, Left(timeout, clock), progress: null, cancellationToken).ConfigureAwait(false);
            log.Verbose($"{trust.Cluster.Name}: {name} runs anew");
        }

        if (trust.Deployments.Count > 0)
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

    private static TimeSpan Left(TimeSpan timeout, System.Diagnostics.Stopwatch clock) =>
        timeout - clock.Elapsed is var left && left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
}
