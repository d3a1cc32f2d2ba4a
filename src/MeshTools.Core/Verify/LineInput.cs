using System.Text;
using System.Threading.Channels;

namespace MeshTools.Verify;

/// <summary>A standard input that gets its lines one by one, and stays open until it is ended.</summary>
internal sealed class LineInput : OneWayStream
{
    private readonly Channel<byte[]> _lines = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });

    public override bool CanRead => true;

    public override bool CanWrite => false;

    internal void Send(string line) => _lines.Writer.TryWrite(Encoding.UTF8.GetBytes(line + "\n"));

    internal void End() => _lines.Writer.TryComplete();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!await _lines.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false) || !_lines.Reader.TryRead(out var line))
            return 0;
        // Lines are a number each, and whoever reads has room for more.
        line.CopyTo(buffer);
        return line.Length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}
