using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Provides what a ControlPlaneRevision asks for, as Google does from outside: conditions, the mesh configuration, the injector by URL, and an istiod of which nothing is in the cluster.
/// What it has made stays when the ControlPlaneRevision is deleted, but for the istiod; while that is there, it is made anew.
/// </summary>
internal sealed class ManagedControlPlaneController(ObjectStore store, ManagedControlPlanes planes, IstiodController istiod, string clusterName, string clusterId) : IController
{
    private const string WebhookGroup = "admissionregistration.k8s.io";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentDictionary<string, DateTimeOffset> begun = new(StringComparer.Ordinal);

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        var key = change.Object.Key;
        if (key is { Group: ManagedControlPlanes.Group, Plural: ManagedControlPlanes.Plural, Namespace: ControlPlaneObjects.Namespace })
        {
            yield return key;
        }
        else if (key is { Group: WebhookGroup } && change.Type is StoreEventType.Deleted && key.Name.StartsWith("istiod-asm-managed", StringComparison.Ordinal))
        {
            yield return ManagedControlPlanes.Key(key.Name["istiod-".Length..]);
        }
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (store.Find(key) is not { IsTerminating: false } found)
        {
            await istiod.EndManagedAsync(key.Name).ConfigureAwait(false);
            return null;
        }

        if (planes.Fleet is not { } fleet)
        {
            return Look;
        }

        var trouble = planes.Trouble;
        if (IsFinished(found))
        {
            Provide(found, fleet);
            return null;
        }

        if (trouble.State is not null)
        {
            Say(key, finished: false, stalled: true, trouble.Code ?? trouble.State, trouble.Details ?? "Provisioning cannot go on.");
            return Look;
        }

        if (store.Clock.GetUtcNow() < begun.GetOrAdd(found.Uid, _ => store.Clock.GetUtcNow()) + trouble.Delay)
        {
            Say(key, finished: false, stalled: false, "Provisioning", "The provisioning process is under way");
            return Look;
        }

        Provide(found, fleet);
        Say(key, finished: true, stalled: false, "Provisioned", "The provisioning process has completed successfully");
        return null;
    }

    private static bool IsFinished(StoredObject revision) => revision.Json.Objects("status", "conditions").Any(condition => condition.Text("type") is "ProvisioningFinished" && condition.Text("status") is "True");

    private void Say(ResourceKey key, bool finished, bool stalled, string reason, string message) => store.Mutate(
        key,
        json =>
        {
            var now = Metadata.Timestamp(store.Clock);
            var status = json.Child("status");
            Fields.SetCondition(status, now, "Reconciled", finished ? "True" : "False", reason, message);
            Fields.SetCondition(status, now, "ProvisioningFinished", finished ? "True" : "False", finished ? "ProvisioningFinished" : "ProvisioningPending", finished ? "Provisioning has finished" : "Provisioning has not finished");
            Fields.SetCondition(status, now, "Stalled", stalled ? "True" : "False", stalled ? reason : "NotStalled", stalled ? message : "Provisioning has not stalled");
            return json;
        },
        "mdp-controller",
        "status");

    private void Provide(StoredObject revision, ManagedFleet fleet)
    {
        var options = ManagedObjects.Options(revision.Key.Name, clusterName, clusterId, fleet, Network(fleet));
        foreach (var (key, json) in ManagedObjects.All(options, revision, fleet, HasDefaultTag(revision.Key.Name), store.Clock))
        {
            Namespaces.CreateIfAbsent(store, key, json, ManagedControlPlanes.Manager);
        }

        istiod.RunManaged(
            new IstiodSettings(options.EffectiveClusterId, revision.Key.Name, ControlPlaneObjects.Namespace, revision.Key.Name, options.IstioVersion, options.RemoteTimeout)
            {
                ManagedValues = ManagedObjects.Values(options),
            },
            fleet.Authority);
    }

    private string Network(ManagedFleet fleet) =>
        store.Find(Namespaces.Key(ControlPlaneObjects.Namespace))?.Json.Label("topology.istio.io/network") is { Length: > 0 } network ? network : fleet.ClusterProject + "-default";

    private bool HasDefaultTag(string revision) => store.List(WebhookGroup, "mutatingwebhookconfigurations").Items
        .Any(webhook => webhook.Json.Label("istio.io/tag") is "default" && !string.Equals(webhook.Json.Label("istio.io/rev"), revision, StringComparison.Ordinal));
}
