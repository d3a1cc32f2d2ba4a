using MeshTools.Clusters;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Managed;

/// <summary>A managed control plane with everything that prepares for it: Google's side, the user's role, the namespace. Planning only reads, and all of it before the first change.</summary>
public sealed class PreparedManagedInstall
{
    private readonly ClusterPreparation _preparation;
    private readonly ManagedInstallPlan _plan;

    private PreparedManagedInstall(ClusterPreparation preparation, ManagedInstallPlan plan)
    {
        _preparation = preparation;
        _plan = plan;
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster => _plan.Cluster;

    /// <summary>What would happen on Google's side, in order.</summary>
    public IReadOnlyList<CloudChange> CloudChanges => [.. _preparation.CloudChanges, .. _plan.CloudChanges];

    /// <summary>What would happen in the cluster, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes => [.. _preparation.Objects, .. _plan.Changes];

    /// <summary>Reads, checks and decides. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="preparation">What may be changed to prepare, and how; its authority is that of <paramref name="managed"/>.</param>
    /// <param name="managed">How Google is to run the control plane.</param>
    /// <param name="google">Google Cloud; must live until the plan has been executed.</param>
    /// <param name="log">Takes warnings and which way was chosen.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="Errors.MeshException">Something is missing that may not be made, or what was asked for cannot be.</exception>
    /// <exception cref="GoogleApiException">Google refuses to tell.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<PreparedManagedInstall> CreateAsync(
        MeshCluster cluster, InstallOptions preparation, ManagedInstallOptions managed, GoogleCloudClient google, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(preparation);
        ArgumentNullException.ThrowIfNull(managed);
        var options = await PreparationAsync(cluster, preparation, managed, log, cancellationToken).ConfigureAwait(false);
        var prepared = await ClusterPreparation.PlanAsync(cluster, options, google, log, cancellationToken).ConfigureAwait(false);
        var plan = await ManagedInstallPlan.CreateAsync(prepared.Cluster, managed with { Coming = prepared.CloudChanges, Prepared = true }, google, log, cancellationToken).ConfigureAwait(false);
        return new PreparedManagedInstall(prepared, plan);
    }

    /// <summary>What prepares for a managed control plane: as for any other, with the authority that it will have.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="preparation">What may be changed.</param>
    /// <param name="managed">How Google is to run the control plane.</param>
    /// <param name="log">Takes what may not be read.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The options.</returns>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    public static async Task<InstallOptions> PreparationAsync(MeshCluster cluster, InstallOptions preparation, ManagedInstallOptions managed, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(preparation);
        ArgumentNullException.ThrowIfNull(managed);
        var map = await new PermittedReads(cluster, log).FindAsync(ResourceTypes.ConfigMap, ManagedReading.Namespace, AsmOptions.ConfigMap, cancellationToken).ConfigureAwait(false);
        var live = AsmOptions.Parse(map?.FindString("data", AsmOptions.Key));
        var authority = managed.Authority ?? live.Signer ?? MeshAuthority.MeshCA;
        return preparation with { Managed = true, Authority = authority, CaPool = authority is MeshAuthority.CaService ? managed.CaPool ?? live.Pool : null };
    }

    /// <summary>Makes all changes, all of which were approved.</summary>
    /// <param name="run">What the plans of one command have in common.</param>
    /// <param name="log">Takes progress and milestones.</param>
    /// <param name="cancellationToken">Ends it; what was made by then stays, and a rerun goes on from there.</param>
    /// <returns>What there is now.</returns>
    /// <exception cref="Errors.MeshException">Google cannot provide the control plane, or takes longer.</exception>
    /// <exception cref="GoogleApiException">Google refuses.</exception>
    /// <exception cref="KubernetesException">A request to the cluster fails.</exception>
    public async Task<ServiceMeshInstallation> ExecuteAsync(CloudRun run, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var changed = _preparation.CloudChanges.Any(change => change.Writes) || _preparation.Objects.Any(change => change.Writes);
        await _preparation.ExecuteAsync(run, log, cancellationToken).ConfigureAwait(false);
        var installation = await _plan.ExecuteAsync(log, cancellationToken).ConfigureAwait(false);
        return changed && installation.Change is ChangeOutcome.Unchanged ? installation with { Change = ChangeOutcome.Updated } : installation;
    }
}
