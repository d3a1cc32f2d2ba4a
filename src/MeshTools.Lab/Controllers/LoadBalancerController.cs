using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Gives Services of type LoadBalancer an address, and takes it away when the type changes (k8s cloud-provider service controller).</summary>
internal sealed class LoadBalancerController(ObjectStore store, Func<LoadBalancing> way, string addressPrefix, string clusterName) : IController
{
    /// <summary>Where the names of load balancers end.</summary>
    public const string Domain = ".elb.example";

    private const string Component = "service-controller";

    // How often one that waits looks whether the way has changed.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly HashSet<(string Uid, string Failure)> complained = [];
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

        if (has)
        {
            return null;
        }

        var balancing = way();
        if (balancing.Delay is not { } delay)
        {
            Complain(service, balancing);
            return Patience;
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

        Events.Record(store, service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer", Component);
        Report(key, new JsonObject { ["ingress"] = new JsonArray(Ingress(service, balancing)) });
        Events.Record(store, service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer", Component);
        return null;
    }

    /// <summary>Once for a reason: a provider tries again and again, and its events count, which nobody needs to see.</summary>
    private void Complain(StoredObject service, LoadBalancing balancing)
    {
        if (balancing.Failure is { } failure && complained.Add((service.Uid, failure)))
        {
            Events.Record(store, service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer", Component);
            Events.Record(
                store, service, "Warning", "SyncLoadBalancerFailed", $"Error syncing load balancer: failed to ensure load balancer: {failure}", Component);
        }
    }

    private JsonObject Ingress(StoredObject service, LoadBalancing balancing)
    {
        if (balancing.Hostname)
        {
            return new JsonObject { ["hostname"] = $"{service.Key.Name}-{service.Uid[..8]}.{clusterName}{Domain}" };
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
