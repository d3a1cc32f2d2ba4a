using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Starts the programs of the pods that the lab knows what they do: HelloWorld, clients with <c>curl</c>, and the mesh's proxies. All others
/// run and do nothing.
/// </summary>
internal sealed class SampleWorkloads(LabCluster cluster, LabFabric fabric) : IPodStartup
{
    private readonly ConcurrentDictionary<string, bool> started = new(StringComparer.Ordinal);
    private readonly PodNetwork network = new(cluster, fabric);

    /// <inheritdoc/>
    public ContainerStage Start(StoredObject pod, string container)
    {
        if (!started.ContainsKey(pod.Uid) && Program(pod) is { } program && started.TryAdd(pod.Uid, true))
        {
            cluster.Programs.Start(pod.Uid, program);
        }

        return ContainerStage.Ready;
    }

    /// <inheritdoc/>
    public void Stop(string podUid)
    {
        started.TryRemove(podUid, out _);
        cluster.Proxy.Stop(podUid);
    }

    private PodProgram? Program(StoredObject pod)
    {
        var ports = new Dictionary<int, PortHandler>();
        var clients = new HashSet<string>(StringComparer.Ordinal);
        foreach (var container in pod.Json.Objects("spec", "containers"))
        {
            if (HelloWorld.Version(pod.Json, container) is { } version)
            {
                ports[HelloWorld.Port] = HelloWorld.Serve(version, pod.Key.Name);
            }
            else if (HasCurl(container))
            {
                clients.Add(container.Text("name") ?? string.Empty);
            }
        }

        if (SidecarInjector.IsInjected(pod.Json))
        {
            ports[15021] = new HttpPort(target => HttpPort.Text(target is "/healthz/ready" ? 200 : 404, string.Empty)).ServeAsync;
        }

        return ports.Count == 0 && clients.Count == 0
            ? null
            : new PodProgram
            {
                Ports = ports,
                Exec = (session, cancellationToken) => ExecAsync(pod, clients.Contains(session.Container), session, cancellationToken),
                Logs = container => container is SidecarInjector.Proxy ? cluster.Proxy.Log(pod.Uid).Lines : [],
            };
    }

    /// <summary>Istio's samples <c>curl</c> and <c>sleep</c>, and whatever is named after curl.</summary>
    private static bool HasCurl(JsonObject container) =>
        ImageName.Of(container) is var name && (name.Contains("curl", StringComparison.OrdinalIgnoreCase) || name is "sleep" or "examples-sleep");

    private Task<int> ExecAsync(StoredObject pod, bool hasCurl, ExecSession session, CancellationToken cancellationToken)
    {
        var command = ShellLine.Unwrap(session.Command);
        return hasCurl && command is ["curl" or "/usr/bin/curl", ..]
            ? new CurlProgram((call, token) => network.CallAsync(pod, call, token), cluster.Store.Clock).RunAsync([.. command.Skip(1)], session, cancellationToken)
            : WebSocketExec.NoSuchProgramAsync(session, cancellationToken);
    }
}
