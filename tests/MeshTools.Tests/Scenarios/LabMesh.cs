using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>A lab and its kubeconfig file, as a user has them.</summary>
internal sealed class LabMesh : IAsyncDisposable
{
    public const string Namespace = "istio-system";

    public const string Account = "istio-reader-service-account";

    public const string TokenSecret = Account + "-istio-remote-secret-token";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshtools-scenario-");

    private LabMesh(LabHost host)
    {
        Host = host;
        KubeconfigPath = Path.Combine(_folder.FullName, "lab.yaml");
        host.WriteKubeconfig(KubeconfigPath);
    }

    public LabHost Host { get; }

    public string KubeconfigPath { get; }

    public RecordedLog Log { get; } = new();

    public LabCluster this[int number] => Host.Clusters[number - 1];

    public static async Task<LabMesh> StartAsync(int clusters, Func<LabOptions, LabOptions>? configure = null)
    {
        var options = new LabOptions { ClusterCount = clusters, RemoteRetry = TimeSpan.FromMilliseconds(50) };
        return new LabMesh(await LabHost.StartAsync(configure?.Invoke(options) ?? options));
    }

    /// <summary>A lab whose clusters differ.</summary>
    public static Task<LabMesh> StartAsync(int clusters, Func<int, LabClusterOptions, LabClusterOptions> each) =>
        StartAsync(clusters, options => options with { Configure = (index, cluster) => each(index + 1, cluster) });

    public IReadOnlyList<MeshCluster> Load() => ClusterCatalog.Load([KubeconfigPath]);

    public Task<MeshCluster[]> ProbeAsync() => Task.WhenAll(Load().Select(c => ClusterProbe.ProbeAsync(c, null, Log, CancellationToken.None)));

    public Task<EndpointDiscoveryPlan> PlanAsync(EndpointDiscoveryOptions? options = null, IOperationLog? log = null) =>
        EndpointDiscoveryPlan.CreateAsync(Load(), options ?? new EndpointDiscoveryOptions(), log ?? Log, CancellationToken.None);

    public async Task<IReadOnlyList<EndpointDiscoveryLink>> EnableAsync(EndpointDiscoveryOptions? options = null, IOperationLog? log = null)
    {
        var plan = await PlanAsync(options, log);
        return await plan.ExecuteAsync(_ => true, log ?? Log, CancellationToken.None).ToListAsync();
    }

    public ValueTask<List<EndpointDiscoveryLink>> StatusAsync(IOperationLog? log = null) =>
        EndpointDiscoveryStatus.GetAsync(Load(), Namespace, 8, log ?? Log, CancellationToken.None).ToListAsync();

    public KubernetesClient Client(int number) => Load()[number - 1].Connect();

    public int Writes() => Host.Clusters.Sum(cluster => cluster.Requests.MutatingCount);

    public StoredObject? Find(int number, string plural, string name, string? ns = Namespace, string group = "") =>
        this[number].Store.Find(new ResourceKey(group, plural, ns, name));

    public void Delete(int number, string plural, string name, string? ns = Namespace, string group = "") =>
        this[number].Store.Delete(new ResourceKey(group, plural, ns, name));

    public IReadOnlyList<string> RemoteSecrets(int number) =>
        [.. this[number].Store.List("", "secrets").Items.Select(secret => secret.Key.Name).Where(name => name.StartsWith("istio-remote-secret-", StringComparison.Ordinal))];

    public string Text(int number, string secret, string key) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(Find(number, "secrets", secret)!.Json["data"]![key]!.GetValue<string>()));

    /// <summary>No token of any cluster, plain or encoded, and no administrator's key, is in what was said.</summary>
    public void AssertNothingLeaked(IEnumerable<EndpointDiscoveryLink>? links = null, RecordedLog? log = null)
    {
        log ??= Log;
        List<string> said =
        [
            .. log.VerboseLines, .. log.Warnings, .. log.ProgressUpdates.Select(progress => progress.ToString()),
            .. log.Failures.SelectMany(failure => new[] { failure.Error.ToString(), $"{failure.Target}", Errors.Described.By(failure).ToString() }),
            .. (links ?? []).SelectMany(link => new[] { link.ToString(), link.Reason ?? "", link.Server ?? "" }),
        ];
        foreach (var cluster in Host.Clusters)
        {
            var tokens = cluster.Store.List("", "secrets").Items
                .Select(secret => (secret.Json["data"] as JsonObject)?["token"]?.GetValue<string>()).OfType<string>().ToList();
            string[] secrets = [.. tokens, .. tokens.Select(token => Encoding.UTF8.GetString(Convert.FromBase64String(token))), cluster.Administrator.KeyPem];
            Assert.All(said, text => Assert.DoesNotContain(secrets, secret => text.Contains(secret, StringComparison.Ordinal)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
