using MeshTools.Fleet;
using MeshTools.Install;

namespace MeshTools.Managed;

/// <summary>How Google is to run a control plane for a cluster.</summary>
/// <param name="FleetProject">The project that hosts the fleet.</param>
public sealed record ManagedInstallOptions(string FleetProject)
{
    /// <summary>Who signs; <see langword="null"/> for whoever does already, else Mesh CA.</summary>
    public MeshAuthority? Authority { get; init; }

    /// <summary>The pool of CA Service, with its template behind a colon.</summary>
    public string? CaPool { get; init; }

    /// <summary>The channel whose revision workloads are to name; <see langword="null"/> for that of the cluster.</summary>
    public ManagedChannel? Channel { get; init; }

    /// <summary>The way; <see langword="null"/> for the one that is in use already, else the fleet API where it does what is asked for, else a ControlPlaneRevision.</summary>
    public ManagedProvisioning? Via { get; init; }

    /// <summary>Whether the cluster is inside of a perimeter of VPC Service Controls; <see langword="null"/> to leave it as it is.</summary>
    public bool? UseVpcServiceControls { get; init; }

    /// <summary>What will have been done on Google's side before this: a membership or a feature that is among it need not be there when the plan is made.</summary>
    public IReadOnlyList<CloudChange> Coming { get; init; } = [];

    /// <summary>Whether the namespace will have been made, and labelled, before this.</summary>
    internal bool Prepared { get; init; }

    /// <summary>The membership's location where it is still to be made; <see langword="null"/> for the cluster's region.</summary>
    public string? MembershipLocation { get; init; }

    /// <summary>The membership's name where it is still to be made; <see langword="null"/> for the cluster's.</summary>
    public string? MembershipName { get; init; }

    /// <summary>Take over fields of the ControlPlaneRevision that somebody else set otherwise.</summary>
    public bool Force { get; init; }

    /// <summary>Wait until the control plane is ready.</summary>
    public bool Wait { get; init; }

    /// <summary>How long Google may take; ten minutes by default, as asmcli waits.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}
