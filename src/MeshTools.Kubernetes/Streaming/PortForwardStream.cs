using System.Net.WebSockets;
using System.Text;

namespace MeshTools.Kubernetes;

/// <summary>
/// One TCP connection to a port of a pod, over a WebSocket (v4.channel.k8s.io): channel 0 carries the bytes, channel 1 an error;
/// each begins with the port in two bytes, little-endian.
/// </summary>
internal sealed class PortForwardStream : Stream
{
    internal const string Protocol = "v4.channel.k8s.io";

    private const byte DataChannel = 0;
    private const byte ErrorChannel = 1;
    private const int PortLength = 2;

    private readonly WebSocket _socket;
    private readonly MemoryStream _message = new();
    private readonly int[] _preamble = [PortLength, PortLength];
    private readonly StringBuilder _error = new();
    private int _position;
    private bool _ended;
    private bool _disposed;

    internal PortForwardStream(WebSocket socket) => _socket = socket;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0)
            return 0;
        while (_position >= _message.Length)
        {
            if (_ended)
                return 0;
            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }

        var count = Math.Min(buffer.Length, (int)_message.Length - _position);
        _message.GetBuffer().AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        const int Largest = 32 * 1024;
        while (buffer.Length > 0)
        {
            var part = buffer[..Math.Min(buffer.Length, Largest)];
            try
            {
                await SocketMessages.SendAsync(_socket, DataChannel, part, cancellationToken).ConfigureAwait(false);
            }
            catch (WebSocketException e)
            {
                throw new StreamingException($"the port-forward broke off: {e.Message}", e);
            }

            buffer = buffer[part.Length..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Closes without waiting for the other side, as a socket does.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _socket.Dispose();
            _message.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await SocketMessages.ReceiveAsync(_socket, _message, cancellationToken).ConfigureAwait(false))
            {
                End();
                return;
            }
        }
        catch (WebSocketException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_error.Length > 0)
                End();
            throw new StreamingException($"the port-forward broke off: {e.Message}", e);
        }

        var channel = _message.GetBuffer()[0];
        _position = 1;
        if (channel > ErrorChannel)
        {
            _position = (int)_message.Length;
            return;
        }

        var skip = Math.Min(_preamble[channel], (int)_message.Length - _position);
        _preamble[channel] -= skip;
        _position += skip;
        if (channel == ErrorChannel)
        {
            _error.Append(Encoding.UTF8.GetString(_message.GetBuffer(), _position, (int)_message.Length - _position));
            _position = (int)_message.Length;
            if (_error.Length > 0)
                End();
        }
    }

    private void End()
    {
        _ended = true;
        _message.SetLength(0);
        _position = 0;
        if (_error.Length > 0)
            throw new StreamingException($"the port cannot be forwarded: {_error}");
    }
}
