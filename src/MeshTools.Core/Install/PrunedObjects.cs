using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Install;

/// <summary>What an earlier run of istioctl made, and the next one removes since its manifest no longer has it (operator/pkg/install/install.go, <c>prune</c>).</summary>
/// <param name="reading">The cluster's revisions.</param>
/// <param name="owner">By what istioctl knows its objects.</param>
/// <param name="log">Takes warnings about what may not be read.</param>
internal sealed class PrunedObjects(RevisionReading reading, OwnerLabels owner, IOperationLog log)
{
    // operator/pkg/uninstall/prune.go; of its kinds, no chart has Secrets or bare Pods, and EnvoyFilters are of releases before 1.21.
    private static readonly ResourceType[] s_types =
    [
        ResourceTypes.Deployment, ResourceTypes.DaemonSet, ResourceTypes.Service, ResourceTypes.ConfigMap, ResourceTypes.ServiceAccount, ResourceTypes.RoleBinding, ResourceTypes.Role,
        ResourceTypes.PodDisruptionBudget, ResourceTypes.HorizontalPodAutoscaler, ResourceTypes.MutatingWebhookConfiguration, ResourceTypes.ValidatingWebhookConfiguration, ResourceTypes.ClusterRole,
        ResourceTypes.ClusterRoleBinding,
    ];

    /// <summary>Finds it. Only reads.</summary>
    /// <param name="manifest">What would be applied.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>What would go.</returns>
    internal async Task<IReadOnlyList<KubernetesObject>> FindAsync(IReadOnlyList<KubernetesObject> manifest, CancellationToken cancellationToken)
    {
        // Where no istiod of the revision is, no run came as far as gateways.
        if (!reading.Revisions.Contains(owner.Revision, StringComparer.Ordinal))
            return [];
        var kept = manifest.Select(obj => (obj.Kind, obj.Namespace, obj.Name)).ToHashSet();
        var reads = new PermittedReads(reading.Cluster, log);
        var options = new ListOptions { LabelSelector = owner.Selector };
        var found = await Task.WhenAll(s_types.Select(type => reads.ListAllAsync(type, null, options, cancellationToken))).ConfigureAwait(false);
        return [.. found.SelectMany(objects => objects).Where(obj => obj.Labels.GetValueOrDefault(OwnerLabels.NotPruned) is not "true" && !kept.Contains((obj.Kind, obj.Namespace, obj.Name)))];
    }
}
