using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Runs an istiod in every running istiod pod, whoever deployed it, hands each the remote secrets of its own namespace, and publishes the
/// root certificate to every namespace as istiod does (istio pilot/pkg/bootstrap). The replica that was started first leads.
/// </summary>
internal sealed class IstiodController(ObjectStore store, PodPrograms programs, TimeSpan retry) : IController, IPodStartup, IAsyncDisposable
{
    private const string RootConfigMap = "istio-ca-root-cert";
    private const string Manager = "pilot-discovery";
    private const string WebhookGroup = "admissionregistration.k8s.io";

    // A replica that has no pod has this in place of its UID.
    private const string Elsewhere = "managed/";

    // A kubelet starts replicas while Secrets come and go.
    private readonly object gate = new();
    private readonly ConcurrentDictionary<string, IstiodReplica> replicas = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Pod, IstiodLog Log)> logs = new(StringComparer.Ordinal);
    private int started;
    private volatile bool published;

    /// <summary>The running replicas, by the UID of their pod.</summary>
    public IReadOnlyDictionary<string, IstiodReplica> Replicas => replicas;

    /// <summary>The replicas in the order they were started in.</summary>
    public IReadOnlyList<IstiodReplica> ByAge => [.. replicas.Values.OrderBy(replica => replica.Number)];

    /// <summary>The logs of all replicas, also of those that cannot start, by name of the pod.</summary>
    public IReadOnlyList<(string Pod, IstiodLog Log)> Logs => [.. logs.Values.OrderBy(entry => entry.Pod, StringComparer.Ordinal)];

    /// <summary>True once the root was given to every namespace.</summary>
    public bool HasPublished => published;

    /// <summary>The root of the replica that leads; null while none runs.</summary>
    public string? RootPem => Leader?.Authority.Current.RootPem;

    /// <summary>The replica that a proxy of a revision is connected to: the oldest that has read what it must, or the oldest; null for none.</summary>
    public IstiodReplica? Of(string? revision)
    {
        var candidates = ByAge.Where(replica => string.Equals(replica.Settings.Revision, revision ?? "default", StringComparison.Ordinal)).ToList();
        return candidates.Find(replica => replica.Remotes.HaveSettled) ?? candidates.FirstOrDefault();
    }

    /// <summary>The istiod of a managed control plane, which runs elsewhere; null for none.</summary>
    public IstiodReplica? Managed(string? revision) => replicas.GetValueOrDefault(Elsewhere + revision);

    /// <summary>Runs an istiod outside of the cluster, unless it runs already.</summary>
    public void RunManaged(IstiodSettings settings, SigningAuthority authority)
    {
        lock (gate)
        {
            if (Managed(settings.Revision) is not null)
            {
                return;
            }

            var log = logs.GetOrAdd(Elsewhere + settings.Revision, _ => (settings.PodName, new IstiodLog(store.Clock))).Log;
            Run(Elsewhere + settings.Revision, settings with { RemoteRetry = retry }, IstiodAuthority.Outside(store, settings, log, authority), log);
        }

        PublishAll();
    }

    /// <summary>Ends an istiod that ran outside of the cluster.</summary>
    public async Task EndManagedAsync(string revision)
    {
        if (replicas.TryRemove(Elsewhere + revision, out var replica))
        {
            logs.TryRemove(Elsewhere + revision, out _);
            await replica.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>A ready replica among the pods of a Service; null for none.</summary>
    public IstiodReplica? Behind(string @namespace, string service)
    {
        if (store.Find(new ResourceKey("", "services", @namespace, service))?.Json.At("spec", "selector") is not JsonObject { Count: > 0 } selector)
        {
            return null;
        }

        return store.List("", "pods", @namespace).Items
            .Where(pod => PodTemplates.IsActive(pod) && PodTemplates.IsReady(pod) && Fields.MatchesAll(selector, pod.Json.At("metadata", "labels")))
            .Select(pod => replicas.GetValueOrDefault(pod.Uid))
            .OfType<IstiodReplica>()
            .MinBy(replica => replica.Number);
    }

    private IstiodReplica? Leader => replicas.Values.MinBy(replica => replica.Number);

    /// <inheritdoc/>
    public ContainerStage Start(StoredObject pod, string container)
    {
        if (container is not "discovery" || IstiodSettings.Of(pod) is not { } settings)
        {
            return ContainerStage.Ready;
        }

        lock (gate)
        {
            if (!replicas.TryGetValue(pod.Uid, out var replica))
            {
                replica = TryStart(pod.Uid, settings with { RemoteRetry = retry });
            }

            return replica is null ? ContainerStage.Crashed : replica.Remotes.HaveSettled ? ContainerStage.Ready : ContainerStage.Starting;
        }
    }

    /// <summary>Nothing: the replica ends when the pod does, deleted or not, which <see cref="ReconcileAsync"/> sees.</summary>
    public void Stop(string podUid)
    {
    }

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        var key = change.Object.Key;
        switch (key)
        {
            case { Group: "", Plural: "pods" } when IstiodSettings.Of(change.Object) is not null:
            case { Group: "", Plural: "secrets" } when RemoteClusters.IsRemoteSecret(change.Object) ||
                (change.Previous is { } previous && RemoteClusters.IsRemoteSecret(previous)) || key.Name is CaBundle.PluggedInSecret:
            case { Group: "", Plural: "namespaces" }:
                yield return key;
                break;
            case { Group: WebhookGroup } when change.Type is not StoreEventType.Deleted:
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
                Observe(key, store.Find(key));
                break;
            case "namespaces":
                Publish(key.Name);
                break;
            default:
                WriteBundle(key);
                break;
        }

        return null;
    }

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(replicas.Values.Select(replica => replica.DisposeAsync().AsTask())).ConfigureAwait(false);

    private async Task ReconcilePodsAsync(string @namespace)
    {
        // Whatever is started from here on belongs to a pod that is newer than this list.
        var running = replicas.Where(replica => !IsElsewhere(replica.Key)).ToArray();
        var pods = store.List("", "pods", @namespace).Items.Where(PodTemplates.IsActive).Select(pod => pod.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var (uid, replica) in running)
        {
            if (string.Equals(replica.Settings.Namespace, @namespace, StringComparison.Ordinal) && !pods.Contains(uid) && replicas.TryRemove(uid, out _))
            {
                logs.TryRemove(uid, out _);
                programs.Stop(uid);
                await replica.DisposeAsync().ConfigureAwait(false);
            }
        }

        foreach (var uid in logs.Keys.Where(uid => !replicas.ContainsKey(uid) && !pods.Contains(uid) && !IsElsewhere(uid)))
        {
            logs.TryRemove(uid, out _);
        }

        PublishAll();
    }

    private void Observe(ResourceKey key, StoredObject? secret)
    {
        var changed = false;
        lock (gate)
        {
            foreach (var replica in replicas.Values.Where(replica => string.Equals(replica.Settings.Namespace, key.Namespace, StringComparison.Ordinal)))
            {
                if (key.Name is CaBundle.PluggedInSecret)
                {
                    changed |= replica.Authority.Observe(secret);
                }

                replica.Remotes.Observe($"{key.Namespace}/{key.Name}", secret is not null && RemoteClusters.IsRemoteSecret(secret) ? secret : null);
            }
        }

        if (changed)
        {
            PublishAll();
        }
    }

    /// <summary>Starts istiod in a pod; null when it ends with an error, which its log then shows.</summary>
    private IstiodReplica? TryStart(string uid, IstiodSettings settings)
    {
        // The log of a container that is started again goes on in the eyes of who reads it.
        var log = logs.GetOrAdd(uid, _ => (settings.PodName, new IstiodLog(store.Clock))).Log;
        IstiodAuthority authority;
        try
        {
            authority = IstiodAuthority.Start(store, settings, log);
        }
        catch (CaBundleException exception)
        {
            log.Write("error", exception.Message, scope: null);
            programs.Start(uid, new PodProgram { Logs = container => container is "discovery" ? log.Lines : [] });
            return null;
        }

        var replica = Run(uid, settings, authority, log);
        programs.Start(uid, replica.Program());
        return replica;
    }

    private static bool IsElsewhere(string uid) => uid.StartsWith(Elsewhere, StringComparison.Ordinal);

    private IstiodReplica Run(string uid, IstiodSettings settings, IstiodAuthority authority, IstiodLog log)
    {
        var replica = new IstiodReplica(store, settings, authority, log, ++started);
        foreach (var secret in store.List("", "secrets", settings.Namespace).Items.Where(RemoteClusters.IsRemoteSecret))
        {
            replica.Remotes.Observe($"{secret.Key.Namespace}/{secret.Key.Name}", secret);
        }

        replicas[uid] = replica;
        return replica;
    }

    private void PublishAll()
    {
        if (replicas.IsEmpty)
        {
            return;
        }

        foreach (var target in store.List("", "namespaces").Items)
        {
            Publish(target.Key.Name);
        }

        foreach (var plural in (ReadOnlySpan<string>)["mutatingwebhookconfigurations", "validatingwebhookconfigurations"])
        {
            foreach (var configuration in store.List(WebhookGroup, plural).Items)
            {
                WriteBundle(configuration.Key);
            }
        }

        published = true;
    }

    /// <summary>The authority that API servers check istiod by, in the webhooks of its own revision (istio pkg/webhooks patchController).</summary>
    private void WriteBundle(ResourceKey key)
    {
        if (store.Find(key) is not { IsTerminating: false } configuration || configuration.Json.Label("istio.io/rev") is not { } revision ||
            ByAge.FirstOrDefault(replica => string.Equals(replica.Settings.Revision, revision, StringComparison.Ordinal)) is not { } owner)
        {
            return;
        }

        var bundle = Convert.ToBase64String(Encoding.UTF8.GetBytes(owner.Authority.Current.RootPem));
        store.Mutate(
            key,
            json =>
            {
                foreach (var webhook in json.Objects("webhooks").Where(webhook => webhook.Text("clientConfig", "url") is null))
                {
                    webhook.Child("clientConfig")["caBundle"] = bundle;
                }

                return json;
            },
            Manager);
    }

    /// <summary>The ConfigMap that sidecars read their root from; istiod's namespace controller keeps it right in every namespace.</summary>
    private void Publish(string @namespace)
    {
        // istiod leaves the namespaces of the cluster itself alone (istio pkg/util/sets, inject.IgnoredNamespaces).
        if (RootPem is not { } rootPem || @namespace is "kube-system" or "kube-public" or "kube-node-lease" || !Namespaces.IsActive(store, @namespace))
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
            Manager);
        store.Mutate(
            key,
            json =>
            {
                json.Child("data")["root-cert.pem"] = rootPem;
                return json;
            },
            Manager);
    }
}
