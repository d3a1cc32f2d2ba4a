using System.Globalization;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Gateways;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Install;

/// <summary>The objects that an installation leaves in a cluster, by the names and labels of Istio's charts, in the order in which they should go: webhooks before what they call.</summary>
internal static class InstalledObjects
{
    // What istiod publishes to every namespace (pilot/pkg/serviceregistry/kube/controller/namespacecontroller.go); the second one since Istio 1.28.
    private static readonly string[] s_published = ["istio-ca-root-cert", "istio-ca-crl"];

    // What an IstioOperator may have besides istiod (operator/pkg/component); the latter two serve every revision of a cluster.
    private static readonly string[] s_gateways = ["IngressGateways", "EgressGateways"];
    private static readonly string[] s_nodeAgents = ["Cni", "Ztunnel"];

    // operator/pkg/uninstall/prune.go.
    private static readonly ResourceType[] s_componentTypes =
    [
        ResourceTypes.HorizontalPodAutoscaler, ResourceTypes.PodDisruptionBudget, ResourceTypes.Deployment, ResourceTypes.DaemonSet, ResourceTypes.Service, ResourceTypes.ConfigMap,
        ResourceTypes.RoleBinding, ResourceTypes.Role, ResourceTypes.ClusterRoleBinding, ResourceTypes.ClusterRole, ResourceTypes.ServiceAccount,
    ];

    /// <summary>What belongs to revisions, and to nothing else.</summary>
    internal static async Task<IReadOnlyList<ManifestObject>> FindAsync(RevisionReading reading, IReadOnlyList<string> revisions, bool all, bool last, CancellationToken cancellationToken)
    {
        var client = reading.Cluster.Connect();
        var ns = reading.Namespace;
        var found = new List<ManifestObject>();
        foreach (var webhook in reading.Injectors.Concat(reading.Validators).Where(webhook => revisions.Contains(RevisionReading.RevisionOf(webhook), StringComparer.Ordinal)))
            found.Add(new ManifestObject(webhook, RevisionReading.TagOf(webhook) is { } tag ? $"tag {tag}" : $"webhook of {RevisionReading.RevisionOf(webhook)}"));
        foreach (var service in reading.TagServices.Where(service => revisions.Contains(RevisionReading.RevisionOf(service), StringComparer.Ordinal)))
            found.Add(new ManifestObject(service, $"tag {RevisionReading.TagOf(service)}"));
        var named = revisions.SelectMany(revision => Names(revision, ns).Select(name => (name.Type, name.Namespace, name.Name, Purpose: $"control plane {revision}")));
        if (last && revisions.Count > 0)
        {
            named = named.Append((ResourceTypes.ServiceAccount, ns, "istio-reader-service-account", "what other clusters read by"))
                .Append((ResourceTypes.ValidatingWebhookConfiguration, null, TagManifest.DefaultValidator, "tag default"));
        }

        foreach (var (type, where, name, purpose) in named)
        {
            if (await client.FindAsync(type, where, name, cancellationToken).ConfigureAwait(false) is { } live)
                found.Add(new ManifestObject(live, purpose));
        }

        found.AddRange(await FindComponentsAsync(reading, revisions, all, last, cancellationToken).ConfigureAwait(false));
        return [.. found.DistinctBy(item => item.Object.Reference)];
    }

    /// <summary>
    /// The gateways and node agents that were installed together with revisions, by the labels that istioctl gives them; node agents go with the last revision. With all
    /// revisions also what a cut-off run left of any. What a document of another name made, such as an east-west gateway, is not the installation's.
    /// </summary>
    private static async Task<IReadOnlyList<ManifestObject>> FindComponentsAsync(RevisionReading reading, IReadOnlyList<string> revisions, bool all, bool last, CancellationToken cancellationToken)
    {
        if (!all && revisions.Count == 0)
            return [];
        var which = all ? OwnerLabels.Component
            : $"{RevisionLabels.Revision} in ({string.Join(",", revisions)}),{OwnerLabels.Component} in ({string.Join(",", last ? [.. s_gateways, .. s_nodeAgents] : s_gateways)})";
        var options = new ListOptions { LabelSelector = $"{OwnerLabels.OwnerNamespace}={reading.Namespace},{which}" };
        // Without a name of the document istioctl leaves the label out, and the charts write a word of their own.
        var owners = reading.Deployments.Select(OwnerOf).Concat([null, "unknown", OperatorDocument.Name]).ToHashSet(StringComparer.Ordinal);
        var client = reading.Cluster.Connect();
        var found = await Task.WhenAll(s_componentTypes.Select(type => ListAsync(client, type, options, cancellationToken))).ConfigureAwait(false);
        return [.. found.SelectMany(objects => objects).Where(obj => owners.Contains(OwnerOf(obj)))
            .Select(obj => new ManifestObject(obj, $"{obj.Labels[OwnerLabels.Component]} of control plane {RevisionReading.RevisionOf(obj)}"))];
    }

    private static string? OwnerOf(KubernetesObject obj) => obj.Labels.GetValueOrDefault(OwnerLabels.Owner);

    private static async Task<IReadOnlyList<KubernetesObject>> ListAsync(KubernetesClient client, ResourceType type, ListOptions options, CancellationToken cancellationToken)
    {
        var all = new List<KubernetesObject>();
        await foreach (var obj in client.ListAsync(type, null, options, cancellationToken).ConfigureAwait(false))
            all.Add(obj);
        return all;
    }

    /// <summary>What is left when the last control plane is gone: definitions, published roots, and the namespace with keys and whatever else is in it.</summary>
    /// <exception cref="MeshException">Resources of Istio's kinds are there, and would go with their definitions (<c>RevisionInUse</c>).</exception>
    internal static async Task<IReadOnlyList<ManifestObject>> FindRemainsAsync(MeshCluster cluster, UninstallOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var remains = new List<ManifestObject>();
        var definitions = new List<KubernetesObject>();
        await foreach (var definition in client.ListAsync(ResourceTypes.CustomResourceDefinition, null, new ListOptions(), cancellationToken).ConfigureAwait(false))
        {
            // The Gateway API has definitions of its own, which are not Istio's to remove.
            if (definition.FindString("spec", "group")?.EndsWith(".istio.io", StringComparison.Ordinal) is true)
                definitions.Add(definition);
        }

        var counts = await Task.WhenAll(definitions.Select(definition => CountAsync(client, definition, cancellationToken))).ConfigureAwait(false);
        var used = definitions.Zip(counts).Where(pair => pair.Second > 0).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Second} {pair.First.FindString("spec", "names", "kind")}")).ToArray();
        if (used.Length > 0 && !options.Force)
            throw new MeshException(ErrorCatalog.RevisionInUse, $"{cluster.Name}: {string.Join(", ", used)} would go with the definitions", cluster, "Remove them first, leave -Purge out, or uninstall with -Force.");
        if (used.Length > 0)
            log.Warning($"{cluster.Name}: {string.Join(", ", used)} go with the definitions.");
        remains.AddRange(definitions.Select(definition => new ManifestObject(definition, "definition of Istio")));
        foreach (var name in s_published)
        {
            await foreach (var map in client.ListAsync(ResourceTypes.ConfigMap, null, new ListOptions { FieldSelector = $"metadata.name={name}" }, cancellationToken).ConfigureAwait(false))
            {
                if (!string.Equals(map.Namespace, options.Namespace, StringComparison.Ordinal))
                    remains.Add(new ManifestObject(map, name is "istio-ca-crl" ? "published revocations" : "published roots"));
            }
        }

        remains.AddRange((await GatewayClassesAsync(cluster, cancellationToken).ConfigureAwait(false)).Select(obj => new ManifestObject(obj, "class of gateways that istiod made")));
        if (await client.FindAsync(ResourceTypes.Namespace, null, options.Namespace, cancellationToken).ConfigureAwait(false) is { DeletionTimestamp: null } ns)
            remains.Add(new ManifestObject(ns, "namespace of the control plane, with the keys and all else in it"));
        return remains;
    }

    // By their controllers: pilot/pkg/features/pilot.go, ManagedGatewayController; pkg/config/constants/constants.go.
    private static async Task<IEnumerable<KubernetesObject>> GatewayClassesAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        if ((await GatewayApiTypes.FindAsync(cluster, cancellationToken).ConfigureAwait(false))?.GatewayClass is not { } type)
            return [];
        var classes = await ListAsync(cluster.Connect(), type, new ListOptions(), cancellationToken).ConfigureAwait(false);
        return classes.Where(obj => obj.FindString("spec", "controllerName")?.StartsWith("istio.io/", StringComparison.Ordinal) is true);
    }

    private static async Task<long> CountAsync(KubernetesClient client, KubernetesObject definition, CancellationToken cancellationToken)
    {
        var version = (definition.Json.FindArray("spec", "versions") ?? []).FirstOrDefault(item => item.FindBoolean("served") is true).FindString("name");
        if (version is null || definition.DeletionTimestamp is not null)
            return 0;
        var type = new ResourceType(
            definition.FindString("spec", "group")!, version, definition.FindString("spec", "names", "kind")!, definition.FindString("spec", "names", "plural")!, definition.FindString("spec", "scope") is "Namespaced");
        long count = 0;
        await foreach (var _ in client.ListAsync(type, null, new ListOptions(), cancellationToken).ConfigureAwait(false))
            count++;
        return count;
    }

    private static IEnumerable<(ResourceType Type, string? Namespace, string Name)> Names(string revision, string ns)
    {
        var istiod = ControlPlaneRevision.Revisioned("istiod", revision);
        yield return (ResourceTypes.HorizontalPodAutoscaler, ns, istiod);
        yield return (ResourceTypes.PodDisruptionBudget, ns, istiod);
        yield return (ResourceTypes.Deployment, ns, istiod);
        yield return (ResourceTypes.Service, ns, istiod);
        // The last is what a managed control plane leaves.
        foreach (var map in new[] { "istio", "istio-sidecar-injector", "values", "env" })
            yield return (ResourceTypes.ConfigMap, ns, ControlPlaneRevision.Revisioned(map, revision));
        yield return (ResourceTypes.RoleBinding, ns, istiod);
        yield return (ResourceTypes.Role, ns, istiod);
        foreach (var role in new[] { "istio-reader-clusterrole", "istiod-clusterrole", "istiod-gateway-controller" })
        {
            var name = $"{ControlPlaneRevision.Revisioned(role, revision)}-{ns}";
            yield return (ResourceTypes.ClusterRoleBinding, null, name);
            yield return (ResourceTypes.ClusterRole, null, name);
        }

        yield return (ResourceTypes.ServiceAccount, ns, istiod);
    }
}
