namespace MeshTools.Cmdlets;

/// <summary>A running lab.</summary>
public sealed record MeshLab
{
    internal MeshLab(LabFolder folder, LabState state, IReadOnlyList<MeshLabCluster> clusters)
    {
        Folder = folder;
        Id = folder.Id;
        ProcessId = state.Pid;
        Kubeconfig = state.Kubeconfig;
        StartedAt = folder.StartedAt;
        OwnerProcessId = folder.OwnerProcessId;
        Detached = folder.Detached;
        StateFile = folder.StateFile;
        Clusters = clusters;
    }

    /// <summary>What tells it from other labs of this user.</summary>
    public string Id { get; }

    /// <summary>Its process.</summary>
    public int ProcessId { get; }

    /// <summary>Its kubeconfig, with one context for each cluster.</summary>
    public string Kubeconfig { get; }

    /// <summary>Its clusters and what they have been asked so far.</summary>
    public IReadOnlyList<MeshLabCluster> Clusters { get; }

    /// <summary>The Google Cloud that it rehearses; <see langword="null"/> when it was started without.</summary>
    public MeshLabGoogleCloud? GoogleCloud { get; init; }

    /// <summary>The releases that can be downloaded from it, for <c>Save-ServiceMeshPackage</c>.</summary>
    public MeshLabReleases? Releases { get; init; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>The shell that started it.</summary>
    public int OwnerProcessId { get; }

    /// <summary>Whether it outlives that shell.</summary>
    public bool Detached { get; }

    /// <summary>The file through which the lab's own program commands it. It holds a token, and only this user can read it.</summary>
    public string StateFile { get; }

    internal LabFolder Folder { get; }

    /// <summary>The id.</summary>
    /// <returns>The id.</returns>
    public override string ToString() => Id;
}

/// <summary>One cluster of a running lab.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Context">Its context in the lab's kubeconfig.</param>
/// <param name="Server">Its API server.</param>
/// <param name="Listening">Whether its port takes connections.</param>
/// <param name="Requests">Requests it has received.</param>
/// <param name="Writes">Those among them that changed something.</param>
/// <param name="Faults">How it misbehaves at present, on purpose.</param>
public sealed record MeshLabCluster(string Name, string Context, Uri Server, bool Listening, int Requests, int Writes, IReadOnlyList<string> Faults)
{
    /// <summary>The name.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;
}
