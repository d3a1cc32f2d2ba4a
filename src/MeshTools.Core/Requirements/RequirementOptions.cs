using MeshTools.ControlPlane;
using MeshTools.Fleet;

namespace MeshTools.Requirements;

/// <summary>What an installation is to be, so far as its requirements depend on it.</summary>
public sealed record RequirementOptions
{
    /// <summary>What it needs from Google Cloud, for each cluster; <see langword="null"/> where it needs nothing, as off Google Cloud with Istio's own authority.</summary>
    public Func<Clusters.MeshCluster, CloudWish?> Cloud { get; init; } = _ => null;

    /// <summary>Whether Google is to run the control plane.</summary>
    public bool Managed { get; init; }

    /// <summary>The release, for example <c>1.28.5-asm.12</c>; <see langword="null"/> for any.</summary>
    public string? Version { get; init; }

    /// <summary>The revision that is to be installed; <see langword="null"/> for the release's own.</summary>
    public string? Revision { get; init; }

    /// <summary>The control plane's namespace.</summary>
    public string Namespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>Where istioctl is; <see langword="null"/> for the one on the PATH.</summary>
    public string? IstioctlPath { get; init; }

    /// <summary>The full path of a saved package whose istioctl is to be used, where <see cref="IstioctlPath"/> names none; <see langword="null"/> for none.</summary>
    public string? PackagePath { get; init; }

    /// <summary>Whether nothing can be downloaded: then what is missing here cannot be got, and is an error.</summary>
    public bool Offline { get; init; }

    /// <summary>Clusters that are read at a time.</summary>
    public int ThrottleLimit { get; init; } = 32;
}
