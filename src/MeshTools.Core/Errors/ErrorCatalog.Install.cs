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

    /// <summary>No fleet.</summary>
    public static ErrorDefinition FleetProjectMissing { get; } = new(nameof(FleetProjectMissing), InvalidArgument,
        "A certificate authority of Google Cloud serves the workloads of a fleet, and no fleet is named.", "Name the fleet's host project with -FleetProject, or choose certificate authority IstioCA.");

    /// <summary>istioctl of another version.</summary>
    public static ErrorDefinition IstioctlVersionWrong { get; } = new(nameof(IstioctlVersionWrong), InvalidArgument,
        "The istioctl at hand is of another version than the release that is to be installed; its charts would be others.",
        "Save that release with Save-ServiceMeshPackage, and give its folder with -PackagePath; or name an istioctl of it with -IstioctlPath, or leave -Release out.");

    /// <summary>A newer revision.</summary>
    public static ErrorDefinition RevisionNewer { get; } = new(nameof(RevisionNewer), InvalidOperation,
        "A newer control plane is installed; an older one beside it is a step back.", "Install the same or a newer release, or say with -Force that the step back is meant.");

    /// <summary>A revision of another version.</summary>
    public static ErrorDefinition RevisionTaken { get; } = new(nameof(RevisionTaken), ResourceExists,
        "The revision is installed in another version; changing it in place would take every workload along at once.",
        "Give another name with -Revision, and move namespaces to it one by one; or say with -Force that the change in place is meant.");

    /// <summary>A control plane elsewhere.</summary>
    public static ErrorDefinition ControlPlaneElsewhere { get; } = new(nameof(ControlPlaneElsewhere), InvalidOperation,
        "A control plane runs in another namespace of the cluster.", "Uninstall it first, or leave this cluster out.");

    /// <summary>Something that must be there before an installation.</summary>
    public static ErrorDefinition RequirementNotMet { get; } = new(nameof(RequirementNotMet), InvalidOperation,
        "Something that an installation needs is not there, and the command may not make it.",
        "Let the command make it with the switch that it names (or all with -EnableAll), or do what it names; `Test-ServiceMeshRequirement` lists everything at once.");

    /// <summary>Nothing to prepare.</summary>
    public static ErrorDefinition NothingEnabled { get; } = new(nameof(NothingEnabled), InvalidArgument,
        "Only the preparation was asked for, and no part of it was allowed.", "Add -EnableAll, or the switches of what may be changed, such as -EnableApi.");

    /// <summary>Parameters that exclude each other.</summary>
    public static ErrorDefinition ParametersContradict { get; } = new(nameof(ParametersContradict), InvalidArgument,
        "Two parameters contradict each other.", "Leave one of the two out.");

    /// <summary>A permission that is missing.</summary>
    public static ErrorDefinition PermissionMissing { get; } = new(nameof(PermissionMissing), PermissionDenied,
        "The user lacks permissions that an installation needs.", "Ask for the ClusterRole cluster-admin, or for the permissions that the message names.");

    /// <summary>A revision in use.</summary>
    public static ErrorDefinition RevisionInUse { get; } = new(nameof(RevisionInUse), ResourceBusy,
        "Workloads use the control plane that is to go.",
        "Move their namespaces to another revision and restart them (Enable-SidecarInjection, Restart-MeshWorkload), or uninstall with -Force: their proxies then run on without a control plane.");

    /// <summary>The control plane does not come up.</summary>
    public static ErrorDefinition InstallationFailed { get; } = new(nameof(InstallationFailed), InvalidResult,
        "The control plane did not come up; the message gives the cluster's own reason.", "Remove the cause that the message names, and run the command again: it does what is missing.");

    /// <summary>A certificate for an authority that uses none.</summary>
    public static ErrorDefinition CertificateNotUsed { get; } = new(nameof(CertificateNotUsed), InvalidArgument,
        "A signing certificate was given, and the chosen authority uses none.", "Choose -CertificateAuthority IstioCA, or leave the certificate out.");

    /// <summary>Not all files of a certificate.</summary>
    public static ErrorDefinition CertificateIncomplete { get; } = new(nameof(CertificateIncomplete), InvalidArgument,
        "Not everything that belongs to a signing certificate was given.", "Give -Certificate, or all of -CaCert, -CaKey, -RootCert and -CertChain.");

    /// <summary>Two clusters with one folder.</summary>
    public static ErrorDefinition ConfigurationFolderShared { get; } = new(nameof(ConfigurationFolderShared), InvalidArgument,
        "Two clusters would share one folder of configuration; nothing was written.", "Export them one by one, each to a folder of its own with -OutDirectory, or give their contexts different names.");

    /// <summary>Files would be lost.</summary>
    public static ErrorDefinition ConfigurationFileExists { get; } = new(nameof(ConfigurationFileExists), ResourceExists,
        "Files of a configuration are there already and say something else; nothing was written for this cluster.", "See what would change with -WhatIf -Force, then export with -Force, or to another folder.");

    /// <summary>A file that cannot be read or written.</summary>
    public static ErrorDefinition ConfigurationFileFailed { get; } = new(nameof(ConfigurationFileFailed), InvalidOperation,
        "A file of a configuration cannot be read or written.", "Check that you may write there and that the disk has room, and run the command again: it writes what is missing.");
}
