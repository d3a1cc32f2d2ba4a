using System.Security.Cryptography;
using MeshTools.Errors;
using MeshTools.Install;
using MeshTools.Istioctl;
using MeshTools.Operations;

namespace MeshTools.Packages;

/// <summary>A release on this machine's disk: the archives as they were published, what shows that they are genuine, and all of it unpacked, so that it can be installed without a network.</summary>
/// <param name="Release">The release.</param>
/// <param name="PackagePath">The folder.</param>
/// <param name="Platforms">What it has an istioctl for.</param>
public sealed record ServiceMeshPackage(string Release, string PackagePath, IReadOnlyList<PackagedArchive> Platforms)
{
    /// <summary>The istioctl for this machine; <see langword="null"/> when the package has none.</summary>
    public string? Istioctl { get; init; }

    /// <summary>By whose signatures or checksums the archives were verified.</summary>
    public string VerifiedBy => string.Join(", ", Platforms.Select(platform => platform.VerifiedBy).Distinct(StringComparer.Ordinal));

    /// <summary>Bytes of the archives.</summary>
    public long Size => Platforms.Sum(platform => platform.Size);

    /// <summary>What became of it: <c>Unchanged</c> when everything was there, and was verified anew.</summary>
    public ChangeOutcome Change { get; init; } = ChangeOutcome.Unchanged;

    /// <summary>Whether a folder holds a package, whole or broken.</summary>
    /// <param name="path">The full path of the folder.</param>
    /// <returns>Whether it does.</returns>
    public static bool IsAt(string path) => File.Exists(Path.Combine(path, PackageManifest.FileName));

    /// <summary>Opens a package for use on this machine: its istioctl must be the one that was verified.</summary>
    /// <param name="path">The full path of the folder.</param>
    /// <param name="release">The release that is wanted; <see langword="null"/> for any.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The package, with an istioctl.</returns>
    /// <exception cref="MeshException">
    /// It is no package (<c>PackageNotFound</c>, <c>PackageInvalid</c>), of another release (<c>PackageReleaseWrong</c>), for other machines (<c>PackagePlatformMissing</c>), or was changed
    /// (<c>PackageChanged</c>).
    /// </exception>
    public static async Task<ServiceMeshPackage> OpenAsync(string path, IstioRelease? release, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        var manifest = PackageManifest.Read(path) ?? throw NotFound(path, release);
        if (release is not null && !string.Equals(manifest.Release, release.Text, StringComparison.Ordinal))
            throw new MeshException(ErrorCatalog.PackageReleaseWrong, $"{path} is a package of {manifest.Release}, and {release} is wanted", path);
        var archive = ForThisMachine(manifest) ?? throw new MeshException(
            ErrorCatalog.PackagePlatformMissing, $"{path} has {manifest.Release} for {string.Join(", ", manifest.Platforms)}, and this machine needs {PackagePlatform.OfThisMachine()[0]}", path,
            $"Add it, where there is a network: Save-ServiceMeshPackage {manifest.Release} -PackagePath {path}. Or install from a machine that the package is for.");
        var istioctl = Path.Combine([path, .. archive.Istioctl.Split('/')]);
        await RequireVerifiedAsync(istioctl, archive, cancellationToken).ConfigureAwait(false);
        if (IstioctlProgram.TryFind(istioctl) is null)
            throw new MeshException(ErrorCatalog.PackageChanged, $"{istioctl} may not be run; copying to a disk without permissions loses that", istioctl, $"Give it back: chmod +x {istioctl}");
        return Of(manifest, path);
    }

    /// <summary>The folder.</summary>
    /// <returns>The folder.</returns>
    public override string ToString() => PackagePath;

    internal static ServiceMeshPackage Of(PackageManifest manifest, string path) => new(manifest.Release, path, manifest.Platforms)
    {
        Istioctl = ForThisMachine(manifest) is { } archive ? Path.Combine([path, .. archive.Istioctl.Split('/')]) : null,
    };

    private static PackagedArchive? ForThisMachine(PackageManifest manifest) =>
        PackagePlatform.OfThisMachine().Select(platform => manifest.Platforms.FirstOrDefault(archive => string.Equals(archive.Platform, platform.Name, StringComparison.Ordinal))).FirstOrDefault(archive => archive is not null);

    private static async Task RequireVerifiedAsync(string istioctl, PackagedArchive archive, CancellationToken cancellationToken)
    {
        string hash;
        try
        {
            var file = File.OpenRead(istioctl);
            await using (file.ConfigureAwait(false))
                hash = Convert.ToHexString(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MeshException(ErrorCatalog.PackageChanged, $"{istioctl} is gone", istioctl, "Save the package again: Save-ServiceMeshPackage puts back what is missing, and needs no network for it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeshException(ErrorCatalog.PackageFileFailed, $"{istioctl} cannot be read: {e.Message}", istioctl, innerException: e);
        }

        if (!string.Equals(hash, archive.IstioctlSha256, StringComparison.OrdinalIgnoreCase))
            throw new MeshException(ErrorCatalog.PackageChanged, $"{istioctl} is not the file that was verified ({archive.VerifiedBy})", istioctl);
    }

    private static MeshException NotFound(string path, IstioRelease? release) =>
        !Directory.Exists(path) ? new MeshException(ErrorCatalog.PackageNotFound, $"there is no folder {path}", path, Save(path, release))
        : IstioctlProgram.TryFind(path) is { } program ? new MeshException(ErrorCatalog.PackageNotFound, $"{path} is no saved package; it holds {program.Path}", path, $"Name an unpacked release with -IstioctlPath {path}; nobody has verified it.")
        : new MeshException(ErrorCatalog.PackageNotFound, $"{path} is no saved package", path, Save(path, release));

    private static string Save(string path, IstioRelease? release) =>
        $"Save one, where there is a network: Save-ServiceMeshPackage {release?.Text ?? "RELEASE"} -PackagePath {path}";
}
