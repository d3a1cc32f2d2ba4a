using System.Globalization;
using MeshTools.Errors;

namespace MeshTools.Packages;

/// <summary>Room on the disk of a package, and what is said when there is none.</summary>
internal static class DiskSpace
{
    // ENOSPC and EDQUOT of Linux and macOS; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
    private static readonly int[] s_full = [28, OperatingSystem.IsMacOS() ? 69 : 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    /// <summary>Bytes that may still be written in a folder; <see langword="null"/> where the system does not say.</summary>
    internal static long? FreeIn(string folder)
    {
        try
        {
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Refuses what would not fit.</summary>
    /// <param name="folder">Where it is to be.</param>
    /// <param name="bytes">What it takes.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <exception cref="MeshException">It does not fit (<c>PackageDiskFull</c>).</exception>
    internal static void Require(string folder, long bytes, string what)
    {
        if (FreeIn(folder) is { } free && free < bytes)
            throw Full(folder, bytes, what);
    }

    /// <summary>What to say of an error that a file gave.</summary>
    /// <param name="reason">The error.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="bytes">What was still to be written there; <see langword="null"/> when that is not known.</param>
    /// <param name="what">What was being written.</param>
    /// <returns>The error for the user.</returns>
    internal static MeshException Explain(Exception reason, string path, long? bytes, string what)
    {
        if (Array.IndexOf(s_full, reason.HResult) >= 0)
            return Full(Directory.Exists(path) ? path : Path.GetDirectoryName(path)!, bytes, what, reason);
        return new MeshException(ErrorCatalog.PackageFileFailed, $"{path} cannot be written: {reason.Message}", path, innerException: reason);
    }

    /// <summary>A number of bytes for a reader.</summary>
    internal static string Text(long bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB"),
    };

    private static MeshException Full(string folder, long? bytes, string what, Exception? inner = null)
    {
        var needs = bytes is { } count ? $" needs {Text(count)}" : " needs more room than there is";
        var has = FreeIn(folder) is { } free ? $", and {Text(free)} are free" : "";
        return new MeshException(ErrorCatalog.PackageDiskFull, $"{folder}: {what}{needs}{has}", folder, innerException: inner);
    }
}
