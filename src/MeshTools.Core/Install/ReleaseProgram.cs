using MeshTools.Errors;
using MeshTools.Istioctl;

namespace MeshTools.Install;

/// <summary>The istioctl with which a release is rendered and installed: its charts are what is installed, so it is of that very release.</summary>
/// <param name="Program">The program.</param>
/// <param name="Version">What it says its version is.</param>
internal sealed record ReleaseProgram(IstioctlProgram Program, IstioRelease Version)
{
    /// <summary>Finds it and asks for its version.</summary>
    /// <param name="path">istioctl, or a folder that holds it; <see langword="null"/> for the one on the PATH.</param>
    /// <param name="release">The release that is wanted; <see langword="null"/> for any.</param>
    /// <param name="cancellationToken">Ends istioctl.</param>
    /// <returns>The program.</returns>
    /// <exception cref="MeshException">There is none (<c>IstioctlNotFound</c>), it does not say what it is (<c>IstioctlFailed</c>), or it is of another version (<c>IstioctlVersionWrong</c>).</exception>
    internal static async Task<ReleaseProgram> FindAsync(string? path, IstioRelease? release, CancellationToken cancellationToken)
    {
        var program = IstioctlProgram.Find(path);
        var text = await program.GetVersionAsync(cancellationToken).ConfigureAwait(false);
        var version = IstioRelease.TryParse(text) ?? throw new MeshException(ErrorCatalog.IstioctlFailed, $"{program.Path} says that its version is '{text}', which is no version", program.Path);
        return release is null || release.IsInstalledBy(version)
            ? new ReleaseProgram(program, version)
            : throw new MeshException(ErrorCatalog.IstioctlVersionWrong, $"{program.Path} is istioctl {version}, and {release} is wanted", program.Path,
                $"Save-ServiceMeshPackage {release} gets the right one: give its folder with -PackagePath. Or name an istioctl of that release with -IstioctlPath, or leave -Release out.");
    }
}
