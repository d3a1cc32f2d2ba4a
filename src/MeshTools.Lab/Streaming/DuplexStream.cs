using System.IO.Pipelines;

namespace MeshTools.Lab;

/// <summary>One end of a TCP connection that never leaves the process: what one end writes the other reads, each side half-closes on its own.</summary>
public sealed class DuplexStream : Stream
{
    private readonly PipeReader reader;
    private readonly PipeWriter writer;
    private readonly Stream input;
    private readonly Stream output;
    private int closed;

    private DuplexStream(PipeReader reader, PipeWriter writer)
    {
        this.reader = reader;
        this.writer = writer;
        input = reader.AsStream(leaveOpen: true);
        output = writer.AsStream(leaveOpen: true);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Two connected ends.</summary>
    public static (DuplexStream Near, DuplexStream Far) CreatePair()
    {
        var outward = new Pipe();
        var inward = new Pipe();
        return (new DuplexStream(inward.Reader, outward.Writer), new DuplexStream(outward.Reader, inward.Writer));
    }

    /// <summary>Says that no more will be written; reading goes on.</summary>
    public void CompleteWriting() => writer.Complete();

    /// <inheritdoc/>
    public override void Flush() => output.Flush();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        input.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        output.WriteAsync(buffer, offset, count, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        output.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref closed, 1) == 0)
        {
            writer.Complete();
            reader.Complete();
        }

        base.Dispose(disposing);
    }
}
