using System.Buffers;
using System.Net.WebSockets;

namespace MeshTools.Lab;

/// <summary>
/// Kubernetes' framing over one WebSocket: binary messages whose first byte is the channel
/// (k8s.io/apiserver/pkg/util/wsstream, k8s.io/apimachinery/pkg/util/remotecommand/constants.go).
/// </summary>
internal sealed class ChannelSocket(WebSocket socket) : IDisposable
{
    // One writer at a time: a WebSocket allows a single outstanding send, and both output channels send.
    private readonly SemaphoreSlim sending = new(1, 1);

    public async Task SendAsync(byte channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var length = payload.Length + 1;
        var message = ArrayPool<byte>.Shared.Rent(length);
        await sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            message[0] = channel;
            payload.CopyTo(message.AsMemory(1));
            await socket.SendAsync(message.AsMemory(0, length), WebSocketMessageType.Binary, true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            sending.Release();
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>The next whole message (channel byte first), or null when the peer closed.</summary>
    public async Task<byte[]?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            using var message = new MemoryStream();
            while (true)
            {
                var result = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
                if (result.MessageType is WebSocketMessageType.Close)
                {
                    return null;
                }

                message.Write(buffer, 0, result.Count);
                if (result.EndOfMessage)
                {
                    return message.ToArray();
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => sending.Dispose();
}
