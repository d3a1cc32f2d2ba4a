namespace MeshTools.Managed;

/// <summary>What a fleet is told to do for the mesh of a member (gkehub/v1, <c>membershipSpecs[].mesh.management</c>).</summary>
internal static class MeshManagement
{
    internal const string Automatic = "MANAGEMENT_AUTOMATIC";
    internal const string Manual = "MANAGEMENT_MANUAL";
}
