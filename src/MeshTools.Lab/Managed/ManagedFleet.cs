namespace MeshTools.Lab;

/// <summary>What a cluster's managed control plane has from its fleet.</summary>
/// <param name="ProjectId">The fleet's project.</param>
/// <param name="ProjectNumber">Its number.</param>
/// <param name="ClusterProject">The cluster's project.</param>
/// <param name="Authority">Mesh CA, one for all.</param>
/// <param name="Trouble">How Google gets on now.</param>
internal sealed record ManagedFleet(string ProjectId, string ProjectNumber, string ClusterProject, SigningAuthority Authority, Func<ManagedTrouble> Trouble);
