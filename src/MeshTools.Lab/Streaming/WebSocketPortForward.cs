using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace MeshTools.Lab;

/// <summary>
/// The server's side of port-forward over a WebSocket (k8s.io/kubelet portforward/websocket.go): for the n-th port asked for,
/// channel 2n carries data and 2n+1 an error text; the first message on each is the port, little-endian, two bytes.
/// One WebSocket is one TCP connection per port.
/// </summary>
internal sealed class WebSocketPortForward(WebSocket socket, string podName, string podUid)
{
    public async Task RunAsync(IReadOnlyList<int> ports, PodProgram? program, CancellationToken cancellationToken)
    {
        using var channels = new ChannelSocket(socket);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connections = new DuplexStream?[ports.Count];
        var forwards = new Task[ports.Count];
        for (var i = 0; i < ports.Count; i++)
        {
            var number = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(number, (ushort)ports[i]);
            await channels.SendAsync((byte)(i * 2), number, cancellationToken).ConfigureAwait(false);
            await channels.SendAsync((byte)((i * 2) + 1), number, cancellationToken).ConfigureAwait(false);
        }

        for (var i = 0; i < ports.Count; i++)
        {
            if (program?.Ports.TryGetValue(ports[i], out var handler) == true)
            {
                var (near, far) = DuplexStream.CreatePair();
                connections[i] = near;
                forwards[i] = ForwardAsync(channels, (byte)(i * 2), near, far, handler, ending.Token);
            }
            else
            {
                forwards[i] = RefuseAsync(channels, (byte)((i * 2) + 1), ports[i], cancellationToken);
            }
        }

        var receiving = ReceiveAsync(channels, connections, ending);
        try
        {
            await Task.WhenAll(forwards).ConfigureAwait(false);
            await channels.CloseAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            // The client closed first; what the port still had to say has no reader.
            await ending.CancelAsync().ConfigureAwait(false);
        }

        await receiving.ConfigureAwait(false);
        foreach (var connection in connections)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static async Task ForwardAsync(
        ChannelSocket channels, byte channel, DuplexStream near, DuplexStream far, PortHandler handler, CancellationToken cancellationToken)
    {
        var serving = ServeAsync(far, handler, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            int count;
            while ((count = await near.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                await channels.SendAsync(channel, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        await serving.ConfigureAwait(false);
    }

    private static async Task ServeAsync(DuplexStream far, PortHandler handler, CancellationToken cancellationToken)
    {
        await using (far.ConfigureAwait(false))
        {
            try
            {
                await handler(far, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or InvalidOperationException)
            {
                // A process whose peer hangs up just closes its socket, and so does disposing it here.
            }
        }
    }

    private static async Task ReceiveAsync(ChannelSocket channels, DuplexStream?[] connections, CancellationTokenSource ending)
    {
        try
        {
            while (await channels.ReceiveAsync(ending.Token).ConfigureAwait(false) is { } message)
            {
                // Odd channels are errors, which only the server sends.
                if (message.Length > 1 && message[0] % 2 == 0 && message[0] / 2 < connections.Length && connections[message[0] / 2] is { } target)
                {
                    await target.WriteAsync(message.AsMemory(1), ending.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // Gone or ended; either way nothing more comes in.
        }

        await ending.CancelAsync().ConfigureAwait(false);
    }

    private Task RefuseAsync(ChannelSocket channels, byte channel, int port, CancellationToken cancellationToken)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"error forwarding port {port} to pod {podName}, uid {podUid}: failed to connect to localhost:{port} inside namespace, ") +
            string.Create(CultureInfo.InvariantCulture, $"IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused");
        return channels.SendAsync(channel, Encoding.UTF8.GetBytes(text), cancellationToken);
    }
}
