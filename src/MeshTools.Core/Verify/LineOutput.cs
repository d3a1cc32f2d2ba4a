using System.Text;
using System.Threading.Channels;

namespace MeshTools.Verify;

/// <summary>A standard output that is read line by line while it is written.</summary>
internal sealed class LineOutput : OneWayStream
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();

    public override bool CanRead => false;

    public override bool CanWrite => true;

    internal ChannelReader<string> Lines => _lines.Reader;

    /// <summary>Ends the output; whoever reads meets the error, if there is one, after the last line.</summary>
    internal void End(Exception? error)
    {
        if (_line.Length > 0)
            _lines.Writer.TryWrite(_line.ToString());
        _lines.Writer.TryComplete(error);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(buffer.Length)];
        var count = _decoder.GetChars(buffer.Span, characters, flush: false);
        foreach (var character in characters.AsSpan(0, count))
        {
            if (character != '\n')
            {
                _line.Append(character);
                continue;
            }

            _lines.Writer.TryWrite(_line.ToString().TrimEnd('\r'));
            _line.Clear();
        }

        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}
