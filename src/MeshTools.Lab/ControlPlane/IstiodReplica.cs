using System.Text;

namespace MeshTools.Lab;

/// <summary>One running pod of istiod: its remote clusters, its ports, its programs and its log.</summary>
internal sealed class IstiodReplica : IAsyncDisposable
{
    private readonly IstiodDebug debug;

    public IstiodReplica(ObjectStore store, IstiodSettings settings, IstiodAuthority authority, IstiodLog log, int number)
    {
        Settings = settings;
        Authority = authority;
        Log = log;
        Number = number;
        Remotes = new RemoteClusters(settings, store.Clock, Log);
        debug = new IstiodDebug(store, settings, Remotes, authority);
        Log.Write("info", $"istiod {settings.Version} of cluster {settings.ClusterId}, revision {settings.Revision}, is starting", scope: null);
    }

    public IstiodSettings Settings { get; }

    /// <summary>Its place in the order of starts: the first that still runs leads.</summary>
    public int Number { get; }

    /// <summary>What it signs with.</summary>
    public IstiodAuthority Authority { get; }

    public IstiodLog Log { get; }

    public RemoteClusters Remotes { get; }

    /// <summary>What the pod runs.</summary>
    public PodProgram Program()
    {
        var http = new HttpPort(debug.Answer);
        return new PodProgram
        {
            Exec = ExecAsync,
            Ports = new Dictionary<int, PortHandler> { [15014] = http.ServeAsync, [8080] = http.ServeAsync },
            Logs = container => container is "discovery" ? Log.Lines : [],
        };
    }

    public ValueTask DisposeAsync() => Remotes.DisposeAsync();

    /// <summary>The image has one program, which answers <c>request METHOD PATH</c> from the port on loopback (istio pilot/cmd/pilot-discovery).</summary>
    private async Task<int> ExecAsync(ExecSession session, CancellationToken cancellationToken)
    {
        var command = session.Command;
        if (command[0] is not ("pilot-discovery" or "/usr/local/bin/pilot-discovery"))
        {
            return await WebSocketExec.NoSuchProgramAsync(session, cancellationToken).ConfigureAwait(false);
        }

        if (command is [_, "version", ..])
        {
            await WriteAsync(session.Output, Settings.Version + "\n", cancellationToken).ConfigureAwait(false);
            return 0;
        }

        if (command is not [_, "request", var method, var path, ..])
        {
            await WriteAsync(session.Error, "Error: unknown command for \"pilot-discovery\"\n", cancellationToken).ConfigureAwait(false);
            return 1;
        }

        if (method is not "GET" and not "get")
        {
            await WriteAsync(session.Error, $"Error: request failed: received unsuccessful status code 405: {method}\n", cancellationToken).ConfigureAwait(false);
            return 1;
        }

        var answer = debug.Answer(path.StartsWith('/') ? path : "/" + path);
        if (answer.Status != 200)
        {
            var text = $"Error: received unsuccessful status code {answer.Status}: {answer.Body.TrimEnd()}\n";
            await WriteAsync(session.Error, text, cancellationToken).ConfigureAwait(false);
            return 1;
        }

        await WriteAsync(session.Output, answer.Body + "\n", cancellationToken).ConfigureAwait(false);
        return 0;
    }

    private static async Task WriteAsync(Stream stream, string text, CancellationToken cancellationToken) =>
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
}
