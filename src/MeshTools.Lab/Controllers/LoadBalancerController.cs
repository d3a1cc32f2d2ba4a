using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Gives Services of type LoadBalancer an address, and takes it away when the type changes (k8s cloud-provider service controller).</summary>
internal sealed class LoadBalancerController(ObjectStore store, LoadBalancing balancing, string addressPrefix, string clusterName) : IController
{
    private int lastAddress;

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        if (change.Type is not StoreEventType.Deleted && change.Object.Key is { Group: "", Plural: "services" } key)
        {
            yield return key;
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken) => ValueTask.FromResult(Reconcile(key));

    private TimeSpan? Reconcile(ResourceKey key)
    {
        if (store.Find(key) is not { IsTerminating: false } service)
        {
            return null;
        }

        var has = service.Json.At("status", "loadBalancer", "ingress") is not null;
        if (service.Json.Text("spec", "type") is not "LoadBalancer")
        {
            if (has)
            {
                Report(key, []);
            }

            return null;
        }

        if (has || balancing.Delay is not { } delay)
        {
            return null;
        }

        if (delay > TimeSpan.Zero)
        {
            var created = DateTimeOffset.Parse(service.Json.Text("metadata", "creationTimestamp")!, CultureInfo.InvariantCulture);
            var wait = created + delay - store.Clock.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                return wait;
            }
        }

        Report(key, new JsonObject { ["ingress"] = new JsonArray(Ingress(service)) });
        return null;
    }

    private JsonObject Ingress(StoredObject service)
    {
        if (balancing.Hostname)
        {
            return new JsonObject { ["hostname"] = $"{service.Key.Name}-{service.Uid[..8]}.{clusterName}.elb.example" };
        }

        var number = ++lastAddress;
        var address = service.Json.Text("spec", "loadBalancerIP") ??
            string.Create(CultureInfo.InvariantCulture, $"{addressPrefix}.{1 + (number % 254)}");
        return new JsonObject { ["ip"] = address, ["ipMode"] = "VIP" };
    }

    private void Report(ResourceKey key, JsonObject loadBalancer) => store.Mutate(
        key,
        json =>
        {
            json.Child("status")["loadBalancer"] = loadBalancer.DeepClone();
            return json;
        },
        FieldManagers.CloudControllerManager,
        "status");
}
