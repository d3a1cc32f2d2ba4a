using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Install;
using MeshTools.Packages;

namespace MeshTools.Cmdlets;

/// <summary>A command that builds the configuration of a service mesh: what it is to be, by parameters.</summary>
public abstract class MeshConfigurationCmdlet : ClusterCmdlet
{
    // Boxed: a field of another assembly's value type would have that assembly loaded at import.
    private object _authority = 0;
    private object? _platform;

    /// <summary>Who signs.</summary>
    [Parameter(HelpMessage = "Who signs the certificates of workloads: IstioCA (istiod itself), MeshCA, or CaService (a pool of Certificate Authority Service).")]
    public MeshAuthority CertificateAuthority
    {
        get => (MeshAuthority)_authority;
        set => _authority = value;
    }

    /// <summary>The pool.</summary>
    [Parameter(HelpMessage = "The pool of CaService: projects/P/locations/L/caPools/N; for a template append :projects/P/locations/L/certificateTemplates/T.")]
    [ValidateNotNullOrEmpty]
    public string? CaPool { get; set; }

    /// <summary>The release.</summary>
    [Parameter(HelpMessage = "The release, such as 1.28.5-asm.12 or 1.30.3; without it that of istioctl.")]
    [ValidateNotNullOrEmpty]
    public string? Release { get; set; }

    /// <summary>The revision.</summary>
    [Parameter(HelpMessage = "The revision; without it the release's own, such as asm-1285-12. 'default' is for none.")]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>Options.</summary>
    [Parameter(HelpMessage = "Options by name, in order, as asmcli --option takes them.")]
    [ArgumentCompleter(typeof(OperatorOptionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Option { get; set; } = [];

    /// <summary>Overlays.</summary>
    [Parameter(HelpMessage = "Files with IstioOperator documents that are laid over the configuration, in order.")]
    [ValidateNotNullOrEmpty]
    public string[] Overlay { get; set; } = [];

    /// <summary>The fleet.</summary>
    [Parameter(HelpMessage = "The project that hosts the fleet; without it the cluster's. A mesh without a fleet has nothing of Google Cloud in it.")]
    [ValidateNotNullOrEmpty]
    public string? FleetProject { get; set; }

    /// <summary>The platform.</summary>
    [Parameter(HelpMessage = "The platform, in place of the one found; a cluster of GKE that is said to be Other is treated as one outside of Google Cloud.")]
    public ClusterPlatform? Platform
    {
        get => (ClusterPlatform?)_platform;
        set => _platform = value;
    }

    /// <summary>Without Google Cloud.</summary>
    [Parameter(HelpMessage = "Asks nothing of Google Cloud and changes nothing there, also with MeshCA and CaService: only the cluster is configured.")]
    public SwitchParameter SkipGoogleCloud { get; set; }

    /// <summary>The mesh ID.</summary>
    [Parameter(HelpMessage = "The mesh ID; without it the one that the cluster has.")]
    [ValidateNotNullOrEmpty]
    public string? MeshId { get; set; }

    /// <summary>The network.</summary>
    [Parameter(HelpMessage = "The network; without it the one that the cluster is in, else that of its VPC (PROJECT-VPC) where GKE is asked, else 'default'.")]
    [ValidateNotNullOrEmpty]
    public string? Network { get; set; }

    /// <summary>The cluster ID.</summary>
    [Parameter(HelpMessage = "The cluster ID, for one cluster; without it the one that the cluster has, else one formed of its name.")]
    [ValidateNotNullOrEmpty]
    public string? ClusterId { get; set; }

    /// <summary>The trust domain.</summary>
    [Parameter(HelpMessage = "The trust domain, of a mesh without a fleet; without it cluster.local.")]
    [ValidateNotNullOrEmpty]
    public string? TrustDomain { get; set; }

    /// <summary>Aliases.</summary>
    [Parameter(HelpMessage = "Further trust domains whose workloads count as the mesh's own.")]
    [ValidateNotNullOrEmpty]
    public string[] TrustDomainAlias { get; set; } = [];

    /// <summary>Where the images are.</summary>
    [Parameter(HelpMessage = "The registry and folder of the images, for a mirror; without it the release's own.")]
    [ValidateNotNullOrEmpty]
    public string? Hub { get; set; }

    /// <summary>The images' tag.</summary>
    [Parameter(HelpMessage = "The tag of the images; without it the release.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    /// <summary>istioctl.</summary>
    [Parameter(HelpMessage = "istioctl of the release, or a folder that holds it; without it the one on the PATH, and for lab clusters the lab's stand-in.")]
    [ValidateNotNullOrEmpty]
    public string? IstioctlPath { get; set; }

    /// <summary>The folder of a saved package.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The folder of a package from Save-ServiceMeshPackage: its istioctl for this machine is used. With -Release, a folder that holds none yet gets it first.")]
    [ValidateNotNullOrEmpty]
    public string? PackagePath { get; set; }

    /// <summary>Without downloads.</summary>
    [Parameter(HelpMessage = "Downloads nothing: istioctl comes from -IstioctlPath, the package or the PATH.")]
    public SwitchParameter Offline { get; set; }

    /// <summary>The control planes' namespace.</summary>
    private protected const string ControlPlaneNamespace = "istio-system";

    // What came with one object of the pipeline is gone with the next.
    private string? _package;
    private string? _packaged;

    private protected override void Take() => _package ??= PackagePath;

    private protected string? IstioctlFor(MeshCluster cluster) => IstioctlPath is { } path ? PathOf(path) : _packaged ?? LabIstioctl.For(cluster);

    /// <summary>Finds the istioctl of the package, if there is to be one, and saves the package first where it is not there and may be: with leave. Before anything asks for an istioctl.</summary>
    /// <returns>Whether there is a way on; there is none where a package was not saved.</returns>
    private protected async Task<bool> UsePackageAsync(PipelineSink sink, CancellationToken cancellationToken)
    {
        if (IstioctlPath is not null || _package is not { } folder)
            return true;
        var path = PathOf(folder);
        var release = Release is { } wanted ? IstioRelease.Parse(wanted) : null;
        if (release is not null && !Offline && !ServiceMeshPackage.IsAt(path) && !await PackageSaving.SaveAsync(release, path, OnlyAsking, sink, cancellationToken).ConfigureAwait(false))
            return false;
        _packaged = (await ServiceMeshPackage.OpenAsync(path, release, cancellationToken).ConfigureAwait(false)).Istioctl;
        sink.Verbose($"istioctl is taken from the package: {_packaged}");
        return true;
    }

    /// <summary>The clusters with what this command was told of them.</summary>
    private protected IReadOnlyList<MeshCluster> Told(IReadOnlyList<MeshCluster> clusters) =>
        Platform is { } platform ? [.. clusters.Select(new ClusterOverrides { Platform = platform }.ApplyTo)] : clusters;

    private protected InstallOptions Options(IReadOnlyList<MeshCluster> clusters)
    {
        if (ClusterId is not null && clusters.Count > 1)
            throw new Errors.MeshException(Errors.ErrorCatalog.ValueNotShareable, $"cluster ID {ClusterId} was given for {clusters.Count} clusters", ClusterId);
        return new InstallOptions
        {
            Authority = CertificateAuthority,
            CaPool = CaPool,
            Release = Release is { } release ? IstioRelease.Parse(release) : null,
            Revision = Revision,
            Options = Option,
            Overlays = [.. Overlay.Select(overlay => OperatorOverlay.Read(overlay.Contains("://", StringComparison.Ordinal) ? overlay : PathOf(overlay)))],
            FleetProject = FleetProject,
            MeshId = MeshId,
            Network = Network,
            ClusterId = ClusterId,
            TrustDomain = TrustDomain,
            TrustDomainAliases = TrustDomainAlias,
            Hub = Hub,
            Tag = Tag,
            SkipGoogleCloud = SkipGoogleCloud,
        };
    }
}
