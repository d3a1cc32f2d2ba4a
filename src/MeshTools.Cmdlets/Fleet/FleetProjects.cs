using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;

namespace MeshTools.Cmdlets;

/// <summary>Which project hosts the fleet: the one that was named, the cluster's, its own project (as asmcli has it), or the environment's.</summary>
internal static class FleetProjects
{
    internal static string Of(string? named, MeshCluster? cluster) =>
        named ?? cluster?.FleetProject ?? cluster?.ProjectId ?? new GoogleEnvironment().Project
        ?? throw new MeshException(ErrorCatalog.FleetProjectUnknown, $"{(cluster is null ? "" : cluster.Name + ": ")}no fleet project is named, here or in the environment", cluster);
}
