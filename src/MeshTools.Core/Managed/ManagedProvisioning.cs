namespace MeshTools.Managed;

/// <summary>How Google is told to run a control plane.</summary>
public enum ManagedProvisioning
{
    /// <summary>The fleet is told to manage the mesh of the cluster's membership; Google does the rest.</summary>
    FleetApi,

    /// <summary>A ControlPlaneRevision in the cluster asks for one, as asmcli does. It also does what the fleet API does not: CA Service, another channel than the cluster's, the stable channel, VPC Service Controls.</summary>
    ControlPlaneRevision,
}
