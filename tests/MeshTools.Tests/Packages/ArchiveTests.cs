using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using MeshTools.Errors;
using MeshTools.Packages;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Packages;

public sealed class ArchiveTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("meshtools-archive-");

    public void Dispose() => _home.Delete(recursive: true);

    public static TheoryData<string, TarEntryType, string> Refused() => new()
    {
        { "istio-1/../../out", TarEntryType.RegularFile, "" },
        { "../out", TarEntryType.RegularFile, "" },
        { "/out", TarEntryType.RegularFile, "" },
        { "istio-1/a\\..\\..\\out", TarEntryType.RegularFile, "" },
        { "istio-1/c:out", TarEntryType.RegularFile, "" },
        { "other/out", TarEntryType.RegularFile, "" },
        { "out", TarEntryType.RegularFile, "" },
        { "istio-1/BIN/istioctl", TarEntryType.RegularFile, "" },
        { "istio-1/link", TarEntryType.SymbolicLink, "/etc/passwd" },
        { "istio-1/link", TarEntryType.SymbolicLink, "../out" },
        { "istio-1/samples/link", TarEntryType.SymbolicLink, "../../out" },
        { "istio-1/samples/link", TarEntryType.SymbolicLink, "inner/../../out" },
        { "istio-1/bin", TarEntryType.SymbolicLink, "samples" },
        { "istio-1/inside/out", TarEntryType.RegularFile, "" },
        { "istio-1/hard", TarEntryType.HardLink, "istio-1/bin/istioctl" },
        { "istio-1/pipe", TarEntryType.Fifo, "" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_would_lie_or_lead_elsewhere_is_refused_and_nothing_is_left(string path, TarEntryType type, string target)
    {
        var archive = Tar(("istio-1/bin/istioctl", TarEntryType.RegularFile, ""), ("istio-1/samples/", TarEntryType.Directory, ""), ("istio-1/inside", TarEntryType.SymbolicLink, "samples"), (path, type, target));

        var error = await Assert.ThrowsAsync<MeshException>(() => UnpackAsync(archive, "istio.tar.gz"));

        Assert.Equal(ErrorCatalog.PackageInvalid, error.Definition);
        Assert.Empty(_home.EnumerateFileSystemInfos());
    }

    [Theory]
    [InlineData("../out")]
    [InlineData("istio-1/../../out")]
    [InlineData("istio-1\\..\\out")]
    [InlineData("/out")]
    public async Task A_zip_is_held_to_the_same(string path)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.CreateEntry("istio-1/bin/istioctl.exe");
            zip.CreateEntry(path);
        }

        Assert.Equal(ErrorCatalog.PackageInvalid, (await Assert.ThrowsAsync<MeshException>(() => UnpackAsync(memory.ToArray(), "istio.zip"))).Definition);
        Assert.Empty(_home.EnumerateFileSystemInfos());
    }

    [SkippableFact]
    public async Task A_zip_with_a_link_is_refused()
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.CreateEntry("istio-1/bin/istioctl.exe");
            zip.CreateEntry("istio-1/link").ExternalAttributes = unchecked((int)0xA1FF0000);
        }

        Assert.Equal(ErrorCatalog.PackageInvalid, (await Assert.ThrowsAsync<MeshException>(() => UnpackAsync(memory.ToArray(), "istio.zip"))).Definition);
    }

    [Theory]
    [InlineData("istio.tar.gz")]
    [InlineData("istio.zip")]
    public async Task Rubbish_is_an_error_of_its_own(string name)
    {
        foreach (var content in new[] { [], "rubbish, and not little of it"u8.ToArray(), new byte[4096] })
            Assert.Equal(ErrorCatalog.PackageInvalid, (await Assert.ThrowsAsync<MeshException>(() => UnpackAsync(content, name))).Definition);
        Assert.Empty(_home.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task An_archive_that_ends_too_early_leaves_nothing()
    {
        var whole = Tar(("istio-1/bin/istioctl", TarEntryType.RegularFile, ""), ("istio-1/large", TarEntryType.RegularFile, ""));
        foreach (var length in new[] { whole.Length / 3, whole.Length / 2 })
            Assert.Equal(ErrorCatalog.PackageInvalid, (await Assert.ThrowsAsync<MeshException>(() => UnpackAsync(whole[..length], "istio.tar.gz"))).Definition);
        Assert.Empty(_home.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task An_archive_without_istioctl_is_refused()
    {
        var error = await Assert.ThrowsAsync<MeshException>(() => UnpackAsync(Tar(("istio-1/README.md", TarEntryType.RegularFile, "")), "istio.tar.gz"));

        Assert.Contains("no bin/istioctl", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Links_within_and_permissions_are_kept()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows gives neither to everybody.");
        var archive = Tar(
            ("./istio-1/", TarEntryType.Directory, ""), ("./istio-1/bin/istioctl", TarEntryType.RegularFile, ""), ("./istio-1/samples/a", TarEntryType.RegularFile, ""),
            ("./istio-1/samples/up", TarEntryType.SymbolicLink, "../bin/istioctl"), ("./istio-1/beside", TarEntryType.SymbolicLink, "samples"));

        var folder = await UnpackAsync(archive, "istio.tar.gz");

        Assert.Equal("istio-1/bin/istioctl", (await File.ReadAllTextAsync(Path.Combine(folder, "samples", "up")))[2..22]);
        Assert.True(File.Exists(Path.Combine(folder, "beside", "a")));
        Assert.True(ReleaseLab.MayBeRun(Path.Combine(folder, "bin", "istioctl")));
        Assert.False(ReleaseLab.MayBeRun(Path.Combine(folder, "samples", "a")));
        using var again = new MemoryStream(archive);
        Assert.True((await new UnpackedArchive(again, "istio.tar.gz", folder).CompareAsync(CancellationToken.None)).IsNone);
    }

    private async Task<string> UnpackAsync(byte[] archive, string name)
    {
        var folder = Path.Combine(_home.FullName, "unpacked");
        using var stream = new MemoryStream(archive);
        await new UnpackedArchive(stream, name, folder).UnpackAsync(new RecordedLog(), CancellationToken.None);
        return folder;
    }

    // The content of a file is its path, many times.
    private static byte[] Tar(params (string Path, TarEntryType Type, string Target)[] entries)
    {
        using var memory = new MemoryStream();
        using (var zipped = new GZipStream(memory, CompressionLevel.NoCompression, leaveOpen: true))
        using (var tar = new TarWriter(zipped, TarEntryFormat.Pax))
        {
            foreach (var (path, type, target) in entries)
            {
                var entry = new PaxTarEntry(type, path) { Mode = path.EndsWith("istioctl", StringComparison.Ordinal) ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100 };
                if (target.Length > 0)
                    entry.LinkName = target;
                if (type is TarEntryType.RegularFile)
                    entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(path, 200))));
                tar.WriteEntry(entry);
            }
        }

        return memory.ToArray();
    }
}
