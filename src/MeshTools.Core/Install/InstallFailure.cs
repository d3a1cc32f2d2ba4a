using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Workloads;

namespace MeshTools.Install;

/// <summary>Adds to a failed installation what the cluster itself says: istioctl knows that it waited in vain, and not why.</summary>
internal static class InstallFailure
{
    internal static async Task<MeshException> ExplainAsync(MeshException failure, MeshCluster cluster, string revision, string ns, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkloadProblem> problems;
        try
        {
            var name = ControlPlaneRevision.Revisioned("istiod", revision);
            problems = await cluster.Connect().FindAsync(ResourceTypes.Deployment, ns, name, cancellationToken).ConfigureAwait(false) is { } deployment
                ? await WorkloadDiagnosis.ReadAsync(cluster, deployment, cancellationToken: cancellationToken).ConfigureAwait(false)
                : [];
        }
        catch (KubernetesException)
        {
            // The failure itself is what counts.
            return failure;
        }

        return problems.Count == 0 ? failure : new MeshException(
            ErrorCatalog.InstallationFailed,
            $"{failure.Message}; the cluster says: {string.Join("; ", problems.Select(problem => $"{problem.Object}: {problem.Message}"))}",
            cluster,
            $"{problems[0].Fix} Then run the command again: it does what is missing.",
            failure);
    }
}
