using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about saved packages.</content>
public static partial class ErrorCatalog
{
    /// <summary>No such release.</summary>
    public static ErrorDefinition ReleaseNotFound { get; } = new(nameof(ReleaseNotFound), ObjectNotFound,
        "The source has no archive of that release. A proxy or a mirror that forbids the address answers in the same way.",
        "Check the release: https://cloud.google.com/service-mesh/docs/release-notes lists those of Cloud Service Mesh, https://github.com/istio/istio/releases those of Istio.");

    /// <summary>A source that cannot be one.</summary>
    public static ErrorDefinition PackageSourceInvalid { get; } = new(nameof(PackageSourceInvalid), InvalidArgument,
        "That cannot be a source of release archives.", "Give the https address of the folder in which a mirror has the archives, under the names that they have at their maker's.");

    /// <summary>No network.</summary>
    public static ErrorDefinition PackageSourceUnreachable { get; } = new(nameof(PackageSourceUnreachable), ConnectionError,
        "The server with the release archives cannot be reached.",
        "Check the network and HTTPS_PROXY, or name a mirror with -Source. Where there is no way out, run Save-ServiceMeshPackage on another machine, bring the folder here, and install with -PackagePath FOLDER -Offline.");

    /// <summary>A download that did not come.</summary>
    public static ErrorDefinition DownloadFailed { get; } = new(nameof(DownloadFailed), ResourceUnavailable,
        "A release archive could not be downloaded.", "Run the command again: it goes on where the download stopped.");

    /// <summary>An archive that is not what it should be.</summary>
    public static ErrorDefinition PackageNotVerified { get; } = new(nameof(PackageNotVerified), SecurityError,
        "An archive is not shown to be its maker's; nothing of it was unpacked or kept.",
        "Run the command again. If it is so again, do not use what the source has: get it elsewhere, or, for a mirror that signs itself, name its key with -PublicKey.");

    /// <summary>A key that is none.</summary>
    public static ErrorDefinition PublicKeyInvalid { get; } = new(nameof(PublicKeyInvalid), InvalidData,
        "A file holds no public key that can be used.", "Give a PEM file that begins with BEGIN PUBLIC KEY; openssl pkey -in KEY -pubout writes one.");

    /// <summary>No room.</summary>
    public static ErrorDefinition PackageDiskFull { get; } = new(nameof(PackageDiskFull), ResourceUnavailable,
        "The disk has no room for a package; what was there before is as it was.", "Make room, or choose another folder with -PackagePath, and run the command again: it goes on with what has come.");

    /// <summary>A file that cannot be written.</summary>
    public static ErrorDefinition PackageFileFailed { get; } = new(nameof(PackageFileFailed), InvalidOperation,
        "A file of a package cannot be read or written.", "Check that you may read and write there, and run the command again: it does what is missing.");

    /// <summary>Somebody else writes it.</summary>
    public static ErrorDefinition PackageBusy { get; } = new(nameof(PackageBusy), ResourceBusy,
        "Another process is saving the same package.", "Wait until it is done, then run the command again.");

    /// <summary>An archive that cannot be unpacked.</summary>
    public static ErrorDefinition PackageInvalid { get; } = new(nameof(PackageInvalid), InvalidData,
        "An archive or the description of a package cannot be used.", "Save the package anew, in an empty folder.");

    /// <summary>No package.</summary>
    public static ErrorDefinition PackageNotFound { get; } = new(nameof(PackageNotFound), ObjectNotFound,
        "The folder holds no saved package.", "Save one: Save-ServiceMeshPackage RELEASE -PackagePath FOLDER. An unpacked release is named with -IstioctlPath.");

    /// <summary>A package for other machines.</summary>
    public static ErrorDefinition PackagePlatformMissing { get; } = new(nameof(PackagePlatformMissing), ObjectNotFound,
        "There is no istioctl for the machine that is meant.", "Save it for this machine too: Save-ServiceMeshPackage RELEASE -PackagePath FOLDER, where it can be downloaded with -OperatingSystem and -Architecture.");

    /// <summary>A package of another release.</summary>
    public static ErrorDefinition PackageReleaseWrong { get; } = new(nameof(PackageReleaseWrong), InvalidArgument,
        "The package is of another release than the one that is wanted.", "Save each release into a folder of its own, and name that with -PackagePath.");

    /// <summary>A package that somebody changed.</summary>
    public static ErrorDefinition PackageChanged { get; } = new(nameof(PackageChanged), SecurityError,
        "A package is not as it was when it was verified.", "Run Save-ServiceMeshPackage with -Force on the folder: it verifies everything anew, and replaces what was changed.");
}
