namespace MeshTools.Lab;

/// <summary>What a running lab reports of itself.</summary>
internal sealed record ControlStatus(IReadOnlyList<ControlStatus.Cluster> Clusters)
{
    public Google? GoogleCloud { get; init; }

    internal sealed record Google(Uri Address, int Requests, int Writes, IReadOnlyList<string> Faults);

    public Releases? ReleaseServer { get; init; }

    internal sealed record Releases(Uri Source, int Requests, IReadOnlyList<string> Faults);

    internal sealed record Cluster(
        string Name, Uri Server, bool Listening, int Requests, int Writes, IReadOnlyList<string> Faults, IReadOnlyList<Remote> Remotes);

    internal sealed record Remote(string Pod, string ClusterId, string Status);
}
