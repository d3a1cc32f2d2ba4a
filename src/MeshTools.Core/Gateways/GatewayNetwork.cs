using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>The network of a cluster, as the label of the control plane's namespace says it, and what becomes of that label.</summary>
internal static partial class GatewayNetwork
{
    /// <summary>
    /// The manager of the label when this module sets it: another than that of everything else, so that the label can be taken back by whoever set it and by nobody else.
    /// </summary>
    internal const string LabelManager = "meshtools-network";

    /// <summary>The network that the gateway leads into.</summary>
    /// <param name="cluster">The cluster, probed.</param>
    /// <param name="asked">What the user asks for, if anything.</param>
    /// <exception cref="MeshException"><c>NetworkUnknown</c>, or <c>NetworkInvalid</c>.</exception>
    internal static string Choose(MeshCluster cluster, string? asked)
    {
        var network = asked ?? cluster.Network
            ?? throw new MeshException(ErrorCatalog.NetworkUnknown, $"{cluster.Name}: the cluster says nothing about its network", cluster);
        return LabelValue().IsMatch(network)
            ? network
            : throw new MeshException(ErrorCatalog.NetworkInvalid, $"{cluster.Name}: '{network}' cannot be the name of a network", cluster);
    }

    /// <summary>What must happen to the label: nothing, or it is set where it is missing.</summary>
    /// <exception cref="MeshException">It says another network (<c>NetworkDiffers</c>).</exception>
    internal static PlannedChange? Plan(MeshCluster cluster, KubernetesObject home, string network)
    {
        var live = home.Labels.GetValueOrDefault(EastWestGateways.NetworkLabel);
        if (string.IsNullOrEmpty(live))
        {
            return new PlannedChange(cluster, home.Reference, ChangeKind.Update, $"network {network} of the cluster")
            {
                Fields = [$"metadata.labels['{EastWestGateways.NetworkLabel}']"],
            };
        }

        return string.Equals(live, network, StringComparison.Ordinal) ? null : throw new MeshException(
            ErrorCatalog.NetworkDiffers,
            $"{cluster.Name}: namespace {home.Name} says network {live}, the gateway would lead into {network}. Other clusters would look for this cluster's pods behind gateways of {live}, "
            + $"and pods that were injected already say {live} until they are restarted",
            cluster);
    }

    internal static async Task SetAsync(MeshCluster cluster, string ns, string network, IOperationLog log, CancellationToken cancellationToken)
    {
        await cluster.Connect().ApplyAsync(Labelled(ns, network), new ApplyOptions { FieldManager = LabelManager }, cancellationToken).ConfigureAwait(false);
        log.Verbose($"{cluster.Name}: namespace {ns} labelled with network {network}");
    }

    /// <summary>Takes the label back, as far as it is this module's alone: an apply without it leaves what others also own.</summary>
    internal static async Task TakeBackAsync(MeshCluster cluster, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        await cluster.Connect().ApplyAsync(Labelled(ns, null), new ApplyOptions { FieldManager = LabelManager }, cancellationToken).ConfigureAwait(false);
        log.Verbose($"{cluster.Name}: label {EastWestGateways.NetworkLabel} taken back from namespace {ns}");
    }

    /// <summary>Whether this module set the label, and nobody else owns it.</summary>
    internal static bool IsOurs(KubernetesObject home)
    {
        string[] owners =
        [
            .. (home.Json.FindArray("metadata", "managedFields") ?? [])
                .Where(entry => entry.Find("fieldsV1", "f:metadata", "f:labels", $"f:{EastWestGateways.NetworkLabel}") is not null)
                .Select(entry => entry.FindString("manager") ?? ""),
        ];
        return owners is [LabelManager];
    }

    /// <summary>Warns of pods that say, or will say, something else than the gateway.</summary>
    internal static async Task WarnOfPodsAsync(
        MeshCluster cluster, string controlPlaneNamespace, string network, string? revision, bool labelIsNew, IOperationLog log, CancellationToken cancellationToken)
    {
        if (labelIsNew)
            log.Warning($"{cluster.Name}: until now the cluster was in no network. Pods with a proxy that run already stay in none until they are restarted.");
        var name = ControlPlaneRevision.Revisioned("istio-sidecar-injector", revision ?? ControlPlaneRevision.DefaultRevision);
        var injector = await new PermittedReads(cluster, log).FindAsync(ResourceTypes.ConfigMap, controlPlaneNamespace, name, cancellationToken).ConfigureAwait(false);
        if (injector is not null && MeshSettings.From(null, injector).Network is var injected && !string.Equals(injected, network, StringComparison.Ordinal))
        {
            log.Warning(
                $"{cluster.Name}: the injector of revision {revision ?? ControlPlaneRevision.DefaultRevision} puts new pods into {(injected is null ? "no network" : $"network {injected}")}, "
                + $"not {network} (values.global.network of its installation). Set it there to {network}.");
        }
    }

    /// <summary>
    /// Warns of clusters that would get a gateway each and share the network's name: Istio takes their pods for reachable from each other, calls them by their addresses,
    /// and uses the gateways for neither (istio pilot/pkg/xds/endpoints/ep_filters.go).
    /// </summary>
    internal static void WarnOfSharedNames(IEnumerable<(MeshCluster Cluster, string Network)> gateways, IOperationLog log)
    {
        foreach (var group in gateways.GroupBy(item => item.Network, StringComparer.Ordinal).Where(group => group.Skip(1).Any()))
        {
            MeshCluster[] clusters = [.. group.Select(item => item.Cluster).OrderBy(cluster => cluster.Name, StringComparer.Ordinal)];
            // Clusters of one project share its virtual network as a rule.
            if (clusters[0].ProjectId is { } project && Array.TrueForAll(clusters, cluster => string.Equals(cluster.ProjectId, project, StringComparison.Ordinal)))
                continue;
            log.Warning(
                $"{string.Join(", ", (IEnumerable<MeshCluster>)clusters)} are all in network {group.Key}: Istio calls pods of one network by their own addresses and passes over its gateways. "
                + "If the pods of these clusters cannot reach each other, give each cluster a network of its own.");
        }
    }

    private static KubernetesObject Labelled(string ns, string? network)
    {
        var obj = KubernetesObject.Create("v1", "Namespace", ns);
        if (network is not null)
            obj.Json["metadata"]!["labels"] = new JsonObject { [EastWestGateways.NetworkLabel] = network };
        return obj;
    }

    // k8s.io/apimachinery util/validation, IsValidLabelValue.
    [GeneratedRegex("^(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LabelValue();
}
