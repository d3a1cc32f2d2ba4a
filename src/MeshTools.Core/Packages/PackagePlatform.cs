using System.Runtime.InteropServices;
using MeshTools.Errors;
using MeshTools.Install;

namespace MeshTools.Packages;

/// <summary>An operating system that releases have an istioctl for.</summary>
public enum PackageOperatingSystem
{
    /// <summary>Linux.</summary>
    Linux,

    /// <summary>macOS.</summary>
    MacOS,

    /// <summary>Windows.</summary>
    Windows,
}

/// <summary>A processor that releases have an istioctl for, by Go's names.</summary>
public enum PackageArchitecture
{
    /// <summary>x86-64.</summary>
    Amd64,

    /// <summary>ARM, 64 bit.</summary>
    Arm64,
}

/// <summary>
/// What a release archive is for, by the name it has in the archive's file name. Cloud Service Mesh has linux-amd64, osx and win (its page "Download istioctl"); Istio has these, and linux-arm64
/// and osx-arm64 (release-builder, pkg/build/archive.go).
/// </summary>
/// <param name="Name">For example <c>linux-amd64</c>.</param>
public sealed record PackagePlatform(string Name)
{
    internal string Extension => Name is "win" ? ".zip" : ".tar.gz";

    /// <summary>What this machine runs, best first: macOS and Windows run programs for amd64 on arm64 too.</summary>
    internal static IReadOnlyList<PackagePlatform> OfThisMachine() => (MachineSystem(), MachineArchitecture()) switch
    {
        (PackageOperatingSystem.Linux, PackageArchitecture.Amd64) => [new("linux-amd64")],
        (PackageOperatingSystem.Linux, _) => [new("linux-arm64")],
        (PackageOperatingSystem.MacOS, PackageArchitecture.Amd64) => [new("osx")],
        (PackageOperatingSystem.MacOS, _) => [new("osx-arm64"), new("osx")],
        _ => [new("win")],
    };

    /// <summary>The archives of a release for some machines.</summary>
    /// <param name="release">The release.</param>
    /// <param name="systems">Operating systems; none for this machine's.</param>
    /// <param name="architectures">Processors; none for this machine's on its own operating system, and amd64 on others.</param>
    /// <returns>The archives, each once.</returns>
    /// <exception cref="MeshException">The release has none for one of them (<c>PackagePlatformMissing</c>).</exception>
    public static IReadOnlyList<PackagePlatform> Of(IstioRelease release, IReadOnlyList<PackageOperatingSystem> systems, IReadOnlyList<PackageArchitecture> architectures)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(systems);
        ArgumentNullException.ThrowIfNull(architectures);
        var here = MachineSystem();
        return
        [
            .. (systems.Count > 0 ? systems : [here])
                .SelectMany(system => (architectures.Count > 0 ? architectures : [system == here ? MachineArchitecture() : PackageArchitecture.Amd64]).Select(architecture => Of(release, system, architecture)))
                .Distinct(),
        ];
    }

    /// <summary>The name.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;

    private static PackagePlatform Of(IstioRelease release, PackageOperatingSystem system, PackageArchitecture architecture) => (system, architecture) switch
    {
        (PackageOperatingSystem.Linux, PackageArchitecture.Amd64) => new("linux-amd64"),
        (PackageOperatingSystem.Linux, _) when !release.IsCloudServiceMesh => new("linux-arm64"),
        (PackageOperatingSystem.MacOS, PackageArchitecture.Arm64) when !release.IsCloudServiceMesh => new("osx-arm64"),
        // For amd64, which macOS translates.
        (PackageOperatingSystem.MacOS, _) => new("osx"),
        (PackageOperatingSystem.Windows, _) => new("win"),
        _ => throw new MeshException(
            ErrorCatalog.PackagePlatformMissing, $"Cloud Service Mesh {release} has no archive for {system} on {architecture}", release.Text,
            "Save it for a machine that it has one for, such as -OperatingSystem Linux -Architecture Amd64, and install from there."),
    };

    private static PackageOperatingSystem MachineSystem() =>
        OperatingSystem.IsWindows() ? PackageOperatingSystem.Windows : OperatingSystem.IsMacOS() ? PackageOperatingSystem.MacOS : PackageOperatingSystem.Linux;

    private static PackageArchitecture MachineArchitecture() => RuntimeInformation.OSArchitecture is Architecture.Arm64 ? PackageArchitecture.Arm64 : PackageArchitecture.Amd64;
}
