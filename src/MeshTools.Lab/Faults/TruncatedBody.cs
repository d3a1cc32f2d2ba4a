namespace MeshTools.Lab;

/// <summary>A response body that passes on half of the first piece written to it and then has the connection cut.</summary>
internal sealed class TruncatedBody(Stream inner, Action cut) : Stream
{
    // The half must leave this process before the connection goes, or the client sees no response at all instead of a broken one.
    private static readonly TimeSpan TimeToLeave = TimeSpan.FromMilliseconds(40);

    private bool isCut;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        isCut ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("The server writes asynchronously.");

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (isCut || buffer.IsEmpty)
        {
            return;
        }

        isCut = true;
        await inner.WriteAsync(buffer[..(buffer.Length / 2)], cancellationToken).ConfigureAwait(false);
        await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        await Task.Delay(TimeToLeave, cancellationToken).ConfigureAwait(false);
        cut();
        throw new IOException("The connection was cut on purpose.");
    }
}
