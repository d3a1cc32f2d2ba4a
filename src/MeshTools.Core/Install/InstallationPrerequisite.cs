using MeshTools.Clusters;
using MeshTools.Fleet;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>Something that an installation needs, and what became of it.</summary>
/// <param name="Cluster">The cluster that it is for.</param>
/// <param name="Area">What it belongs to, and which switch allows it.</param>
/// <param name="Change">What became of it.</param>
/// <param name="Resource">What it is about, as a person names it: <c>project my-fleet</c>.</param>
/// <param name="Description">What was done, or found; one phrase.</param>
public sealed record InstallationPrerequisite(MeshCluster Cluster, CloudChangeArea Area, ChangeOutcome Change, string Resource, string Description)
{
    /// <summary>What and where.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Resource}: {Description}";
}
