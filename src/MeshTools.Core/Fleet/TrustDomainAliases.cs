using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>
/// Lets the control planes of a cluster accept workloads of further trust domains, as asmcli's create-mesh does, but by the structure of the mesh configuration and not by its text.
/// An installation writes the configuration anew, with the aliases that it is given itself.
/// </summary>
public sealed class TrustDomainAliases
{
    private readonly MeshCluster _cluster;
    private readonly IReadOnlyList<(PlannedChange Change, string Before, string After)> _items;

    private TrustDomainAliases(MeshCluster cluster, IReadOnlyList<(PlannedChange Change, string Before, string After)> items)
    {
        _cluster = cluster;
        _items = items;
    }

    /// <summary>What would happen, one change for each revision's mesh configuration; none where no control plane runs.</summary>
    public IReadOnlyList<PlannedChange> Changes => [.. _items.Select(item => item.Change)];

    /// <summary>Reads the mesh configurations and plans what is missing.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="aliases">The trust domains, for example <c>my-fleet.svc.id.goog</c>.</param>
    /// <param name="controlPlaneNamespace">The control planes' namespace.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<TrustDomainAliases> PlanAsync(MeshCluster cluster, IReadOnlyList<string> aliases, string controlPlaneNamespace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(aliases);
        var client = cluster.Connect();
        var istiod = new ListOptions { LabelSelector = ControlPlaneRevision.Selector };
        var deployments = await client.ListPageAsync(ResourceTypes.Deployment, controlPlaneNamespace, istiod, cancellationToken).ConfigureAwait(false);
        var items = new List<(PlannedChange Change, string Before, string After)>();
        foreach (var revision in deployments.Items.Select(ControlPlaneRevision.From).Select(plane => plane.Revision).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var name = ControlPlaneRevision.Revisioned("istio", revision);
            var map = await client.FindAsync(ResourceTypes.ConfigMap, controlPlaneNamespace, name, cancellationToken).ConfigureAwait(false);
            if (map?.FindString("data", "mesh") is not { } before)
                continue;
            var mesh = KubernetesYaml.ParseAll(before, name).FirstOrDefault() as JsonObject ?? [];
            var missing = Missing(mesh, aliases);
            var text = missing.Count == 0 ? "accepts the trust domains already" : $"accept the trust domains {string.Join(", ", missing)}";
            var change = new PlannedChange(cluster, map.Reference, missing.Count == 0 ? ChangeKind.Unchanged : ChangeKind.Update, text) { Fields = missing.Count == 0 ? [] : ["data.mesh"] };
            items.Add((change, before, missing.Count == 0 ? before : With(mesh, missing)));
        }

        return new TrustDomainAliases(cluster, items);
    }

    /// <summary>Makes what was approved. A configuration that somebody changed meanwhile is not overwritten.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="KubernetesException">A request fails, or the configuration has changed since it was read.</exception>
    public async Task ExecuteAsync(Func<PlannedChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        foreach (var (change, before, after) in _items.Where(item => item.Change.Writes && approved(item.Change)))
        {
            var patch = Patch.Json(
            [
                new JsonObject { ["op"] = "test", ["path"] = "/data/mesh", ["value"] = before },
                new JsonObject { ["op"] = "replace", ["path"] = "/data/mesh", ["value"] = after },
            ]);
            await _cluster.Connect().PatchAsync(ResourceTypes.ConfigMap, change.Object.Namespace, change.Object.Name, patch, cancellationToken: cancellationToken).ConfigureAwait(false);
            log.Verbose($"{_cluster.Name}: {change.Object}: {change.Description}: done");
        }
    }

    private static IReadOnlyList<string> Missing(JsonObject mesh, IReadOnlyList<string> aliases)
    {
        var accepted = (mesh.FindArray("trustDomainAliases") ?? []).Select(JsonAccess.AsString).Append(mesh.FindString("trustDomain")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return [.. aliases.Distinct(StringComparer.Ordinal).Where(alias => !accepted.Contains(alias))];
    }

    private static string With(JsonObject mesh, IReadOnlyList<string> missing)
    {
        if (mesh["trustDomainAliases"] is not JsonArray list)
            mesh["trustDomainAliases"] = list = [];
        foreach (var alias in missing)
            list.Add(alias);
        return KubernetesYaml.Write(mesh);
    }
}
