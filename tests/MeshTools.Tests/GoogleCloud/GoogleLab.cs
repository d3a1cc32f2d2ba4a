using MeshTools.Clusters;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Lab;
using MeshTools.Tests.Scenarios;

namespace MeshTools.Tests.GoogleCloud;

/// <summary>A lab with a Google Cloud, and a client for it that reads no variable of the machine.</summary>
internal sealed class GoogleLab : IAsyncDisposable
{
    public const string Fleet = "lab-fleet";

    public const string Project = LabClusterOptions.GkeProject;

    private GoogleLab(LabMesh mesh)
    {
        Mesh = mesh;
        Variables = Google.Environment.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        Variables["CLOUDSDK_AUTH_ACCESS_TOKEN"] = Google.Token;
        Variables["CLOUDSDK_CONFIG"] = "/nonexistent/gcloud";
        Client = Open();
    }

    public LabMesh Mesh { get; }

    public GoogleCloudEndpoint Google => Mesh.Host.GoogleCloud!;

    public Dictionary<string, string> Variables { get; }

    public RecordedLog Log => Mesh.Log;

    public GoogleCloudClient Client { get; }

    public static async Task<GoogleLab> StartAsync(int clusters = 1, MeshTools.Lab.GoogleCloudOptions? options = null, LabPlatform platform = LabPlatform.Gke) => new(await LabMesh.StartAsync(
        clusters, lab => lab with { Platform = platform, ControlPlane = false, GoogleCloud = options ?? new MeshTools.Lab.GoogleCloudOptions() }));

    public GoogleCloudClient Open(Func<MeshTools.GoogleCloud.GoogleCloudOptions, MeshTools.GoogleCloud.GoogleCloudOptions>? configure = null)
    {
        var options = new MeshTools.GoogleCloud.GoogleCloudOptions
        {
            Environment = new GoogleEnvironment(Variables.GetValueOrDefault), FirstDelay = TimeSpan.FromMilliseconds(1), OperationTimeout = TimeSpan.FromMinutes(1),
        };
        return CloudSession.Open(Log, configure?.Invoke(options) ?? options);
    }

    public MeshCluster Cluster(int number = 1) => Mesh.Load()[number - 1];

    public async Task<IReadOnlyList<CloudChange>> PrepareAsync(CloudWish wish, int number = 1)
    {
        var plan = await CloudPreparation.PlanAsync(Cluster(number), wish, Client, Log, CancellationToken.None);
        return await plan.ExecuteAsync(_ => true, Log, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Mesh.DisposeAsync();
    }
}
