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
                ports[HelloWorld.Port] = HelloWorld.Serve(version, pod.Key.Name, cluster.Faults);
            }
            else if (HasCurl(container))
            {
                clients.Add(container.Text("name") ?? string.Empty);
            }
        }

        if (SidecarInjector.IsInjected(pod.Json))
        {
            ports[15021] = new HttpPort(target => HttpPort.Text(target is "/healthz/ready" ? 200 : 404, string.Empty)).ServeAsync;
            ports[ProxyAdministration.Port] = new HttpPort(target => cluster.Proxy.Administer(pod, target)).ServeAsync;
            clients.Add(SidecarInjector.Proxy);
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

    /// <summary>Istio's samples <c>curl</c> and <c>sleep</c>, and whatever is named after curl. The image of the proxy has it, too, unless it is the distroless one.</summary>
    private static bool HasCurl(JsonObject container) =>
        ImageName.Of(container) is var name && (name.Contains("curl", StringComparison.OrdinalIgnoreCase) || name is "sleep" or "examples-sleep");

    private Task<int> ExecAsync(StoredObject pod, bool hasCurl, ExecSession session, CancellationToken cancellationToken)
    {
        if (hasCurl && !IsDistroless(pod, session.Container) && ShellLoop.Read(session.Command) is { } loop)
        {
            return loop is ["curl" or "/usr/bin/curl", ..]
                ? ShellLoop.RunAsync(session, () => CurlAsync(pod, loop, session, cancellationToken), cancellationToken)
                : Task.FromResult(127);
        }

        var command = ShellLine.Unwrap(session.Command);
        return hasCurl && command is ["curl" or "/usr/bin/curl", ..]
            ? CurlAsync(pod, command, session, cancellationToken)
            : WebSocketExec.NoSuchProgramAsync(session, cancellationToken);
    }

    /// <summary>Images that say so have their program and no shell.</summary>
    private static bool IsDistroless(StoredObject pod, string container) => pod.Json.Objects("spec", "containers")
        .Any(item => string.Equals(item.Text("name"), container, StringComparison.Ordinal) && ImageName.Of(item).Contains("distroless", StringComparison.Ordinal));

    private async Task<int> CurlAsync(StoredObject pod, IReadOnlyList<string> command, ExecSession session, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref cluster.Programs.Running);
        try
        {
            return await new CurlProgram((call, token) => network.CallAsync(pod, call, token), cluster.Store.Clock)
                .RunAsync([.. command.Skip(1)], session, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref cluster.Programs.Running);
        }
    }
}
