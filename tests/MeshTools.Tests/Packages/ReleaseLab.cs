using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Lab;
using MeshTools.Packages;
using MeshTools.Tests.Scenarios;

namespace MeshTools.Tests.Packages;

/// <summary>A lab's release server, and a folder to save into.</summary>
internal sealed class ReleaseLab : IAsyncDisposable
{
    public const string Mesh = "1.28.5-asm.12";

    public const string Istio = "1.30.3";

    public static readonly PackagePlatform Linux = new("linux-amd64");

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("meshtools-packages-");

    private ReleaseLab(ReleaseServer server)
    {
        Server = server;
        KeyFile = System.IO.Path.Combine(_home.FullName, "key.pem");
        File.WriteAllText(KeyFile, server.PublicKeyPem);
        Path = System.IO.Path.Combine(_home.FullName, "package");
    }

    public ReleaseServer Server { get; }

    public string KeyFile { get; }

    /// <summary>The package.</summary>
    public string Path { get; set; }

    public RecordedLog Log { get; private set; } = new();

    public DownloadOptions Download { get; set; } = new() { FirstDelay = TimeSpan.FromMilliseconds(1), Environment = new GoogleEnvironment(_ => null) };

    public string Archive => System.IO.Path.Combine(Path, $"istio-{Mesh}-linux-amd64.tar.gz");

    public string Folder => System.IO.Path.Combine(Path, $"istio-{Mesh}-linux-amd64");

    public string Partial => Archive + ".partial";

    public static async Task<ReleaseLab> StartAsync(int ballast = 512 * 1024) => new(await ReleaseServer.StartAsync(new ReleaseOptions { Ballast = ballast }, CancellationToken.None));

    public PackageRequest Request(string release = Mesh, params PackagePlatform[] platforms) =>
        new(IstioRelease.Parse(release), Path, platforms is [] ? [Linux] : platforms, ReleaseSource.Choose(Server.Source, KeyFile, _ => null)) { Download = Download };

    /// <summary>Saves; what fails is in the log, which begins anew.</summary>
    public async Task<ServiceMeshPackage?> SaveAsync(PackageRequest? request = null, CancellationToken cancellationToken = default)
    {
        Log = new RecordedLog();
        var plan = await PackagePlan.CreateAsync(request ?? Request(), Log, cancellationToken);
        return await plan.ExecuteAsync(_ => true, Log, cancellationToken);
    }

    /// <summary>The error of a run that saves nothing.</summary>
    public async Task<MeshTools.Errors.MeshError> FailAsync(PackageRequest? request = null)
    {
        Xunit.Assert.Null(await SaveAsync(request));
        return MeshTools.Errors.ErrorCatalog.Describe(Xunit.Assert.Single(Log.Failures).Error);
    }

    /// <summary>Requests for parts of archives: the byte from which each was asked for.</summary>
    public IReadOnlyList<long> Ranges() => [.. Server.Requests.Where(request => request.Contains("bytes=", StringComparison.Ordinal)).Select(request => long.Parse(request.Split("bytes=")[1].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture))];

    public static void TakePermission(string file)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
    }

    public static bool MayBeRun(string file) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & UnixFileMode.UserExecute) != UnixFileMode.None;

    /// <summary>All that is in the package's folder, but for what is unpacked.</summary>
    public IReadOnlyList<string> Files() => Directory.Exists(Path) ? [.. new DirectoryInfo(Path).EnumerateFileSystemInfos().Select(item => item.Name).Order(StringComparer.Ordinal)] : [];

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _home.Delete(recursive: true);
    }
}
