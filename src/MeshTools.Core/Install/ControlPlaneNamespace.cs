using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>The control plane's namespace, which also says in which network the cluster is.</summary>
internal sealed class ControlPlaneNamespace
{
    internal const string NetworkLabel = "topology.istio.io/network";

    private readonly string _network;

    private ControlPlaneNamespace(PlannedChange change, string network)
    {
        Change = change;
        _network = network;
    }

    /// <summary>What would happen to it.</summary>
    internal PlannedChange Change { get; }

    /// <summary>Compares it with what is there.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="live">The namespace; <see langword="null"/> when there is none.</param>
    /// <param name="name">Its name.</param>
    /// <param name="network">The network.</param>
    /// <exception cref="MeshException">It is on its way out (<c>NamespaceNotFound</c>).</exception>
    internal static ControlPlaneNamespace Plan(MeshCluster cluster, KubernetesObject? live, string name, string network)
    {
        if (live?.DeletionTimestamp is not null)
            throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{cluster.Name}: namespace {name} is being deleted", cluster, "Wait until it is gone, then run the command again.");
        var reference = new ObjectReference("v1", "Namespace", name, null);
        if (live is null)
            return new ControlPlaneNamespace(new PlannedChange(cluster, reference, ChangeKind.Create, $"namespace of the control plane, in network {network}"), network);
        var before = live.Labels.GetValueOrDefault(NetworkLabel);
        return new ControlPlaneNamespace(
            string.Equals(before, network, StringComparison.Ordinal)
                ? new PlannedChange(cluster, reference, ChangeKind.Unchanged, $"in network {network}")
                : new PlannedChange(cluster, reference, ChangeKind.Update, $"in network {network}{(before is null ? "" : $", before in {before}")}") { Fields = [$"metadata.labels['{NetworkLabel}']"] },
            network);
    }

    /// <summary>Makes it, or labels it.</summary>
    internal async Task WriteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        if (!Change.Writes)
            return;
        var client = Change.Cluster.Connect();
        var labels = new JsonObject { [NetworkLabel] = _network };
        // Google makes it too, where it manages the mesh; who comes second labels it.
        if (Change.Kind is ChangeKind.Create && await client.FindAsync(ResourceTypes.Namespace, null, Change.Object.Name, cancellationToken).ConfigureAwait(false) is null)
        {
            var ns = KubernetesObject.Create("v1", "Namespace", Change.Object.Name);
            ns.Json["metadata"]!["labels"] = labels;
            await client.CreateAsync(ns, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } });
            await client.PatchAsync(ResourceTypes.Namespace, null, Change.Object.Name, patch, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        log.Verbose($"{Change.Cluster.Name}: {Change.Object} {(Change.Kind is ChangeKind.Create ? "created" : "updated")}");
    }
}
