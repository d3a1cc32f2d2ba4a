using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Packages;

/// <summary>How a folder differs from the archive that was unpacked into it.</summary>
/// <param name="Missing">Files that are not there, or that have lost the permission to be run.</param>
/// <param name="Changed">Files that hold something else.</param>
internal sealed record UnpackedDifference(IReadOnlyList<string> Missing, IReadOnlyList<string> Changed)
{
    internal bool IsNone => Missing.Count == 0 && Changed.Count == 0;
}

/// <summary>A release archive and the folder that it is unpacked into.</summary>
/// <param name="Archive">The archive: verified, and held open since.</param>
/// <param name="Name">Its file name.</param>
/// <param name="Folder">The folder.</param>
internal sealed record UnpackedArchive(Stream Archive, string Name, string Folder)
{
    private const int BufferSize = 128 * 1024;
    private const UnixFileMode OfFolders = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode OfFiles = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Compares. Nothing is written.</summary>
    internal async Task<UnpackedDifference> CompareAsync(CancellationToken cancellationToken)
    {
        var (missing, changed) = (new List<string>(), new List<string>());
        Archive.Position = 0;
        await foreach (var entry in ArchiveEntries.ReadAsync(Archive, Name, cancellationToken).ConfigureAwait(false))
        {
            var path = PathOf(Folder, entry);
            if (entry.Kind is ArchiveEntryKind.Folder)
            {
                if (!Directory.Exists(path))
                    missing.Add(entry.Path);
            }
            else if (entry.Kind is ArchiveEntryKind.Link)
            {
                if (new FileInfo(path).LinkTarget is not { } target)
                    (File.Exists(path) || Directory.Exists(path) ? changed : missing).Add(entry.Path);
                else if (!string.Equals(target, entry.Target, StringComparison.Ordinal))
                    changed.Add(entry.Path);
            }
            else if (!File.Exists(path))
            {
                (Directory.Exists(path) ? changed : missing).Add(entry.Path);
            }
            else if (new FileInfo(path).LinkTarget is not null || !await IsSameAsync(entry.Content, path, cancellationToken).ConfigureAwait(false))
            {
                changed.Add(entry.Path);
            }
            else if (IsProgram(entry) && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) == UnixFileMode.None)
            {
                missing.Add(entry.Path);
            }
        }

        return new UnpackedDifference(missing, changed);
    }

    /// <summary>Unpacks beside the folder, and puts into it what it lacks or has otherwise; each file is there whole or not at all, and what else is there stays.</summary>
    /// <returns>The path of istioctl in the folder, with <c>/</c>, and its SHA-256.</returns>
    /// <exception cref="MeshException">The archive is refused (<c>PackageInvalid</c>), or there is no room or no leave to write.</exception>
    internal async Task<(string Istioctl, string Sha256)> UnpackAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        var home = Path.GetDirectoryName(Folder)!;
        var size = Size();
        DiskSpace.Require(home, size, "the unpacked archive");
        var beside = Path.Combine(home, $".{Path.GetFileName(Folder)}.{Path.GetRandomFileName()}");
        try
        {
            MakeFolder(beside);
            var result = await WriteAsync(beside, size, log, cancellationToken).ConfigureAwait(false);
            if (Directory.Exists(Folder))
                Merge(beside, Folder);
            else
                Directory.Move(beside, Folder);
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskSpace.Explain(e, Folder, size, "the unpacked archive");
        }
        finally
        {
            Remove(beside);
        }
    }

    /// <summary>istioctl as the archive has it: its path with <c>/</c>, and its SHA-256.</summary>
    internal async Task<(string Istioctl, string Sha256)> FindIstioctlAsync(CancellationToken cancellationToken)
    {
        Archive.Position = 0;
        await foreach (var entry in ArchiveEntries.ReadAsync(Archive, Name, cancellationToken).ConfigureAwait(false))
        {
            if (entry.IsIstioctl)
                return (entry.Path, Convert.ToHexString(await SHA256.HashDataAsync(entry.Content, cancellationToken).ConfigureAwait(false)).ToLowerInvariant());
        }

        throw ArchiveEntries.Invalid(Name, "it holds no bin/istioctl");
    }

    private async Task<(string Istioctl, string Sha256)> WriteAsync(string root, long size, IOperationLog log, CancellationToken cancellationToken)
    {
        (string, string)? istioctl = null;
        var links = new List<ArchiveEntry>();
        var written = 0L;
        Archive.Position = 0;
        await foreach (var entry in ArchiveEntries.ReadAsync(Archive, Name, cancellationToken).ConfigureAwait(false))
        {
            var path = PathOf(root, entry);
            if (entry.Kind is ArchiveEntryKind.Folder)
            {
                MakeFolder(path);
                continue;
            }

            MakeFolder(Path.GetDirectoryName(path)!);
            if (entry.Kind is ArchiveEntryKind.Link)
            {
                links.Add(entry);
                continue;
            }

            var hash = await CopyAsync(entry, path, cancellationToken).ConfigureAwait(false);
            written += new FileInfo(path).Length;
            log.Progress(new OperationProgress($"Unpacking {Name}", $"{DiskSpace.Text(written)} of {DiskSpace.Text(Math.Max(size, written))}", (int)(written >> 10), (int)(Math.Max(size, written) >> 10)));
            if (!entry.IsIstioctl)
                continue;
            istioctl = istioctl is null ? (entry.Path, hash) : throw ArchiveEntries.Invalid(Name, "it holds more than one bin/istioctl");
        }

        // Last, so that nothing is ever written through one.
        foreach (var link in links)
            File.CreateSymbolicLink(PathOf(root, link), link.Target!);
        return istioctl ?? throw ArchiveEntries.Invalid(Name, "it holds no bin/istioctl");
    }

    private static async Task<string> CopyAsync(ArchiveEntry entry, string path, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = IsProgram(entry) ? OfFolders : OfFiles;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var file = new FileStream(path, options);
        await using (file.ConfigureAwait(false))
        {
            var buffer = new byte[BufferSize];
            while (await ReadAsync(entry, buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
            {
                hash.AppendData(buffer.AsSpan(0, count));
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
    }

    private static async ValueTask<int> ReadAsync(ArchiveEntry entry, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await entry.Content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw ArchiveEntries.Invalid(entry.Path, e.Message, e);
        }
    }

    private static async Task<bool> IsSameAsync(Stream content, string path, CancellationToken cancellationToken)
    {
        var expected = await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false);
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, useAsync: true);
        await using (file.ConfigureAwait(false))
            return (await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false)).AsSpan().SequenceEqual(expected);
    }

    // A zip made on Windows knows no such permission, and istioctl is there to be run.
    private static bool IsProgram(ArchiveEntry entry) => entry.Executable || entry.IsIstioctl;

    private static void Merge(string from, string to)
    {
        MakeFolder(to);
        foreach (var item in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            var target = Path.Combine(to, item.Name);
            if (item is DirectoryInfo { LinkTarget: null } folder)
            {
                if (File.Exists(target) || new FileInfo(target).LinkTarget is not null)
                    File.Delete(target);
                Merge(folder.FullName, target);
                continue;
            }

            if (Directory.Exists(target) && new FileInfo(target).LinkTarget is null)
                Directory.Delete(target, recursive: true);
            File.Move(item.FullName, target, overwrite: true);
        }
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OfFolders);
    }

    private static void Remove(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What keeps it from going kept the unpacking from its end, and that is said.
        }
    }

    private static string PathOf(string root, ArchiveEntry entry) => Path.Combine([root, .. entry.Path.Split('/')]);

    // gzip ends with the length of what it holds, modulo 2^32 (RFC 1952, 2.3.1); no release comes near that.
    private long Size()
    {
        Archive.Position = 0;
        if (Name.EndsWith(".zip", StringComparison.Ordinal))
        {
            try
            {
                using var zip = new ZipArchive(Archive, ZipArchiveMode.Read, leaveOpen: true);
                return zip.Entries.Sum(entry => entry.Length);
            }
            catch (InvalidDataException e)
            {
                throw ArchiveEntries.Invalid(Name, e.Message, e);
            }
        }

        if (Archive.Length < sizeof(uint))
            throw ArchiveEntries.Invalid(Name, "it is too short for an archive");
        Span<byte> length = stackalloc byte[sizeof(uint)];
        Archive.Position = Archive.Length - sizeof(uint);
        Archive.ReadExactly(length);
        return BinaryPrimitives.ReadUInt32LittleEndian(length);
    }
}
