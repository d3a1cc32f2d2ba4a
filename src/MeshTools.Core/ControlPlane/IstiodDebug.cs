using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Managed;

namespace MeshTools.ControlPlane;

/// <summary>What one istiod replica says about the clusters it reads.</summary>
/// <param name="Replica">The pod.</param>
/// <param name="Clusters">The clusters; the first is the replica's own.</param>
/// <param name="Failure">Why the replica could not be asked; <see langword="null"/> when it answered.</param>
public sealed record ReplicaView(string Replica, IReadOnlyList<RegisteredCluster> Clusters, Exception? Failure = null);

/// <summary>A cluster as istiod's <c>/debug/clusterz</c> lists it.</summary>
/// <param name="ClusterId">The cluster ID.</param>
/// <param name="SecretName"><c>NAMESPACE/NAME</c> of the remote secret; empty for the replica's own cluster.</param>
/// <param name="SyncStatus"><c>synced</c>, <c>syncing</c>, <c>timeout</c> or <c>closed</c>.</param>
public sealed record RegisteredCluster(string ClusterId, string SecretName, string SyncStatus);

/// <summary>
/// Asks istiod itself, as istioctl does (istioctl/pkg/multixds, <c>AllDiscoveryDo</c>): every running pod with label <c>app=istiod</c>, by port-forward to the port of
/// its annotation <c>prometheus.io/port</c>, or 15014. istiod serves loopback callers without a token.
/// </summary>
public static class IstiodDebug
{
    private const int DefaultPort = 15014;

    // istiod answers from memory; who does not within this time hangs, and must not hold back what the other replicas say.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>What every replica says about the clusters it reads.</summary>
    /// <param name="cluster">The cluster whose control plane is asked.</param>
    /// <param name="controlPlaneNamespace">The control plane's namespace.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>One view for every replica, in the order of the pods' names. A replica that does not answer has a failure and no clusters.</returns>
    /// <exception cref="MeshException">No istiod runs there (<c>ControlPlaneNotFound</c>), or Google runs it (<c>ControlPlaneManaged</c>).</exception>
    public static async Task<IReadOnlyList<ReplicaView>> GetRemoteClustersAsync(
        MeshCluster cluster, string controlPlaneNamespace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var options = new ListOptions { LabelSelector = ControlPlaneRevision.Selector, FieldSelector = "status.phase=Running" };
        var pods = await cluster.Connect().ListPageAsync(ResourceTypes.Pod, controlPlaneNamespace, options, cancellationToken).ConfigureAwait(false);
        // A pod that is on its way out still runs, but what it says is about to be gone.
        KubernetesObject[] running = [.. pods.Items.Where(pod => pod.DeletionTimestamp is null).OrderBy(pod => pod.Name, StringComparer.Ordinal)];
        if (running.Length > 0)
            return await Task.WhenAll(running.Select(pod => AskAsync(cluster, pod, cancellationToken))).ConfigureAwait(false);
        var managed = await ManagedRevisions.ListAsync(cluster, controlPlaneNamespace, cancellationToken).ConfigureAwait(false);
        throw managed.Count == 0
            ? MeshErrors.ControlPlaneNotFound(cluster, controlPlaneNamespace)
            : new MeshException(ErrorCatalog.ControlPlaneManaged, $"{cluster.Name}: Google runs its control plane ({string.Join(", ", managed.Select(revision => revision.Name))}), which cannot be asked what it reads", cluster);
    }

    private static async Task<ReplicaView> AskAsync(MeshCluster cluster, KubernetesObject pod, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            var port = int.TryParse(pod.Annotations.GetValueOrDefault("prometheus.io/port"), CultureInfo.InvariantCulture, out var annotated)
                ? annotated
                : DefaultPort;
            using var answer = await cluster.Connect()
                .GetThroughPodAsync(pod.Namespace ?? "", pod.Name, port, "/debug/clusterz", limit.Token).ConfigureAwait(false);
            if (answer.StatusCode != HttpStatusCode.OK)
                throw new StreamingException($"{pod.Namespace}/{pod.Name} answered {(int)answer.StatusCode} to /debug/clusterz");
            return new ReplicaView(pod.Name, Read(await answer.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false)));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            return new ReplicaView(pod.Name, [], new StreamingException($"{pod.Namespace}/{pod.Name} did not answer within {s_patience.TotalSeconds:0} s", e));
        }
        catch (Exception e) when (e is KubernetesException or JsonException)
        {
            return new ReplicaView(pod.Name, [], e);
        }
    }

    private static IReadOnlyList<RegisteredCluster> Read(string json) =>
    [
        .. from entry in JsonNode.Parse(json) as JsonArray ?? []
           select new RegisteredCluster(entry.FindString("id") ?? "", entry.FindString("secretName") ?? "", entry.FindString("syncStatus") ?? ""),
    ];
}
