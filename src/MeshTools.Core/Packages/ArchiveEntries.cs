using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using MeshTools.Errors;

namespace MeshTools.Packages;

/// <summary>What a release archive holds, entry by entry, without the folder that all of it lies in. Anything that would lie or lead elsewhere is refused.</summary>
internal static class ArchiveEntries
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const int UnixTypeMask = 0xF000;
    private const int UnixRegularFile = 0x8000;
    private const int UnixDirectory = 0x4000;

    /// <summary>Reads an archive once, from its beginning.</summary>
    /// <param name="archive">The archive; a zip has to be seekable.</param>
    /// <param name="name">Its file name, which says what it is.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The entries; the content of each can be read until the next is asked for.</returns>
    /// <exception cref="MeshException">It is broken, or holds something that is refused (<c>PackageInvalid</c>).</exception>
    internal static async IAsyncEnumerable<ArchiveEntry> ReadAsync(Stream archive, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var paths = new ArchivePaths(name);
        var entries = name.EndsWith(".zip", StringComparison.Ordinal) ? Zipped(archive, name) : TarredAsync(archive, cancellationToken);
        var reader = entries.GetAsyncEnumerator(cancellationToken);
        await using (reader.ConfigureAwait(false))
        {
            while (await MoveAsync(reader, name).ConfigureAwait(false))
            {
                var (path, kind, executable, target, content) = reader.Current;
                if (kind is not { } known)
                    throw Invalid(name, $"{path} is neither file nor folder");
                if (paths.Take(path, known, target) is { } inside)
                    yield return new ArchiveEntry(inside, known, executable, target, content ?? Stream.Null);
            }
        }
    }

    internal static MeshException Invalid(string name, string what, Exception? inner = null) => new(ErrorCatalog.PackageInvalid, $"{name} cannot be unpacked: {what}", name, innerException: inner);

    private static async ValueTask<bool> MoveAsync(IAsyncEnumerator<RawEntry> reader, string name)
    {
        try
        {
            return await reader.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw Invalid(name, e.Message, e);
        }
    }

    private static async IAsyncEnumerable<RawEntry> TarredAsync(Stream archive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var plain = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
        var reader = new TarReader(plain, leaveOpen: true);
        await using (plain.ConfigureAwait(false))
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.GetNextEntryAsync(copyData: false, cancellationToken).ConfigureAwait(false) is { } entry)
            {
                if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
                    continue;
                ArchiveEntryKind? kind = entry.EntryType switch
                {
                    TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => ArchiveEntryKind.File,
                    TarEntryType.Directory => ArchiveEntryKind.Folder,
                    TarEntryType.SymbolicLink => ArchiveEntryKind.Link,
                    _ => null,
                };
                yield return new RawEntry(entry.Name, kind, (entry.Mode & Executable) != UnixFileMode.None, kind is ArchiveEntryKind.Link ? entry.LinkName : null, entry.DataStream);
            }
        }
    }

    private static async IAsyncEnumerable<RawEntry> Zipped(Stream archive, string name)
    {
        ZipArchive zip;
        try
        {
            zip = new ZipArchive(archive, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (InvalidDataException e)
        {
            throw Invalid(name, e.Message, e);
        }

        using (zip)
        {
            foreach (var entry in zip.Entries)
            {
                var mode = entry.ExternalAttributes >> 16;
                ArchiveEntryKind? kind = (mode & UnixTypeMask) switch
                {
                    0 or UnixRegularFile or UnixDirectory => entry.FullName.EndsWith('/') ? ArchiveEntryKind.Folder : ArchiveEntryKind.File,
                    _ => null,
                };
                var content = kind is ArchiveEntryKind.File ? entry.Open() : null;
                await using ((content ?? Stream.Null).ConfigureAwait(false))
                    yield return new RawEntry(entry.FullName, kind, (mode & (int)Executable) != 0, null, content);
            }
        }
    }

    private sealed record RawEntry(string Path, ArchiveEntryKind? Kind, bool Executable, string? Target, Stream? Content);
}

/// <summary>What an entry is.</summary>
internal enum ArchiveEntryKind
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,
}

/// <summary>One entry.</summary>
/// <param name="Path">Where it belongs in the folder of the release, with <c>/</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Executable">Whether it may be run.</param>
/// <param name="Target">Where a link leads.</param>
/// <param name="Content">A file's content.</param>
internal sealed record ArchiveEntry(string Path, ArchiveEntryKind Kind, bool Executable, string? Target, Stream Content)
{
    /// <summary>Whether it is the release's istioctl.</summary>
    internal bool IsIstioctl => Kind is ArchiveEntryKind.File && Path.StartsWith("bin/", StringComparison.Ordinal) && string.Equals(System.IO.Path.GetFileNameWithoutExtension(Path), "istioctl", StringComparison.Ordinal);
}
