using MeshTools.Clusters;
using MeshTools.Fleet;
using MeshTools.Kubernetes;

namespace MeshTools.Verify;

/// <summary>How much a finding matters.</summary>
public enum CheckSeverity
{
    /// <summary>It is as it should be.</summary>
    Pass,

    /// <summary>It works, and will stop working or is unwise.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Error,
}

/// <summary>What one check found at one place.</summary>
/// <param name="Id">The check, stable across releases: <c>MT301</c>.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Cluster">The cluster it is about.</param>
/// <param name="Message">What was found; one sentence.</param>
public sealed record CheckResult(string Id, CheckSeverity Severity, MeshCluster Cluster, string Message)
{
    /// <summary>The other cluster, when the finding is about two.</summary>
    public MeshCluster? Peer { get; init; }

    /// <summary>The object that it was found in.</summary>
    public ObjectReference? Object { get; init; }

    /// <summary>What the finding rests on.</summary>
    public string? Evidence { get; init; }

    /// <summary>What to do; one or two sentences, or a command.</summary>
    public string? Fix { get; init; }

    /// <summary>The page that explains it.</summary>
    public Uri? DocUri { get; init; }

    /// <summary>The area of changes in which an installation makes what is missing; <see langword="null"/> where it does not.</summary>
    internal CloudChangeArea? Area { get; init; }
}
