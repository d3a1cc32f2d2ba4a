using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// One remote cluster as one replica of istiod sees it: reads what istiod reads, then keeps a watch, and starts over after a pause when
/// anything fails, as informers do (istio pkg/kube/multicluster/cluster.go; client-go tools/cache/reflector.go).
/// </summary>
internal sealed class RemoteCluster : IAsyncDisposable
{
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    // Services come last: the watch goes on from their version.
    private static readonly string[] Paths =
    [
        "api/v1/namespaces", "api/v1/nodes", "api/v1/pods", "apis/discovery.k8s.io/v1/endpointslices", ServicesPath,
    ];

    private const string ServicesPath = "api/v1/services";

    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<string, JsonObject> services = new(StringComparer.Ordinal);
    private readonly RemoteConnection connection;
    private readonly IstiodSettings settings;
    private readonly TimeProvider clock;
    private readonly Action<string, string> log;
    private readonly TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task running = Task.CompletedTask;
    private volatile bool synced;
    private volatile bool timedOut;
    private volatile bool closed;

    public RemoteCluster(
        string id, string secret, byte[] kubeconfig, IstiodSettings settings, TimeProvider clock, Action<string, string> log)
    {
        Id = id;
        Secret = secret;
        Fingerprint = Convert.ToHexString(SHA256.HashData(kubeconfig));
        var parsed = RemoteKubeconfig.Parse(kubeconfig);
        Server = parsed.Server;
        connection = new RemoteConnection(parsed, settings.Version);
        this.settings = settings;
        this.clock = clock;
        this.log = log;
    }

    /// <summary>The cluster ID: the key in the Secret's data.</summary>
    public string Id { get; }

    /// <summary>The API server that is read.</summary>
    public Uri Server { get; }

    /// <summary>The Secret it comes from, as NAMESPACE/NAME.</summary>
    public string Secret { get; }

    /// <summary>SHA-256 of the kubeconfig: an equal one changes nothing.</summary>
    public string Fingerprint { get; }

    /// <summary>Completes when it is synced or has timed out: what a replacement waits for.</summary>
    public Task Settled => settled.Task;

    /// <summary>The remote Services, by NAMESPACE/NAME.</summary>
    public IReadOnlyCollection<JsonObject> Services => [.. services.Values];

    public SyncStatus Status => closed ? SyncStatus.Closed : synced ? SyncStatus.Synced : timedOut ? SyncStatus.Timeout : SyncStatus.Syncing;

    public void Start() => running = Task.Run(() => Task.WhenAll(RunAsync(), ExpireAsync()));

    public async ValueTask DisposeAsync()
    {
        closed = true;
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        connection.Dispose();
        stopping.Dispose();
    }

    private async Task ExpireAsync()
    {
        if (settings.RemoteTimeout <= TimeSpan.Zero)
        {
            return;
        }

        try
        {
            await Task.WhenAny(Task.Delay(settings.RemoteTimeout, clock, stopping.Token), Settled).ConfigureAwait(false);
        }
        finally
        {
            if (!synced && !stopping.IsCancellationRequested)
            {
                timedOut = true;
                log("error", $"remote cluster {Id} failed to sync after {settings.RemoteTimeout.TotalSeconds:0.###}s");
            }

            settled.TrySetResult();
        }
    }

    private async Task RunAsync()
    {
        var pause = settings.RemoteRetry;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var version = await ReadAsync().ConfigureAwait(false);
                pause = settings.RemoteRetry;
                await WatchAsync(version).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is RemoteRequestException or HttpRequestException or IOException or OperationCanceledException)
            {
                log("error", $"failed to list or watch cluster={Id}: {exception.Message}");
            }

            try
            {
                await Task.Delay(pause, clock, stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestRetry ? pause * 2 : LongestRetry;
        }
    }

    private async Task<string> ReadAsync()
    {
        var version = "0";
        foreach (var path in Paths)
        {
            var list = await connection.ListAsync(path, stopping.Token).ConfigureAwait(false);
            if (path is not ServicesPath)
            {
                continue;
            }

            version = list.Text("metadata", "resourceVersion") ?? version;
            services.Clear();
            foreach (var service in list.Objects("items"))
            {
                services[Key(service)] = service;
            }
        }

        if (!synced)
        {
            synced = true;
            log("info", $"finished callback for cluster={Id} and starting to sync");
        }

        settled.TrySetResult();
        return version;
    }

    private async Task WatchAsync(string version)
    {
        while (!stopping.IsCancellationRequested)
        {
            // A watch that ends in peace is taken up again where it ended.
            await connection.WatchAsync(
                ServicesPath,
                version,
                (type, item) =>
                {
                    version = item.Text("metadata", "resourceVersion") ?? version;
                    if (type is "DELETED")
                    {
                        services.TryRemove(Key(item), out _);
                    }
                    else if (type is not "BOOKMARK")
                    {
                        services[Key(item)] = item;
                    }
                },
                stopping.Token).ConfigureAwait(false);
        }
    }

    private static string Key(JsonObject item) => $"{item.Text("metadata", "namespace")}/{item.Text("metadata", "name")}";
}
