using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Gives Services that came without one a cluster address: those that the cluster's own programs made, past the API.</summary>
internal sealed class ClusterAddressController(ObjectStore store) : IController
{
    private int last = 10;

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        if (change.Type is StoreEventType.Added && change.Object.Key is { Group: "", Plural: "services" } key &&
            change.Object.Json.Text("spec", "clusterIP") is null or "" &&
            change.Object.Json.Text("spec", "type") is not "ExternalName")
        {
            yield return key;
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        store.Mutate(
            key,
            json =>
            {
                var spec = json.Child("spec");
                if (spec.Text("clusterIP") is { Length: > 0 })
                {
                    return null;
                }

                var number = ++last;
                var address = string.Create(CultureInfo.InvariantCulture, $"10.96.{200 + ((number >> 8) % 50)}.{number & 255}");
                spec["clusterIP"] = address;
                spec["clusterIPs"] = new JsonArray(JsonValue.Create(address));
                return json;
            },
            FieldManagers.ControllerManager);
        return ValueTask.FromResult<TimeSpan?>(null);
    }
}
