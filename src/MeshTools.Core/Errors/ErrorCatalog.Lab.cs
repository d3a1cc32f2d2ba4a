using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors of the lab's commands.</content>
public static partial class ErrorCatalog
{
    /// <summary>There is nothing to run the lab with.</summary>
    public static ErrorDefinition LabRuntimeNotFound { get; } = new(nameof(LabRuntimeNotFound), NotInstalled,
        "The ASP.NET Core runtime that the lab runs on is not installed.",
        "Install the .NET SDK or the ASP.NET Core runtime (https://dotnet.microsoft.com/download), or set DOTNET_ROOT to where it is.");

    /// <summary>The lab ended before it was ready.</summary>
    public static ErrorDefinition LabStartFailed { get; } = new(nameof(LabStartFailed), ResourceUnavailable,
        "The lab's program ended before it was ready, or its files cannot be written; the message says why.", "Correct what the message names; with -Force a kubeconfig that is not a lab's is overwritten.");

    /// <summary>No such lab.</summary>
    public static ErrorDefinition LabNotFound { get; } = new(nameof(LabNotFound), ObjectNotFound,
        "No lab with that id runs; the message lists those that do.", "List the running labs with Get-MeshLab.");
}
