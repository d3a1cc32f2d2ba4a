using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about control planes that Google manages.</content>
public static partial class ErrorCatalog
{
    /// <summary>A managed control plane cannot be had so.</summary>
    public static ErrorDefinition ManagedNotSupported { get; } = new(nameof(ManagedNotSupported), InvalidArgument,
        "A managed control plane cannot be had for this cluster, or not with what was asked for; the message says what.",
        "Leave out what the message names, or install a control plane in the cluster itself, without -Managed.");

    /// <summary>The fleet API does not do it.</summary>
    public static ErrorDefinition FleetApiNotPossible { get; } = new(nameof(FleetApiNotPossible), InvalidArgument,
        "The fleet API does not provide a control plane as it was asked for.", "Leave -Via out, or choose -Via ControlPlaneRevision.");

    /// <summary>The feature is not enabled.</summary>
    public static ErrorDefinition MeshFeatureNotEnabled { get; } = new(nameof(MeshFeatureNotEnabled), NotInstalled,
        "The fleet's service mesh feature is not enabled; without it Google manages no control plane.", "Enable it: `gcloud container fleet mesh enable --project FLEET`, or run Install-ServiceMesh with -EnableGoogleComponent.");

    /// <summary>The definition does not come.</summary>
    public static ErrorDefinition ControlPlaneRevisionNotServed { get; } = new(nameof(ControlPlaneRevisionNotServed), OperationTimeout,
        "Google did not install the definition of ControlPlaneRevisions in the cluster in time; it does so for members of a fleet with the service mesh feature.",
        "Check membership and feature with Test-ServiceMeshRequirement -Managed, wait some minutes, and run the command again: it does what is missing.");

    /// <summary>Google does not get on.</summary>
    public static ErrorDefinition ManagedProvisioningFailed { get; } = new(nameof(ManagedProvisioningFailed), InvalidResult,
        "Google could not provide the control plane; the message gives its state and conditions.", "Remove the cause that the message names, and run the command again: it waits for what is under way.");

    /// <summary>Google takes longer.</summary>
    public static ErrorDefinition ManagedProvisioningTimeout { get; } = new(nameof(ManagedProvisioningTimeout), OperationTimeout,
        "Google is still about to provide the control plane; only the wait for it is over.", "Run the command again, or look with Get-ServiceMesh -FleetState; a longer -Timeout waits longer.");

    /// <summary>A control plane that cannot be asked.</summary>
    public static ErrorDefinition ControlPlaneManaged { get; } = new(nameof(ControlPlaneManaged), InvalidOperation,
        "Google runs the control plane; what it reads cannot be asked as of an istiod in the cluster.", "Look at what the fleet says with Get-ServiceMesh -FleetState, and prove that calls arrive with Test-MeshConnectivity.");

    /// <summary>The fleet cannot be asked.</summary>
    public static ErrorDefinition ManagedFleetUnknown { get; } = new(nameof(ManagedFleetUnknown), InvalidOperation,
        "Whether the fleet manages the control plane cannot be asked; what is removed while it does, Google makes anew.",
        "Sign in with `gcloud auth application-default login`; or run `gcloud container fleet mesh update --management manual --memberships NAME --project FLEET --location LOCATION` and repeat with -Force.");
}
