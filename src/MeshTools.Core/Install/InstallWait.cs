using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>Waits until a control plane does its work: every replica runs, and the API server can call its injector.</summary>
internal static class InstallWait
{
    internal static async Task RunAsync(MeshCluster cluster, string revision, string ns, TimeSpan timeout, IOperationLog log, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var progress = new Progress(cluster, log);
        try
        {
            await client.WaitForRolloutAsync(ResourceTypes.Deployment, ns, ControlPlaneRevision.Revisioned("istiod", revision), timeout, progress, cancellationToken).ConfigureAwait(false);
            var bundled = WaitCondition.Predicate("a CA bundle in every webhook", HasBundles);
            await client.WaitAsync(
                ResourceTypes.MutatingWebhookConfiguration, null, ControlPlaneRevision.Revisioned("istio-sidecar-injector", revision), bundled, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WaitTimeoutException or RolloutFailedException)
        {
            throw await InstallFailure.ExplainAsync(new MeshException(ErrorCatalog.InstallationFailed, $"{cluster.Name}: {e.Message}", cluster, innerException: e), cluster, revision, ns, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool HasBundles(KubernetesObject webhook) => (webhook.Json.FindArray("webhooks") ?? [])
        .All(item => item.Find("clientConfig", "service") is null || item.FindString("clientConfig", "caBundle") is { Length: > 0 });

    private sealed class Progress(MeshCluster cluster, IOperationLog log) : IProgress<string>
    {
        public void Report(string value)
        {
            log.Verbose($"{cluster.Name}: {value}");
            log.Progress(new OperationProgress("Waiting for the control plane", value, 0, 1, cluster.Name));
        }
    }
}
