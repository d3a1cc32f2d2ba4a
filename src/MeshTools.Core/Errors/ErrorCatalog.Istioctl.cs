using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about the program istioctl.</content>
public static partial class ErrorCatalog
{
    /// <summary>There is no istioctl.</summary>
    public static ErrorDefinition IstioctlNotFound { get; } = new(nameof(IstioctlNotFound), NotInstalled,
        "The program istioctl is needed and was not found.",
        "Save the release with Save-ServiceMeshPackage, and give its folder with -PackagePath or the istioctl in it with -IstioctlPath; or put an istioctl on the PATH.");

    /// <summary>istioctl could not do it.</summary>
    public static ErrorDefinition IstioctlFailed { get; } = new(nameof(IstioctlFailed), InvalidResult,
        "The program istioctl failed; the message ends with its own words.", "Run the command again with -Verbose to see all that istioctl says.");
}
