using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>Reads a stream of JSON objects, one a line, of any length.</summary>
internal sealed class JsonLines(Stream stream)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next object; null at the end of the stream. An unfinished last line is an unexpected end.</summary>
    internal async ValueTask<JsonObject?> ReadAsync(CancellationToken cancellationToken)
    {
        var searched = _start;
        while (true)
        {
            var newline = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var line = _buffer.AsSpan(_start, searched + newline - _start);
                _start = searched + newline + 1;
                if (line.Trim(" \r\t"u8).Length > 0)
                    return JsonAccess.TryParseObject(line) ?? throw new InvalidDataException("a watch event is no JSON object");
                searched = _start;
                continue;
            }

            searched = MakeRoom(_end);
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return AtEnd();
            _end += read;
        }
    }

    /// <summary>Keeps the unread bytes and leaves space behind them.</summary>
    /// <returns>Where what was already searched ends now.</returns>
    private int MakeRoom(int searched)
    {
        var unread = _end - _start;
        var from = _buffer;
        if (unread > _buffer.Length / 2)
            _buffer = new byte[_buffer.Length * 2];
        if (_start > 0 || !ReferenceEquals(from, _buffer))
            from.AsSpan(_start, unread).CopyTo(_buffer);
        searched -= _start;
        _start = 0;
        _end = unread;
        return searched;
    }

    private JsonObject? AtEnd()
    {
        var rest = _buffer.AsSpan(_start, _end - _start);
        _start = _end;
        if (rest.Trim(" \r\n\t"u8).Length == 0)
            return null;
        return JsonAccess.TryParseObject(rest) ?? throw new EndOfStreamException("the watch ended inside an event");
    }
}
