using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace MeshTools.Tests.Packages;

/// <summary>A file system of a few hundred kilobytes in memory. Only root may mount one, and only Linux has it.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo _point = Directory.CreateTempSubdirectory("meshtools-disk-");

    private SmallDisk()
    {
    }

    public string Path => _point.FullName;

    public static SmallDisk Mount(int kibibytes)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "A small file system is mounted on Linux, by root only.");
        var disk = new SmallDisk();
        if (!Run("mount", "-t", "tmpfs", "-o", Size(kibibytes), "tmpfs", disk.Path))
        {
            disk._point.Delete();
            Skip.If(true, "A small file system cannot be mounted here.");
        }

        return disk;
    }

    public void Grow(int kibibytes) => Assert.True(Run("mount", "-o", "remount," + Size(kibibytes), Path));

    /// <summary>Writes a file until nothing more fits.</summary>
    public static void Fill(string file)
    {
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                stream.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        _point.Delete(recursive: true);
    }

    private static string Size(int kibibytes) => string.Create(CultureInfo.InvariantCulture, $"size={kibibytes}k");

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
