using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about revisions and their tags.</content>
public static partial class ErrorCatalog
{
    /// <summary>A revision that is not there.</summary>
    public static ErrorDefinition RevisionNotFound { get; } = new(nameof(RevisionNotFound), ObjectNotFound,
        "The cluster has no control plane of that revision.", "Choose one that Get-MeshRevision lists, or install it first with Install-ServiceMesh -Revision.");

    /// <summary>More than one revision.</summary>
    public static ErrorDefinition RevisionAmbiguous { get; } = new(nameof(RevisionAmbiguous), InvalidArgument,
        "It is not clear which revision is meant.", "Name it with -Revision; Get-MeshRevision lists those there are.");

    /// <summary>A tag that leads elsewhere.</summary>
    public static ErrorDefinition RevisionTagExists { get; } = new(nameof(RevisionTagExists), ResourceExists,
        "The tag leads to another revision.", "Move it with -Overwrite; the pods of its namespaces get the other revision's proxy when they are restarted.");

    /// <summary>A tag that is not there.</summary>
    public static ErrorDefinition RevisionTagNotFound { get; } = new(nameof(RevisionTagNotFound), ObjectNotFound,
        "The cluster has no revision tag of that name.", "Get-MeshRevisionTag lists those there are.");

    /// <summary>A name that cannot be a tag.</summary>
    public static ErrorDefinition RevisionTagInvalid { get; } = new(nameof(RevisionTagInvalid), InvalidArgument,
        "That name cannot be a revision tag.", "Use at most 63 lower-case letters, digits and hyphens, and no name of a revision.");
}
