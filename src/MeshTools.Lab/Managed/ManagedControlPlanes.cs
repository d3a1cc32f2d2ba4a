using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// What Google does in a member of a fleet for managed control planes: it installs the definition of ControlPlaneRevisions, and asks for one where the fleet manages the mesh. Without a
/// fleet nothing of it is there.
/// </summary>
internal sealed class ManagedControlPlanes(ObjectStore store)
{
    public const string Group = "mesh.cloud.google.com";
    public const string Plural = "controlplanerevisions";
    public const string Manager = "mesh.googleapis.com";
    public const string OwnerLabel = "istio.io/owned-by";

    private volatile ManagedFleet? fleet;

    /// <summary>The fleet; null while the cluster is in none with the feature.</summary>
    public ManagedFleet? Fleet => fleet;

    /// <summary>The key of a ControlPlaneRevision.</summary>
    public static ResourceKey Key(string name) => new(Group, Plural, ControlPlaneObjects.Namespace, name);

    /// <summary>The revision of a channel.</summary>
    public static string RevisionOf(string? releaseChannel) => releaseChannel switch { "RAPID" => "asm-managed-rapid", "STABLE" => "asm-managed-stable", _ => "asm-managed" };

    /// <summary>The cluster is a member of a fleet with the service mesh feature.</summary>
    public void Join(ManagedFleet joined)
    {
        fleet = joined;
        Namespaces.CreateIfAbsent(store, new ResourceKey("apiextensions.k8s.io", "customresourcedefinitions", null, $"{Plural}.{Group}"), Definition(), Manager);
    }

    /// <summary>The fleet is to manage the mesh: a ControlPlaneRevision that Google makes itself.</summary>
    public void Manage(string? releaseChannel)
    {
        if (store.Find(Namespaces.Key(ControlPlaneObjects.Namespace)) is null)
        {
            ClusterBootstrap.CreateNamespace(store, ControlPlaneObjects.Namespace, []);
        }

        var name = RevisionOf(releaseChannel);
        Namespaces.CreateIfAbsent(
            store,
            Key(name),
            new JsonObject
            {
                ["apiVersion"] = Group + "/v1beta1",
                ["kind"] = "ControlPlaneRevision",
                ["metadata"] = new JsonObject
                {
                    ["generation"] = 1,
                    ["labels"] = new JsonObject { ["app.kubernetes.io/created-by"] = Manager, [OwnerLabel] = Manager, ["mesh.cloud.google.com/managed-cni-enabled"] = "true" },
                },
                ["spec"] = new JsonObject { ["type"] = "managed_service", ["channel"] = (releaseChannel ?? "REGULAR").ToLowerInvariant() },
            },
            Manager);
    }

    /// <summary>What the fleet reports of the control plane: its state, codes with texts, and since when.</summary>
    public (string State, IReadOnlyList<(string Code, string Text)> Details, string? Since) Report()
    {
        var revisions = store.List(Group, Plural, ControlPlaneObjects.Namespace).Items;
        if (revisions.Count == 0)
        {
            return ("DISABLED", [], null);
        }

        var since = revisions.SelectMany(item => item.Json.Objects("status", "conditions")).Select(condition => condition.Text("lastTransitionTime")).Max(StringComparer.Ordinal);
        var details = revisions.Select(item => Is(item, "ProvisioningFinished")
            ? ("REVISION_READY", $"Ready: {item.Key.Name}")
            : Is(item, "Stalled") ? ("REVISION_" + Trouble.State, $"{item.Key.Name}: {Trouble.Details}") : ("REVISION_PROVISIONING", $"Provisioning: {item.Key.Name}")).ToList();
        var state = details.Exists(detail => detail.Item1 is "REVISION_READY") ? "ACTIVE" : revisions.Any(item => Is(item, "Stalled")) ? Trouble.State ?? "STALLED" : "PROVISIONING";
        return (state, details, since);
    }

    /// <summary>How Google gets on.</summary>
    public ManagedTrouble Trouble => fleet?.Trouble() ?? new ManagedTrouble(TimeSpan.Zero);

    private static bool Is(StoredObject item, string condition) => item.Json.Objects("status", "conditions").Any(found => string.Equals(found.Text("type"), condition, StringComparison.Ordinal) && found.Text("status") is "True");

    private JsonObject Definition() => DefinitionObject.Build(
        new DefinitionObject.Names(Group, Plural, "ControlPlaneRevision", "istio-io", "cpr"), "Namespaced", ["v1beta1", "v1alpha1"], Schema, [(OwnerLabel, Manager)], Metadata.Timestamp(store.Clock));

    private static JsonObject Schema() => (JsonObject)JsonNode.Parse(
        """
        {"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"type":{"type":"string"},"channel":{"type":"string"}}},
         "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}
        """)!;
}
