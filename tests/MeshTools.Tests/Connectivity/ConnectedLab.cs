using MeshTools.Clusters;
using MeshTools.Lab;
using MeshTools.Tests.Lab.Samples;
using MeshTools.Tests.Scenarios;
using MeshTools.Verify;

namespace MeshTools.Tests.Connectivity;

/// <summary>A lab with Istio's samples, and its kubeconfig as a user has it.</summary>
internal sealed class ConnectedLab : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshtools-verify-");
    private readonly SampleLab _lab;

    private ConnectedLab(SampleLab lab)
    {
        _lab = lab;
        File.WriteAllText(KubeconfigPath, lab.KubeconfigYaml);
    }

    public string KubeconfigPath => Path.Combine(_folder.FullName, "lab.yaml");

    public SampleLab Samples => _lab;

    public RecordedLog Log { get; } = new();

    public LabCluster this[int number] => _lab.Clusters[number - 1];

    public static async Task<ConnectedLab> StartAsync(int clusters, Func<LabOptions, LabOptions>? configure = null, bool link = true, string injection = "enabled") =>
        new(await SampleLab.StartAsync(clusters, configure, link, injection));

    /// <summary>Clusters on networks of their own, each with a gateway that exposes its services.</summary>
    public static async Task<ConnectedLab> StartSeparateAsync(int clusters, Func<LabOptions, LabOptions>? configure = null, int? unexposed = null)
    {
        var lab = await StartAsync(clusters, options => (configure?.Invoke(options) ?? options) with { SharedNetwork = false });
        for (var number = 1; number <= clusters; number++)
            await SampleLab.GatewayAsync(lab[number], expose: number != unexposed);
        await lab.Samples.GatewaysKnownAsync(clusters);
        return lab;
    }

    public IReadOnlyList<MeshCluster> Load() => ClusterCatalog.Load([KubeconfigPath]);

    public Task<MeshConnectivity> TestAsync(ConnectivityOptions? options = null, RecordedLog? log = null) =>
        new ConnectivityTest(Load(), options ?? new ConnectivityOptions(), log ?? Log).RunAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
