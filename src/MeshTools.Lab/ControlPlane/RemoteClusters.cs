using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// The remote secrets of one replica of istiod and the clusters behind them (istio pkg/kube/multicluster/secretcontroller.go). A changed
/// kubeconfig is connected first and takes the old one's place when it is synced or has timed out, as Istio 1.30 does.
/// </summary>
internal sealed class RemoteClusters(IstiodSettings settings, TimeProvider clock, IstiodLog log) : IAsyncDisposable
{
    public const string Label = "istio/multiCluster";

    private readonly object gate = new();
    private readonly SortedDictionary<string, Dictionary<string, RemoteCluster>> bySecret = new(StringComparer.Ordinal);
    private readonly List<Task> closing = [];

    /// <summary>All clusters, by secret and then by ID.</summary>
    public IReadOnlyList<RemoteCluster> All
    {
        get
        {
            lock (gate)
            {
                return [.. bySecret.Values.SelectMany(clusters => clusters.Values).OrderBy(cluster => cluster.Id, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>True when every cluster was read once or was waited for long enough: what istiod's own readiness waits for.</summary>
    public bool HaveSettled => All.All(cluster => cluster.Status is not SyncStatus.Syncing);

    public static bool IsRemoteSecret(StoredObject secret) => secret.Json.Label(Label) is "true";

    /// <summary>Takes note of a Secret as it is now; null for one that is gone or has lost its label.</summary>
    public void Observe(string secretKey, StoredObject? secret)
    {
        var data = secret is null ? null : secret.Json.At("data") as JsonObject;
        lock (gate)
        {
            var known = bySecret.GetValueOrDefault(secretKey);
            foreach (var id in known?.Keys.ToList() ?? [])
            {
                if (data?.ContainsKey(id) != true)
                {
                    Delete(secretKey, id);
                }
            }

            foreach (var (id, value) in data ?? [])
            {
                AddOrUpdate(secretKey, id, Decode(value));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<Task> all;
        lock (gate)
        {
            closing.AddRange(bySecret.Values.SelectMany(clusters => clusters.Values).Select(cluster => cluster.DisposeAsync().AsTask()));
            bySecret.Clear();
            all = [.. closing];
        }

        await Task.WhenAll(all).ConfigureAwait(false);
    }

    private static byte[] Decode(JsonNode? value) =>
        value is JsonValue text && text.TryGetValue(out string? encoded) ? Convert.FromBase64String(encoded) : [];

    private void AddOrUpdate(string secretKey, string id, byte[] kubeconfig)
    {
        var labels = $"cluster={id} secret={secretKey}";
        if (string.Equals(id, settings.ClusterId, StringComparison.Ordinal))
        {
            log.Write("info", $"ignoring cluster as it would overwrite the config cluster {labels}");
            return;
        }

        var current = bySecret.GetValueOrDefault(secretKey)?.GetValueOrDefault(id);
        var action = current is null ? "Add" : "Update";
        if (current is not null)
        {
            if (string.Equals(current.Fingerprint, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(kubeconfig)), StringComparison.Ordinal))
            {
                log.Write("info", $"skipping update (kubeconfig are identical) {labels}");
                return;
            }
        }
        else if (bySecret.Any(pair => !string.Equals(pair.Key, secretKey, StringComparison.Ordinal) && pair.Value.ContainsKey(id)))
        {
            log.Write("warn", $"cluster has already been registered {labels}");
            return;
        }

        log.Write("info", $"{action} cluster {labels}");
        RemoteCluster next;
        try
        {
            next = new RemoteCluster(id, secretKey, kubeconfig, settings, clock, (level, text) => log.Write(level, text));
        }
        catch (RemoteKubeconfigException exception)
        {
            // Not tried again: only another version of the Secret could help.
            log.Write("error", $"{action} cluster: create remote cluster failed: {exception.Message} {labels}");
            return;
        }

        next.Start();
        if (current is null)
        {
            Register(secretKey, next);
        }
        else
        {
            closing.Add(SwapAsync(current, next));
        }
    }

    private void Register(string secretKey, RemoteCluster cluster)
    {
        if (!bySecret.TryGetValue(secretKey, out var clusters))
        {
            clusters = new Dictionary<string, RemoteCluster>(StringComparer.Ordinal);
            bySecret.Add(secretKey, clusters);
        }

        clusters[cluster.Id] = cluster;
    }

    private async Task SwapAsync(RemoteCluster current, RemoteCluster next)
    {
        await next.Settled.ConfigureAwait(false);
        RemoteCluster unused;
        lock (gate)
        {
            // Deleted or changed once more in the meantime: then the newcomer has nobody's place to take.
            var stillThere = bySecret.TryGetValue(current.Secret, out var clusters) && clusters.TryGetValue(current.Id, out var present) &&
                ReferenceEquals(present, current);
            if (stillThere)
            {
                clusters![current.Id] = next;
            }

            unused = stillThere ? current : next;
        }

        await unused.DisposeAsync().ConfigureAwait(false);
    }

    private void Delete(string secretKey, string id)
    {
        var clusters = bySecret[secretKey];
        log.Write("info", $"Deleting cluster_id={id} configured by secret={secretKey}");
        closing.Add(clusters[id].DisposeAsync().AsTask());
        clusters.Remove(id);
        if (clusters.Count == 0)
        {
            bySecret.Remove(secretKey);
        }
    }
}
