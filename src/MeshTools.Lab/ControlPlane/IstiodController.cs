using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Runs an istiod in every running istiod pod, whoever deployed it, hands each the remote secrets of its own namespace, and publishes the
/// root certificate to every namespace as istiod does (istio pilot/pkg/bootstrap).
/// </summary>
internal sealed class IstiodController(ObjectStore store, PodPrograms programs, string rootPem, TimeSpan retry) : IController, IAsyncDisposable
{
    private const string RootConfigMap = "istio-ca-root-cert";

    private readonly ConcurrentDictionary<string, IstiodReplica> replicas = new(StringComparer.Ordinal);

    /// <summary>The running replicas, by the UID of their pod.</summary>
    public IReadOnlyDictionary<string, IstiodReplica> Replicas => replicas;

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        var key = change.Object.Key;
        switch (key)
        {
            case { Group: "", Plural: "pods" } when IstiodSettings.Of(change.Object) is not null:
            case { Group: "", Plural: "secrets" } when RemoteClusters.IsRemoteSecret(change.Object) ||
                (change.Previous is { } previous && RemoteClusters.IsRemoteSecret(previous)):
            case { Group: "", Plural: "namespaces" }:
                yield return key;
                break;
            case { Group: "", Plural: "configmaps", Name: RootConfigMap }:
                yield return Namespaces.Key(key.Namespace!);
                break;
        }
    }

    public async ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        switch (key.Plural)
        {
            case "pods":
                await ReconcilePodsAsync(key.Namespace!).ConfigureAwait(false);
                break;
            case "secrets":
                var secret = store.Find(key);
                foreach (var replica in replicas.Values.Where(replica => string.Equals(replica.Settings.Namespace, key.Namespace, StringComparison.Ordinal)))
                {
                    replica.Remotes.Observe($"{key.Namespace}/{key.Name}", secret is not null && RemoteClusters.IsRemoteSecret(secret) ? secret : null);
                }

                break;
            default:
                Publish(key.Name);
                break;
        }

        return null;
    }

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(replicas.Values.Select(replica => replica.DisposeAsync().AsTask())).ConfigureAwait(false);

    private async Task ReconcilePodsAsync(string @namespace)
    {
        var pods = store.List("", "pods", @namespace).Items
            .Where(pod => PodTemplates.IsActive(pod) && PodTemplates.IsReady(pod))
            .ToDictionary(pod => pod.Uid, StringComparer.Ordinal);
        foreach (var (uid, replica) in replicas)
        {
            if (string.Equals(replica.Settings.Namespace, @namespace, StringComparison.Ordinal) && !pods.ContainsKey(uid) && replicas.TryRemove(uid, out _))
            {
                programs.Stop(uid);
                await replica.DisposeAsync().ConfigureAwait(false);
            }
        }

        foreach (var (uid, pod) in pods)
        {
            if (!replicas.ContainsKey(uid) && IstiodSettings.Of(pod) is { } settings)
            {
                Start(uid, settings with { RemoteRetry = retry });
            }
        }

        if (!replicas.IsEmpty)
        {
            foreach (var target in store.List("", "namespaces").Items)
            {
                Publish(target.Key.Name);
            }
        }
    }

    private void Start(string uid, IstiodSettings settings)
    {
        var replica = new IstiodReplica(store, settings);
        foreach (var secret in store.List("", "secrets", settings.Namespace).Items.Where(RemoteClusters.IsRemoteSecret))
        {
            replica.Remotes.Observe($"{secret.Key.Namespace}/{secret.Key.Name}", secret);
        }

        replicas[uid] = replica;
        programs.Start(uid, replica.Program());
    }

    /// <summary>The ConfigMap that sidecars read their root from; istiod's namespace controller keeps it right in every namespace.</summary>
    private void Publish(string @namespace)
    {
        // istiod leaves the namespaces of the cluster itself alone (istio pkg/util/sets, inject.IgnoredNamespaces).
        if (replicas.IsEmpty || @namespace is "kube-system" or "kube-public" or "kube-node-lease" || !Namespaces.IsActive(store, @namespace))
        {
            return;
        }

        var key = new ResourceKey("", "configmaps", @namespace, RootConfigMap);
        Namespaces.CreateIfAbsent(
            store,
            key,
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["istio.io/config"] = "true" } },
                ["data"] = new JsonObject { ["root-cert.pem"] = rootPem },
            },
            "pilot-discovery");
        store.Mutate(
            key,
            json =>
            {
                json.Child("data")["root-cert.pem"] = rootPem;
                return json;
            },
            "pilot-discovery");
    }
}
