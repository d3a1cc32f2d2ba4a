using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Managed;

/// <summary>
/// How managed control planes read the endpoints of other clusters: by <c>multicluster_mode</c> of ConfigMap <c>asm-options</c>, in every cluster, for all members of the fleet at once
/// (cloud.google.com/service-mesh/docs/operate-and-maintain/multi-cluster). Remote secrets are the older way; a control plane whose implementation is <c>TRAFFIC_DIRECTOR</c> does not read
/// them (cloud.google.com/service-mesh/docs/migrate/modernization-configuration-updates).
/// </summary>
internal static class MulticlusterMode
{
    internal const string Page = "https://cloud.google.com/service-mesh/docs/operate-and-maintain/multi-cluster";

    internal const string Command =
        "kubectl patch configmap/asm-options -n istio-system --type merge -p '{\"data\":{\"multicluster_mode\":\"connected\"}}'";

    internal const string Advice = $"Let the managed control planes read the endpoints of the whole fleet, on each cluster: `{Command}`; then remove the remote secrets.";

    /// <summary>What there is to say about a cluster that is to read others by remote secrets.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="ns">The control planes' namespace.</param>
    /// <param name="log">Takes what may not be read.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>A warning; <see langword="null"/> when its control plane is none that Google manages.</returns>
    /// <exception cref="Kubernetes.KubernetesException">The cluster does not answer.</exception>
    internal static async Task<string?> WarningAsync(MeshCluster cluster, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        var managed = await ManagedRevisions.ListPermittedAsync(cluster, ns, log, cancellationToken).ConfigureAwait(false);
        if (managed.Count == 0)
            return null;
        var names = string.Join(", ", managed.Select(revision => revision.Name));
        var map = await new PermittedReads(cluster, log).FindAsync(ResourceTypes.ConfigMap, ns, AsmOptions.ConfigMap, cancellationToken).ConfigureAwait(false);
        return map?.FindString("data", AsmOptions.MulticlusterMode) is "connected"
            ? $"{cluster.Name}: Google manages its control plane ({names}), which reads all of its fleet already (multicluster_mode is connected); it needs no remote secrets of members of the fleet. See {Page}."
            : $"{cluster.Name}: Google manages its control plane ({names}). Remote secrets are the older way for it, and one whose implementation is TRAFFIC_DIRECTOR (Get-ServiceMesh -FleetState) does not read them. For members of one fleet: `{Command} --context {cluster.Context}`. See {Page}.";
    }
}
