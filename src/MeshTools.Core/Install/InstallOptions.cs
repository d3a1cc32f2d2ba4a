using MeshTools.ControlPlane;
using MeshTools.Fleet;
using MeshTools.Trust;

namespace MeshTools.Install;

/// <summary>How to install a service mesh into clusters.</summary>
public sealed record InstallOptions
{
    /// <summary>The release; <see langword="null"/> for that of istioctl.</summary>
    public IstioRelease? Release { get; init; }

    /// <summary>The revision; <see langword="null"/> for the release's own.</summary>
    public string? Revision { get; init; }

    /// <summary>Who signs.</summary>
    public MeshAuthority Authority { get; init; }

    /// <summary>The pool of CA Service, with its template.</summary>
    public string? CaPool { get; init; }

    /// <summary>Where the images are; <see langword="null"/> for where the release has them.</summary>
    public string? Hub { get; init; }

    /// <summary>The images' tag; <see langword="null"/> for the release's version.</summary>
    public string? Tag { get; init; }

    /// <summary>The network; <see langword="null"/> for the one that the cluster is in already, else the platform's.</summary>
    public string? Network { get; init; }

    /// <summary>The mesh ID; <see langword="null"/> for the one that the cluster has already, else the fleet's.</summary>
    public string? MeshId { get; init; }

    /// <summary>The cluster ID; <see langword="null"/> for the one that the cluster has already, else one formed of its name.</summary>
    public string? ClusterId { get; init; }

    /// <summary>The trust domain, of a mesh without a fleet.</summary>
    public string? TrustDomain { get; init; }

    /// <summary>Further trust domains that count as the mesh's own.</summary>
    public IReadOnlyList<string> TrustDomainAliases { get; init; } = [];

    /// <summary>The fleet's host project.</summary>
    public string? FleetProject { get; init; }

    /// <summary>The membership's name, where one is made; <see langword="null"/> for the cluster's.</summary>
    public string? MembershipName { get; init; }

    /// <summary>The membership's location, where one is made; <see langword="null"/> for the cluster's region.</summary>
    public string? MembershipLocation { get; init; }

    /// <summary>Whether the cluster gets the label by which the console finds the clusters of a mesh.</summary>
    public bool Label { get; init; } = true;

    /// <summary>What may be changed to prepare the installation. With any, everything that is missing and is not among them is an error.</summary>
    public IReadOnlySet<CloudChangeArea> Enabled { get; init; } = new HashSet<CloudChangeArea>();

    /// <summary>Whether Google runs the control plane: then only what prepares the cluster and Google's side is of interest here.</summary>
    public bool Managed { get; init; }

    /// <summary>Leave Google Cloud alone, also where the authority is Google's: somebody else has prepared it.</summary>
    public bool SkipGoogleCloud { get; init; }

    /// <summary>The names of options.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Overlays, in order.</summary>
    public IReadOnlyList<OperatorOverlay> Overlays { get; init; } = [];

    /// <summary>The control plane's namespace.</summary>
    public string Namespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>The signing certificate of a cluster; <see langword="null"/> for none.</summary>
    public Func<Clusters.MeshCluster, MeshCertificate?>? CertificateFor { get; init; }

    /// <summary>Install also where a newer revision is installed, and replace a <c>cacerts</c> that says something else.</summary>
    public bool Force { get; init; }

    /// <summary>Wait until the control plane does its work, and not only runs.</summary>
    public bool Wait { get; init; }

    /// <summary>How long the control plane may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}
