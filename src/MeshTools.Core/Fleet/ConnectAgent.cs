using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Workloads;

namespace MeshTools.Fleet;

/// <summary>
/// The Connect agent, by which Google reaches a cluster outside GKE (cloud.google.com/kubernetes-engine/fleet-management/docs/connect-agent). Google gives the objects for a membership that
/// exists; they are applied here. The Deployment's name holds the agent's version, so one of another version is superseded and goes.
/// </summary>
internal sealed class ConnectAgent
{
    /// <summary>The agent's namespace.</summary>
    internal const string Namespace = "gke-connect";

    /// <summary>The label of everything that belongs to the agent; its value is the fleet's project.</summary>
    internal const string ProjectLabel = "hub.gke.io/project";

    /// <summary>The label of its pods and Deployments.</summary>
    internal const string AppSelector = "app=gke-connect-agent";

    private readonly RemovalPlan _foreign;
    private readonly ManifestPlan _plan;
    private readonly RemovalPlan _superseded;

    private ConnectAgent(RemovalPlan foreign, ManifestPlan plan, RemovalPlan superseded)
    {
        _foreign = foreign;
        _plan = plan;
        _superseded = superseded;
    }

    /// <summary>What would happen, object by object.</summary>
    internal IReadOnlyList<PlannedChange> Changes => [.. _foreign.Changes, .. _plan.Changes, .. _superseded.Changes];

    /// <summary>What would happen to the whole.</summary>
    internal ChangeKind Kind => Changes.All(change => !change.Writes) ? ChangeKind.Unchanged
        : _plan.Items.Any(item => item.Live is not null && item.Change.Object.Kind is "Deployment") || _superseded.Changes.Any() ? ChangeKind.Update
        : ChangeKind.Create;

    /// <summary>Asks Google for the objects and compares them with what is there. Nothing is written.</summary>
    /// <param name="client">Google Cloud.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="resourceName">The membership, which must be there.</param>
    /// <param name="forceConflicts">Whether fields of other managers are taken over.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="GoogleApiException">Google does not tell.</exception>
    /// <exception cref="KubernetesException">The cluster refuses.</exception>
    internal static async Task<ConnectAgent> PlanAsync(GoogleCloudClient client, MeshCluster cluster, string resourceName, bool forceConflicts, CancellationToken cancellationToken)
    {
        var texts = await client.Fleet.GetConnectManifestAsync(resourceName, Namespace, cancellationToken).ConfigureAwait(false);
        KubernetesObject[] objects = [.. texts.SelectMany(text => KubernetesYaml.ReadObjects(text, resourceName))];
        if (objects.Length == 0)
            throw new MeshException(ErrorCatalog.GoogleRequestFailed, $"{cluster.Name}: Google gives no objects for the Connect agent of {resourceName}", cluster);
        var wanted = objects.Where(obj => obj.Kind is "Deployment").ToDictionary(obj => obj.Name, StringComparer.Ordinal);
        var there = await DeploymentsAsync(cluster, cancellationToken).ConfigureAwait(false);
        // An agent that is left of another fleet selects its pods by that fleet, which cannot be changed.
        var foreign = there.Where(deployment => wanted.TryGetValue(deployment.Name, out var same) && !JsonNode.DeepEquals(deployment.Find("spec", "selector"), same.Find("spec", "selector"))).ToList();
        var anew = foreign.Select(deployment => deployment.Name).ToHashSet(StringComparer.Ordinal);
        var plan = await ManifestPlan.CreateAsync(
            cluster, [.. objects.Select(obj => new ManifestObject(obj, "part of the Connect agent") { Anew = obj.Kind is "Deployment" && anew.Contains(obj.Name) })], forceConflicts, cancellationToken).ConfigureAwait(false);
        var superseded = there.Where(deployment => !wanted.ContainsKey(deployment.Name));
        return new ConnectAgent(Removal(foreign, "a Connect agent of another fleet"), plan, Removal(superseded, "a Connect agent of another version"));

        RemovalPlan Removal(IEnumerable<KubernetesObject> deployments, string what) => new(cluster, deployments.Select(deployment => new ManifestObject(deployment, what)));
    }

    /// <summary>Applies everything that would change; what is superseded goes last.</summary>
    /// <exception cref="KubernetesException">A request fails; a rerun goes on from there.</exception>
    internal async Task ApplyAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        await _foreign.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
        await _plan.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
        await _superseded.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the agent's pods run.</summary>
    /// <exception cref="MeshException">They do not come up; the message says why, in the cluster's words.</exception>
    /// <exception cref="KubernetesException">The cluster does not answer, or the time is over.</exception>
    internal static async Task WaitAsync(MeshCluster cluster, TimeSpan timeout, IOperationLog log, CancellationToken cancellationToken)
    {
        foreach (var deployment in await DeploymentsAsync(cluster, cancellationToken).ConfigureAwait(false))
        {
            log.Progress(new OperationProgress("Waiting for the Connect agent", deployment.Name, 0, 1, cluster.Name));
            await WorkloadRollout.WaitAsync(cluster, deployment.Reference, new RolloutOptions { Timeout = timeout }, log, cancellationToken).ConfigureAwait(false);
        }
    }

    internal static async Task<IReadOnlyList<KubernetesObject>> DeploymentsAsync(MeshCluster cluster, CancellationToken cancellationToken) =>
        await cluster.Connect().ListAllAsync(ResourceTypes.Deployment, Namespace, new ListOptions { LabelSelector = AppSelector }, cancellationToken).ConfigureAwait(false);
}
