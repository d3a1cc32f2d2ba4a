using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Lab;

namespace MeshTools.Tests.Lab.Streaming;

/// <summary>A cluster with one pod, <c>default/echo</c>, whose programs the test supplies.</summary>
internal sealed class PodLab : IAsyncDisposable
{
    private readonly LabHost lab;

    private PodLab(LabHost lab) => this.lab = lab;

    public LabCluster Cluster => lab.Clusters[0];

    public string KubeconfigYaml => lab.KubeconfigYaml;

    public static async Task<PodLab> StartAsync(params string[] containers)
    {
        var started = await LabHost.StartAsync(new LabOptions { ClusterCount = 1, ControlPlane = false });
        var cluster = started.Clusters[0];
        var list = new JsonArray([.. containers.Select(name => new JsonObject { ["name"] = name, ["image"] = "example/echo:1" })]);
        var key = new ResourceKey("", "pods", "default", "echo");
        cluster.Store.Create(
            key, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["spec"] = new JsonObject { ["containers"] = list } }, "test");
        await Eventually.TrueAsync(() => cluster.Store.Get(key).Json["status"]?["phase"]?.GetValue<string>() is "Running");
        cluster.Programs.Start(cluster.Store.Get(key).Uid, new PodProgram
        {
            Exec = RunAsync,
            Ports = new Dictionary<int, PortHandler>
            {
                [7] = async (connection, token) =>
                {
                    var buffer = new byte[4];
                    await connection.ReadExactlyAsync(buffer, token);
                    await connection.WriteAsync(buffer, token);
                },
                [80] = new HttpPort(target => HttpPort.Text(200, "you asked for " + target)).ServeAsync,
            },
            Logs = container => [$"line 1 of {container}", "line 2"],
        });
        return new PodLab(started);
    }

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    private static async Task<int> RunAsync(ExecSession session, CancellationToken cancellationToken)
    {
        switch (session.Command[0])
        {
            case "say":
                await session.Output.WriteAsync(Encoding.UTF8.GetBytes($"{session.Container}: {string.Join(' ', session.Command.Skip(1))}\n"), cancellationToken);
                await session.Error.WriteAsync("to stderr\n"u8.ToArray(), cancellationToken);
                return 0;
            case "fail":
                return 3;
            case "cat":
                await session.Input.CopyToAsync(session.Output, cancellationToken);
                return 0;
            default:
                throw new InvalidOperationException("crashed");
        }
    }
}
