using System.Management.Automation;
using MeshTools.Install;
using MeshTools.Packages;

namespace MeshTools.Cmdlets;

/// <summary>Saves a release for installations without a network.</summary>
[Cmdlet(VerbsData.Save, "ServiceMeshPackage", SupportsShouldProcess = true)]
[OutputType(typeof(ServiceMeshPackage))]
public sealed class SaveServiceMeshPackageCommand : MeshCmdlet
{
    /// <summary>The release.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The release, such as 1.28.5-asm.12 (Cloud Service Mesh) or 1.30.3 (Istio).")]
    [ValidateNotNullOrEmpty]
    public string Release { get; set; } = "";

    /// <summary>The folder.</summary>
    [Parameter(Position = 1, HelpMessage = "The folder of the package; without it istio-RELEASE in the current one.")]
    [Alias("Path")]
    [ValidateNotNullOrEmpty]
    public string? PackagePath { get; set; }

    /// <summary>For which systems.</summary>
    [Parameter(HelpMessage = "The operating systems of the machines that will install; without it this machine's.")]
    [ValidateSet("Linux", "MacOS", "Windows")]
    public string[] OperatingSystem { get; set; } = [];

    /// <summary>For which processors.</summary>
    [Parameter(HelpMessage = "Their processors; without it this machine's for its own operating system, and Amd64 for others.")]
    [ValidateSet("Amd64", "Arm64")]
    public string[] Architecture { get; set; } = [];

    /// <summary>A mirror.</summary>
    [Parameter(HelpMessage = "The address of a mirror: the folder in which it has the archives with their signatures (.1.sig) or checksums (.sha256). Without it that of MESHTOOLS_RELEASE_SOURCE, else Google's bucket or Istio's releases on GitHub.")]
    [ValidateNotNull]
    public Uri? Source { get; set; }

    /// <summary>The mirror's key.</summary>
    [Parameter(HelpMessage = "A PEM file with the public key of a mirror that signs the archives itself, with .1.sig files.")]
    [ValidateNotNullOrEmpty]
    public string? PublicKey { get; set; }

    /// <summary>Replaces what was changed.</summary>
    [Parameter(HelpMessage = "Replaces files that are not as they were verified, and asks nothing.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var path = PathOf(PackagePath ?? $"istio-{Release}");
        var key = PublicKey is null ? null : PathOf(PublicKey);
        Run(async (sink, stop) =>
        {
            var release = IstioRelease.Parse(Release);
            var platforms = PackagePlatform.Of(release, [.. OperatingSystem.Select(name => Enum.Parse<PackageOperatingSystem>(name, ignoreCase: true))], [.. Architecture.Select(name => Enum.Parse<PackageArchitecture>(name, ignoreCase: true))]);
            var request = new PackageRequest(release, path, platforms, ReleaseSource.Choose(Source, key, Environment.GetEnvironmentVariable)) { Force = Force };
            if (await PackageSaving.SaveAsync(request, OnlyAsking, sink, stop).ConfigureAwait(false) is { } package)
                sink.Output(package);
        });
    }
}
