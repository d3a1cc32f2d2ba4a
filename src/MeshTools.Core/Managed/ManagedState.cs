namespace MeshTools.Managed;

/// <summary>The states of a managed control plane (gkehub/v1, <c>servicemesh.controlPlaneManagement.state</c>).</summary>
internal static class ManagedState
{
    internal const string Active = "ACTIVE";
    internal const string Degraded = "DEGRADED";
    internal const string Provisioning = "PROVISIONING";
    internal const string Stalled = "STALLED";
    internal const string Deprovisioning = "DEPROVISIONING";

    /// <summary>The control plane serves proxies.</summary>
    internal static bool IsGood(string? state) => state is Active or Degraded;

    /// <summary>Google does not go on by itself: somebody has to do something.</summary>
    internal static bool IsStuck(string? state) => state is Stalled or "FAILED_PRECONDITION" or "NEEDS_ATTENTION";
}
