using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;

namespace MeshTools.Cmdlets;

/// <summary>Which project hosts the fleet: the one that was named, the cluster's, or the environment's.</summary>
internal static class FleetProjects
{
    internal static string Of(string? named, MeshCluster? cluster) =>
        named ?? cluster?.FleetProject ?? new GoogleEnvironment().Project ?? cluster?.ProjectId
        ?? throw new MeshException(ErrorCatalog.FleetProjectUnknown, $"{(cluster is null ? "" : cluster.Name + ": ")}no fleet project is named, here or in the environment", cluster);
}
