using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace MeshTools.Lab;

/// <summary>Makes archives like those of releases, with a stand-in in the place of istioctl.</summary>
/// <param name="options">What is offered.</param>
internal sealed class ReleaseArchives(ReleaseOptions options)
{
    private const UnixFileMode OfPrograms = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode OfFiles = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The archive of a name, such as <c>istio-1.30.3-linux-amd64.tar.gz</c>; null when there is none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="generation">Another number makes another archive.</param>
    public byte[]? Make(string name, int generation)
    {
        foreach (var version in options.Versions)
        {
            var platform = PlatformsOf(version).FirstOrDefault(platform => string.Equals(name, NameOf(version, platform), StringComparison.Ordinal));
            if (platform is not null)
            {
                var files = Files(version, platform is "win", generation);
                return platform is "win" ? Zip(version, files) : Tar(version, files);
            }
        }

        return null;
    }

    /// <summary>The platforms that a version has archives for, as the makers of the real ones have it.</summary>
    private static string[] PlatformsOf(string version) =>
        version.Contains("-asm.", StringComparison.Ordinal) ? ["linux-amd64", "osx", "win"] : ["linux-amd64", "linux-arm64", "osx", "osx-arm64", "win"];

    private static string NameOf(string version, string platform) => $"istio-{version}-{platform}{(platform is "win" ? ".zip" : ".tar.gz")}";

    private List<(string Path, byte[] Content, bool Program)> Files(string version, bool windows, int generation)
    {
        var ballast = new byte[options.Ballast];
        // Always the same, and not to be compressed.
        new Random(generation).NextBytes(ballast);
        return
        [
            ("README.md", Encoding.UTF8.GetBytes($"A release of a lab: a stand-in for istioctl {version}, and no charts.\n"), false),
            windows ? ("bin/istioctl.cmd", Encoding.UTF8.GetBytes(Command(version)), false) : ("bin/istioctl", Encoding.UTF8.GetBytes(Script(version)), true),
            ("samples/README.md", "Install-MeshSample has samples.\n"u8.ToArray(), false),
            ("samples/ballast.bin", ballast, false),
        ];
    }

    private static string Script(string version) =>
        $"#!/bin/sh\n# A stand-in for istioctl, for lab clusters.\n{IstioctlCommand.VersionVariable}={version} exec {string.Join(' ', Start().Select(part => $"'{part.Replace("'", "'\\''", StringComparison.Ordinal)}'"))} istioctl \"$@\"\n";

    private static string Command(string version) => $"@echo off\r\nset {IstioctlCommand.VersionVariable}={version}\r\n{string.Join(' ', Start().Select(part => $"\"{part}\""))} istioctl %*\r\n";

    // This very program: by dotnet, or by its own starter.
    private static string[] Start()
    {
        var library = typeof(ReleaseArchives).Assembly.Location;
        var running = Environment.ProcessPath ?? "dotnet";
        var name = Path.GetFileNameWithoutExtension(running);
        return string.Equals(name, Path.GetFileNameWithoutExtension(library), StringComparison.Ordinal) ? [running]
            : name is "dotnet" ? [running, library]
            : [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet", library];
    }

    private static byte[] Tar(string version, List<(string Path, byte[] Content, bool Program)> files)
    {
        using var memory = new MemoryStream();
        using (var zipped = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zipped, TarEntryFormat.Ustar))
        {
            foreach (var folder in (string[])[string.Empty, "bin/", "samples/"])
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, $"istio-{version}/{folder}") { Mode = OfPrograms, ModificationTime = DateTimeOffset.UnixEpoch });
            }

            foreach (var (path, content, program) in files)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"istio-{version}/{path}")
                {
                    Mode = program ? OfPrograms : OfFiles, ModificationTime = DateTimeOffset.UnixEpoch, DataStream = new MemoryStream(content),
                });
            }
        }

        return memory.ToArray();
    }

    private static byte[] Zip(string version, List<(string Path, byte[] Content, bool Program)> files)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, content, _) in files)
            {
                using var stream = zip.CreateEntry($"istio-{version}/{path}", CompressionLevel.Fastest).Open();
                stream.Write(content);
            }
        }

        return memory.ToArray();
    }
}
