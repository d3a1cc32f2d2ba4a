using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Lab;
using MeshTools.Operations;

namespace MeshTools.Tests.Scenarios;

/// <summary>A lab and its kubeconfig file, as a user has them.</summary>
internal sealed class LabMesh : IAsyncDisposable
{
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

    public static async Task<LabMesh> StartAsync(int clusters, Func<LabOptions, LabOptions>? configure = null)
    {
        var options = new LabOptions { ClusterCount = clusters };
        return new LabMesh(await LabHost.StartAsync(configure?.Invoke(options) ?? options));
    }

    public IReadOnlyList<MeshCluster> Load() => ClusterCatalog.Load([KubeconfigPath]);

    public Task<MeshCluster[]> ProbeAsync() => Task.WhenAll(Load().Select(c => ClusterProbe.ProbeAsync(c, null, Log, CancellationToken.None)));

    public Task<EndpointDiscoveryPlan> PlanAsync(EndpointDiscoveryOptions? options = null, IOperationLog? log = null) =>
        EndpointDiscoveryPlan.CreateAsync(Load(), options ?? new EndpointDiscoveryOptions(), log ?? Log, CancellationToken.None);

    public async Task<IReadOnlyList<EndpointDiscoveryLink>> EnableAsync(EndpointDiscoveryOptions? options = null, IOperationLog? log = null)
    {
        var plan = await PlanAsync(options, log);
        return await plan.ExecuteAsync(_ => true, log ?? Log, CancellationToken.None).ToListAsync();
    }

    public int Writes() => Host.Clusters.Sum(cluster => cluster.Requests.MutatingCount);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
