using MeshTools.Clusters;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>
/// What a cluster outside GKE says itself of its membership: the object <c>memberships.hub.gke.io/membership</c> and its definition. It keeps other fleets from taking the cluster, and
/// asmcli and istiod's installation read the identity provider from it. Google says what it has to be; it is applied here.
/// </summary>
internal sealed class MembershipMarker
{
    internal const string DefinitionName = "memberships.hub.gke.io";
    internal const string Name = "membership";
    private const string Group = "hub.gke.io";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    private static readonly TimeSpan s_establishing = TimeSpan.FromSeconds(60);

    private readonly MeshCluster _cluster;

    private MembershipMarker(MeshCluster cluster, KubernetesObject? definition, KubernetesObject? marker)
    {
        _cluster = cluster;
        Definition = definition;
        Object = marker;
    }

    /// <summary>The definition; null when there is none.</summary>
    internal KubernetesObject? Definition { get; }

    /// <summary>The object; null when there is none.</summary>
    internal KubernetesObject? Object { get; }

    /// <summary>The object as Google is asked about it: YAML, or empty.</summary>
    internal string ObjectText => Text(Object);

    /// <summary>Reads what is in the cluster.</summary>
    /// <exception cref="KubernetesException">It cannot be read.</exception>
    internal static async Task<MembershipMarker> ReadAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var definition = await client.FindAsync(ResourceTypes.CustomResourceDefinition, null, DefinitionName, cancellationToken).ConfigureAwait(false);
        if (definition is null)
            return new MembershipMarker(cluster, null, null);
        var versions = (definition.Json.FindArray("spec", "versions") ?? []).Where(version => version.FindBoolean("served") is true).Select(version => version.FindString("name")).OfType<string>().ToList();
        var marker = versions.Count == 0 ? null : await client.FindAsync(TypeOf(versions.Contains("v1") ? "v1" : versions[0]), null, Name, cancellationToken).ConfigureAwait(false);
        return new MembershipMarker(cluster, definition, marker);
    }

    internal static ResourceType TypeOf(string version) => new(Group, version, "Membership", "memberships", Namespaced: false);

    /// <summary>Compares what is there with what Google wants for a membership that exists. Nothing is written.</summary>
    /// <exception cref="GoogleApiException">Google does not tell.</exception>
    /// <exception cref="KubernetesException">The cluster refuses.</exception>
    internal async Task<ChangeKind> CompareAsync(GoogleCloudClient client, string resourceName, bool forceConflicts, CancellationToken cancellationToken)
    {
        var (definition, marker) = await WantedAsync(client, resourceName, cancellationToken).ConfigureAwait(false);
        if (definition.Count == 0 && marker.Count == 0)
            return ChangeKind.Unchanged;
        if (Object is null)
            return ChangeKind.Create;
        var plan = await ManifestPlan.CreateAsync(_cluster, [.. definition, .. marker], forceConflicts, cancellationToken).ConfigureAwait(false);
        return plan.Changes.Any(change => change.Writes) ? ChangeKind.Update : ChangeKind.Unchanged;
    }

    /// <summary>Applies what Google wants; the definition first, and what it defines when the server knows it.</summary>
    /// <exception cref="GoogleApiException">Google does not tell.</exception>
    /// <exception cref="KubernetesException">The cluster refuses; a rerun goes on from there.</exception>
    internal async Task ApplyAsync(GoogleCloudClient client, string resourceName, bool forceConflicts, IOperationLog log, CancellationToken cancellationToken)
    {
        var (definition, marker) = await WantedAsync(client, resourceName, cancellationToken).ConfigureAwait(false);
        await ApplyAsync(definition, forceConflicts, log, cancellationToken).ConfigureAwait(false);
        if (definition.Count > 0)
            await _cluster.Connect().Discovery.WaitForDefinitionAsync(DefinitionName, s_establishing, cancellationToken).ConfigureAwait(false);
        await ApplyAsync(marker, forceConflicts, log, cancellationToken).ConfigureAwait(false);
    }

    private async Task ApplyAsync(IReadOnlyList<ManifestObject> objects, bool forceConflicts, IOperationLog log, CancellationToken cancellationToken)
    {
        var plan = await ManifestPlan.CreateAsync(_cluster, objects, forceConflicts, cancellationToken).ConfigureAwait(false);
        await plan.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(IReadOnlyList<ManifestObject> Definition, IReadOnlyList<ManifestObject> Marker)> WantedAsync(GoogleCloudClient client, string resourceName, CancellationToken cancellationToken)
    {
        var (definition, marker) = await client.Fleet.GetExclusivityManifestsAsync(resourceName, Text(Definition), ObjectText, cancellationToken).ConfigureAwait(false);
        return (Read(definition, resourceName), Read(marker, resourceName));
    }

    private static IReadOnlyList<ManifestObject> Read(string text, string resourceName) =>
        [.. KubernetesYaml.ReadObjects(text, resourceName).Select(obj => new ManifestObject(obj, "marks the cluster as a member of its fleet"))];

    // Both travel in the query of a URL, and a definition's bookkeeping is longer than the definition.
    private static string Text(KubernetesObject? obj)
    {
        if (obj is null)
            return "";
        var plain = obj.WithoutServerFields();
        plain.Json.Remove("status");
        (plain.Json.Find("metadata", "annotations") as System.Text.Json.Nodes.JsonObject)?.Remove(LastApplied);
        return KubernetesYaml.Write(plain.Json);
    }
}
