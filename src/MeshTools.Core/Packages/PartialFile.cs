using System.Net.Http.Headers;
using System.Text.Json;
using MeshTools.Errors;

namespace MeshTools.Packages;

/// <summary>
/// The part of a file that has come, open for more, with a note beside it of what it is a part of. Only one process has it open at a time.
/// </summary>
internal sealed class PartialFile : IAsyncDisposable
{
    internal const string Suffix = ".partial";

    private const int ErrorSharing = unchecked((int)0x80070020);
    private const int WouldBlock = 11;
    private const int WouldBlockMac = 35;

    private readonly FileStream _stream;
    private readonly string _note;

    private PartialFile(FileStream stream, string path)
    {
        _stream = stream;
        Path = path;
        _note = NoteOf(path);
    }

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>Bytes that have come.</summary>
    internal long Length => _stream.Length;

    /// <summary>What it is a part of; <see langword="null"/> when that is not known, and then it is of no use.</summary>
    internal PartialNote? Note { get; private set; }

    /// <summary>Opens it, and makes it where it is not there.</summary>
    /// <param name="file">The path that the whole file will have.</param>
    /// <exception cref="MeshException">Another process has it open (<c>PackageBusy</c>), or it cannot be written (<c>PackageFileFailed</c>).</exception>
    internal static PartialFile Open(string file)
    {
        var path = file + Suffix;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.Asynchronous });
            return new PartialFile(stream, path) { Note = ReadNote(path) };
        }
        catch (IOException e) when (e.HResult is ErrorSharing or WouldBlock or WouldBlockMac)
        {
            throw new MeshException(ErrorCatalog.PackageBusy, $"{path} is being written by another process", path, innerException: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskSpace.Explain(e, path, null, "the download");
        }
    }

    /// <summary>How much of a file an earlier run has left; 0 for nothing.</summary>
    internal static long LengthFor(string file) => new FileInfo(file + Suffix) is { Exists: true } info && ReadNote(info.FullName) is not null ? info.Length : 0;

    /// <summary>Forgets what has come.</summary>
    internal void Restart() => _stream.SetLength(0);

    /// <summary>Notes what the next bytes are a part of.</summary>
    internal async Task NoteAsync(PartialNote note, CancellationToken cancellationToken)
    {
        if (note == Note)
            return;
        await File.WriteAllBytesAsync(_note, JsonSerializer.SerializeToUtf8Bytes(note), cancellationToken).ConfigureAwait(false);
        Note = note;
    }

    /// <summary>Appends.</summary>
    internal ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _stream.Seek(0, SeekOrigin.End);
        return _stream.WriteAsync(bytes, cancellationToken);
    }

    /// <summary>The whole content, from its beginning.</summary>
    internal Stream Content()
    {
        _stream.Flush();
        _stream.Position = 0;
        return _stream;
    }

    /// <summary>Gives the file its own name: it is whole, and proved.</summary>
    internal void MoveTo(string file)
    {
        _stream.Flush(flushToDisk: true);
        // Windows moves no file that is open.
        _stream.Dispose();
        File.Move(Path, file, overwrite: true);
        File.Delete(_note);
    }

    /// <summary>Removes it.</summary>
    internal void Delete()
    {
        _stream.Dispose();
        File.Delete(Path);
        File.Delete(_note);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static string NoteOf(string path) => path + ".json";

    private static PartialNote? ReadNote(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<PartialNote>(File.ReadAllBytes(NoteOf(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a partial file is a part of.</summary>
/// <param name="Address">Where it comes from.</param>
/// <param name="ETag">The server's mark of this content, if it is a strong one.</param>
/// <param name="LastModified">When the server says that it was changed last.</param>
/// <param name="Length">Bytes of the whole.</param>
internal sealed record PartialNote(Uri Address, string? ETag, DateTimeOffset? LastModified, long? Length)
{
    /// <summary>Asks for the rest of this content and no other; <see langword="null"/> when the server gave nothing to tell contents apart (RFC 9110, 13.1.5).</summary>
    internal RangeConditionHeaderValue? Condition => ETag is not null
        ? new RangeConditionHeaderValue(new EntityTagHeaderValue(ETag))
        : LastModified is { } date ? new RangeConditionHeaderValue(date) : null;
}
