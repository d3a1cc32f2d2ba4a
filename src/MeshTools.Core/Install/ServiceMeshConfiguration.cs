using MeshTools.Clusters;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>The configuration of one cluster's service mesh as files.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Release">The release.</param>
/// <param name="Path">The cluster's folder.</param>
public sealed record ServiceMeshConfiguration(MeshCluster Cluster, string Revision, string Release, string Path)
{
    /// <summary>The files, in the order of their names.</summary>
    public IReadOnlyList<ConfigurationFile> Files { get; init; } = [];

    /// <summary>What became of the folder: <c>Unchanged</c> when every file was as it should be.</summary>
    public ChangeOutcome Change =>
        Files.All(file => file.Change is ChangeOutcome.Unchanged) ? ChangeOutcome.Unchanged
        : Files.All(file => file.Change is ChangeOutcome.Created) ? ChangeOutcome.Created
        : ChangeOutcome.Updated;

    /// <summary>The folder.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Path;
}

/// <summary>A file of a configuration.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Kind">What was planned for it.</param>
public sealed record ConfigurationFile(string Path, ChangeKind Kind)
{
    /// <summary>What became of it, once it was written.</summary>
    public ChangeOutcome Change => Kind.Outcome();

    // Empty for a file that goes.
    internal string Text { get; init; } = "";

    /// <summary>The path.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Path;
}
