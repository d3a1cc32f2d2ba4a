using MeshTools.Clusters;

namespace MeshTools.Errors;

/// <summary>The errors that more than one part of this module reports.</summary>
internal static class MeshErrors
{
    internal static MeshException ControlPlaneNotFound(MeshCluster cluster, string ns) =>
        new(ErrorCatalog.ControlPlaneNotFound, $"{cluster.Name}: no istiod runs in namespace {ns}", cluster);
}
