using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// What istiod does with the Gateways of the Kubernetes Gateway API, as far as a client of the API sees it: its classes, a Deployment and a Service for each Gateway of a class that
/// it manages, addresses and conditions (istio pilot/pkg/config/kube/gateway). Does nothing while no istiod runs.
/// </summary>
internal sealed class GatewayApiController(ObjectStore store, IstiodController istiod) : IController
{
    private const string Manager = "istio.io/gateway-controller";

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        var key = change.Object.Key;
        switch (key)
        {
            case { Group: GatewayApiDefinitions.Group, Plural: "gateways" } when change.Type is not StoreEventType.Deleted:
                yield return key;
                break;
            case { Group: "apiextensions.k8s.io", Name: "gatewayclasses." + GatewayApiDefinitions.Group } when change.Type is not StoreEventType.Deleted:
                yield return key;
                break;
            case { Group: "" or "apps", Plural: "services" or "deployments" or "serviceaccounts" }:
                if ((change.Object.Json.Label(GatewayApiObjects.NameLabel) ?? Named(key)) is { } gateway)
                {
                    yield return Gateway(key.Namespace!, gateway);
                }

                break;
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (store.Find(key) is not { } found)
        {
            return ValueTask.FromResult<TimeSpan?>(null);
        }

        if (Responsible(found) is not { } replica)
        {
            return ValueTask.FromResult<TimeSpan?>(Patience);
        }

        if (key.Plural is "customresourcedefinitions")
        {
            MakeClasses();
        }
        else if (found is { IsTerminating: false } gateway && GatewayApiClass.All.FirstOrDefault(kind => string.Equals(kind.Name, gateway.Json.Text("spec", "gatewayClassName"), StringComparison.Ordinal)) is { } kind)
        {
            Reconcile(gateway, kind, replica.Settings);
        }

        return ValueTask.FromResult<TimeSpan?>(null);
    }

    /// <summary>
    /// The istiod of the revision, or of the tag, that the Gateway or its namespace names; without a name, of the default (istio pkg/revisions, TagWatcher.IsMine).
    /// </summary>
    private IstiodReplica? Responsible(StoredObject found)
    {
        if (found.Key.Namespace is null)
        {
            return istiod.ByAge.FirstOrDefault();
        }

        var wish = found.Json.Label("istio.io/rev") ?? store.Find(Namespaces.Key(found.Key.Namespace))?.Json.Label("istio.io/rev") ?? "default";
        return istiod.Of(wish) ?? store.List("admissionregistration.k8s.io", "mutatingwebhookconfigurations").Items
            .Where(webhook => string.Equals(webhook.Json.Label("istio.io/tag"), wish, StringComparison.Ordinal))
            .Select(webhook => istiod.Of(webhook.Json.Label("istio.io/rev")))
            .FirstOrDefault(replica => replica is not null);
    }

    private static ResourceKey Gateway(string @namespace, string name) => new(GatewayApiDefinitions.Group, "gateways", @namespace, name);

    /// <summary>A Gateway that takes an existing Service of this name for its own by <c>spec.addresses</c>.</summary>
    private string? Named(ResourceKey key) => key.Plural is not "services" ? null : store.List(GatewayApiDefinitions.Group, "gateways", key.Namespace).Items
        .FirstOrDefault(gateway => string.Equals(OwnService(gateway), key.Name, StringComparison.Ordinal))?.Key.Name;

    private static string? OwnService(StoredObject gateway) =>
        gateway.Json.Objects("spec", "addresses").FirstOrDefault(address => address.Text("type") is "Hostname").Text("value")?.Split('.')[0];

    private void MakeClasses()
    {
        foreach (var kind in GatewayApiClass.All)
        {
            var status = new JsonObject();
            Fields.SetCondition(status, Metadata.Timestamp(store.Clock), "Accepted", "True", "Accepted", "Handled by Istio controller");
            Namespaces.CreateIfAbsent(
                store,
                new ResourceKey(GatewayApiDefinitions.Group, "gatewayclasses", null, kind.Name),
                new JsonObject
                {
                    ["apiVersion"] = GatewayApiDefinitions.Group + "/v1",
                    ["kind"] = "GatewayClass",
                    ["spec"] = new JsonObject { ["controllerName"] = kind.Controller, ["description"] = kind.Description },
                    ["status"] = status,
                },
                Manager);
        }
    }

    private void Reconcile(StoredObject gateway, GatewayApiClass kind, IstiodSettings settings)
    {
        var service = OwnService(gateway);
        if (kind.Managed is not null && service is null)
        {
            service = kind.NameOf(gateway.Key.Name);
            foreach (var (key, json) in GatewayApiObjects.For(gateway, kind, settings, SidecarInjector.Image(store, settings)))
            {
                Namespaces.CreateIfAbsent(store, key, json, Manager);
                store.Mutate(key, live => Overlay(live, json), Manager);
            }
        }

        store.Mutate(gateway.Key, json => GatewayApiStatus.Write(store, json, kind, service), Manager, "status");
    }

    /// <summary>Labels and specification as they should be; what the server and others have set besides stays.</summary>
    private static JsonObject Overlay(JsonObject live, JsonObject wanted)
    {
        foreach (var (name, value) in wanted.At("metadata", "labels") as JsonObject ?? [])
        {
            live.Child("metadata").Child("labels")[name] = value?.DeepClone();
        }

        if (wanted["spec"] is JsonObject spec && wanted.Text("kind") is "Service")
        {
            var ports = live.Objects("spec", "ports").ToDictionary(port => port.Number(0, "port").ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal);
            var missing = spec.Objects("ports").Any(port => !ports.ContainsKey(port.Number(0, "port").ToString(CultureInfo.InvariantCulture)));
            if (missing || ports.Count != spec.Objects("ports").Count())
            {
                live.Child("spec")["ports"] = new JsonArray([.. spec.Objects("ports").Select(port =>
                    (ports.GetValueOrDefault(port.Number(0, "port").ToString(CultureInfo.InvariantCulture)) ?? port).DeepClone())]);
            }
        }

        return live;
    }
}
