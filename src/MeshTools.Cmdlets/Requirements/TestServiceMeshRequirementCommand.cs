using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Fleet;
using MeshTools.Install;
using MeshTools.Requirements;
using MeshTools.Verify;

namespace MeshTools.Cmdlets;

/// <summary>Checks whether a service mesh can be installed.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ServiceMeshRequirement", DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(CheckResult), typeof(bool))]
public sealed class TestServiceMeshRequirementCommand : ClusterCmdlet
{
    /// <summary>The fleet's host project.</summary>
    [Parameter(HelpMessage = "The project that hosts the fleet; by default the cluster's FleetProject, else its own project, else that of the environment.")]
    [ValidateNotNullOrEmpty]
    public string? FleetProject { get; set; }

    /// <summary>Who signs.</summary>
    [Parameter(HelpMessage = "Who is to sign the certificates of workloads: MeshCA, CaService, or IstioCA. By default MeshCA for clusters of GKE, and IstioCA for others.")]
    [ValidateSet("MeshCA", "CaService", "IstioCA")]
    public string? CertificateAuthority { get; set; }

    /// <summary>The pool.</summary>
    [Parameter(HelpMessage = "With CaService, the pool: projects/P/locations/L/caPools/N, and behind a colon the certificate template where one is used.")]
    [ValidatePattern("^projects/[^/]+/locations/[^/]+/caPools/[^/:]+(:projects/[^/]+/locations/[^/]+/certificateTemplates/[^/]+)?$")]
    public string? CaPool { get; set; }

    /// <summary>The release.</summary>
    [Parameter(HelpMessage = "The release that is to be installed, for example 1.28.5-asm.12.")]
    [ValidatePattern(@"^\d+\.\d+(\.\d+)?(-[0-9A-Za-z.-]+)?$")]
    public string? Version { get; set; }

    /// <summary>Google manages the control plane.</summary>
    [Parameter(HelpMessage = "Google is to manage the control plane.")]
    public SwitchParameter Managed { get; set; }

    /// <summary>Without the label.</summary>
    [Parameter(HelpMessage = "Leaves out the label mesh_id, by which the console finds the clusters of a mesh.")]
    public SwitchParameter NoLabel { get; set; }

    /// <summary>Without Google Cloud.</summary>
    [Parameter(HelpMessage = "Asks only the clusters, and nothing of Google Cloud.")]
    public SwitchParameter SkipGoogleCloud { get; set; }

    /// <summary>The control planes' namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>Where istioctl is.</summary>
    [Parameter(HelpMessage = "Where istioctl is: the file, or the folder of a release; by default the one on the PATH.")]
    [ValidateNotNullOrEmpty]
    public string? IstioctlPath { get; set; }

    /// <summary>The folder of a saved package.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The folder of a package from Save-ServiceMeshPackage, whose istioctl is to be used.")]
    [ValidateNotNullOrEmpty]
    public string? PackagePath { get; set; }

    /// <summary>Without downloads.</summary>
    [Parameter(HelpMessage = "Nothing can be downloaded for the installation: an istioctl that is missing is an error, not a warning.")]
    public SwitchParameter Offline { get; set; }

    /// <summary>Only a yes or a no.</summary>
    [Parameter(HelpMessage = "Emits only whether nothing is missing; warnings do not count.")]
    public SwitchParameter Quiet { get; set; }

    private string? _package;

    private protected override void Take() => _package ??= PackagePath;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        using var client = CloudSession.Open(sink);
        var probed = await sink.EachAsync(clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => PlatformAsync(cluster, sink, stop), cancellationToken).ConfigureAwait(false);
        var wishes = probed.ToDictionary(cluster => cluster.Entry(), WishOf);
        var options = new RequirementOptions
        {
            Cloud = cluster => wishes.GetValueOrDefault(cluster.Entry()),
            Managed = Managed,
            Version = Version,
            Namespace = Namespace,
            IstioctlPath = IstioctlPath is null ? null : PathOf(IstioctlPath),
            PackagePath = _package is null ? null : PathOf(_package),
            Offline = Offline,
            ThrottleLimit = ThrottleLimit,
        };
        var good = probed.Count > 0;
        await foreach (var result in RequirementCheck.RunAsync(probed, options, client, sink, cancellationToken).ConfigureAwait(false))
        {
            good &= result.Severity != CheckSeverity.Error;
            if (!Quiet)
                sink.Output(result);
        }

        if (Quiet)
            sink.Output(good);
    }

    // What cannot be asked is a finding of the check itself.
    private static async Task<MeshCluster> PlatformAsync(MeshCluster cluster, PipelineSink sink, CancellationToken cancellationToken)
    {
        try
        {
            return await ClusterProbe.EnsureAsync(cluster, sink, cancellationToken).ConfigureAwait(false);
        }
        catch (Kubernetes.KubernetesException)
        {
            return cluster;
        }
    }

    private CloudWish? WishOf(MeshCluster cluster)
    {
        var isGke = cluster.Platform is ClusterPlatform.Gke;
        var authority = CertificateAuthority ?? (isGke ? "MeshCA" : "IstioCA");
        if (SkipGoogleCloud || (!isGke && authority is "IstioCA" && FleetProject is null && cluster.FleetProject is null))
            return null;
        var pool = CaPool is null ? default : CloudScope.Split(CaPool);
        return new CloudWish(FleetProjects.Of(FleetProject, cluster))
        {
            CertificateAuthority = Enum.Parse<MeshAuthority>(authority),
            CaPool = pool.Pool,
            CertificateTemplate = pool.Template,
            Managed = Managed,
            Label = !NoLabel,
        };
    }
}
