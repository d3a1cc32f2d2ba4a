using System.Net.WebSockets;

namespace MeshTools.Kubernetes;

/// <summary>The channel protocols of Kubernetes: the first byte of each message says which stream the rest belongs to.</summary>
internal static class SocketMessages
{
    /// <summary>The next whole message into <paramref name="buffer"/>, which is emptied before.</summary>
    /// <returns>Whether there was one; false when the other side closed.</returns>
    internal static async Task<bool> ReceiveAsync(WebSocket socket, MemoryStream buffer, CancellationToken cancellationToken)
    {
        buffer.SetLength(0);
        var chunk = new byte[16 * 1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(chunk.AsMemory(), cancellationToken).ConfigureAwait(false);
            if (result.MessageType == WebSocketMessageType.Close)
                return false;
            buffer.Write(chunk, 0, result.Count);

            // Some servers send empty messages to keep proxies from closing the connection.
            if (result.EndOfMessage && buffer.Length > 0)
                return true;
        }
    }

    internal static ValueTask SendAsync(WebSocket socket, byte channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var message = new byte[data.Length + 1];
        message[0] = channel;
        data.CopyTo(message.AsMemory(1));
        return socket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
    }
}
