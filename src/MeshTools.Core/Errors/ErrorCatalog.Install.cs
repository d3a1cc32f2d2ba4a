using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about installations.</content>
public static partial class ErrorCatalog
{
    /// <summary>No version.</summary>
    public static ErrorDefinition ReleaseInvalid { get; } = new(nameof(ReleaseInvalid), InvalidArgument,
        "That is no version of Istio or Cloud Service Mesh.", "Give one like 1.28.5-asm.12 or 1.30.3.");

    /// <summary>A revision that cannot be one.</summary>
    public static ErrorDefinition RevisionInvalid { get; } = new(nameof(RevisionInvalid), InvalidArgument,
        "That cannot be a revision.", "Use at most 56 lower-case letters, digits and hyphens, beginning and ending with a letter or digit.");

    /// <summary>No CA pool.</summary>
    public static ErrorDefinition CaPoolInvalid { get; } = new(nameof(CaPoolInvalid), InvalidArgument,
        "That is no name of a CA pool.",
        "Give projects/PROJECT/locations/REGION/caPools/POOL; with a template, append a colon and projects/PROJECT/locations/REGION/certificateTemplates/TEMPLATE.");

    /// <summary>No such option.</summary>
    public static ErrorDefinition OptionUnknown { get; } = new(nameof(OptionUnknown), InvalidArgument,
        "There is no such option, or none any more.", "Choose one that tab completion offers, or put what you need into an overlay and give it with -Overlay.");

    /// <summary>An overlay that cannot be used.</summary>
    public static ErrorDefinition OverlayInvalid { get; } = new(nameof(OverlayInvalid), InvalidData,
        "An overlay cannot be used.", "Give files that hold IstioOperator documents of apiVersion install.istio.io/v1alpha1.");
}
