using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// The server's side of exec over a WebSocket (k8s.io/kubelet remotecommand/websocket.go): standard input on channel 0,
/// output on 1, error on 2, the final Status on 3, terminal size on 4; with v5 a message [255, n] closes channel n.
/// </summary>
internal sealed class WebSocketExec(WebSocket socket, bool hasInput, bool hasOutput, bool hasError, bool terminal)
{
    private const byte InputChannel = 0;
    private const byte OutputChannel = 1;
    private const byte ErrorChannel = 2;
    private const byte StatusChannel = 3;
    private const byte CloseChannel = 255;

    /// <summary>Cuts the connection in the middle of the first output; null for a connection that holds.</summary>
    public Action? Cut { get; init; }

    public async Task RunAsync(string container, IReadOnlyList<string> command, ExecHandler? handler, CancellationToken cancellationToken)
    {
        using var channels = new ChannelSocket(socket);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // An empty message tells the client that the stream stands.
        var first = hasOutput ? OutputChannel : hasError ? ErrorChannel : StatusChannel;
        await channels.SendAsync(first, ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false);

        var (near, far) = DuplexStream.CreatePair();
        await using (near.ConfigureAwait(false))
        await using (far.ConfigureAwait(false))
        {
            if (!hasInput)
            {
                near.CompleteWriting();
            }

            var receiving = ReceiveAsync(channels, near, ending);
            Stream output = hasOutput ? new ChannelWriter(channels, OutputChannel) : Stream.Null;
            if (Cut is not null)
            {
                output = new TruncatedBody(output, Cut);
            }

            Stream error = terminal ? output : hasError ? new ChannelWriter(channels, ErrorChannel) : Stream.Null;
            JsonObject status;
            try
            {
                var session = new ExecSession(container, command, far, output, error);
                var code = handler is null
                    ? await NoSuchProgramAsync(session, ending.Token).ConfigureAwait(false)
                    : await handler(session, ending.Token).ConfigureAwait(false);
                status = code == 0 ? Success() : NonZero(code);
            }
            catch (IOException) when (Cut is not null)
            {
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                status = InternalError(exception.Message);
            }

            await channels.SendAsync(StatusChannel, Encoding.UTF8.GetBytes(status.ToJsonString()), cancellationToken).ConfigureAwait(false);
            await channels.CloseAsync(cancellationToken).ConfigureAwait(false);

            // The peer answers the close; without waiting for it the connection would be torn down under its last read.
            await receiving.ConfigureAwait(false);
        }
    }

    /// <summary>What a container runtime says when the program is not in the image; the exit code is the shell's for "not found".</summary>
    public static async Task<int> NoSuchProgramAsync(ExecSession session, CancellationToken cancellationToken)
    {
        var text = "OCI runtime exec failed: exec failed: unable to start container process: exec: " +
            $"\"{session.Command[0]}\": executable file not found in $PATH: unknown\n";
        await session.Error.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
        return 127;
    }

    private static async Task ReceiveAsync(ChannelSocket channels, DuplexStream input, CancellationTokenSource ending)
    {
        var inputOpen = true;
        try
        {
            while (await channels.ReceiveAsync(ending.Token).ConfigureAwait(false) is { } message)
            {
                if (message is [CloseChannel, InputChannel])
                {
                    input.CompleteWriting();
                    inputOpen = false;
                }
                else if (message.Length > 1 && message[0] == InputChannel && inputOpen)
                {
                    await input.WriteAsync(message.AsMemory(1), ending.Token).ConfigureAwait(false);
                }
            }
        }
        catch (WebSocketException)
        {
            // The client went away without a word, which ends the process as a close would.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await ending.CancelAsync().ConfigureAwait(false);
    }

    private static JsonObject Success() => new() { ["metadata"] = new JsonObject(), ["status"] = "Success" };

    private static JsonObject NonZero(int code)
    {
        var text = code.ToString(CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = "command terminated with non-zero exit code: exit status " + text,
            ["reason"] = "NonZeroExitCode",
            ["details"] = new JsonObject
            {
                ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = text }),
            },
        };
    }

    private static JsonObject InternalError(string message) => new()
    {
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = "Internal error occurred: error executing command in container: " + message,
        ["reason"] = "InternalError",
        ["details"] = new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["message"] = "error executing command in container: " + message }),
        },
        ["code"] = 500,
    };
}
