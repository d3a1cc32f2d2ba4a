using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Managed;

namespace MeshTools.Cmdlets;

/// <content>A control plane that Google runs.</content>
public sealed partial class InstallServiceMeshCommand
{
    private const string Signing = "a managed control plane signs with MeshCA or CaService, and takes no certificate of yours";
    private const string Releases = "Google installs its own release, and none of istioctl";
    private const string Configuration = "a managed control plane has no IstioOperator; its mesh configuration is ConfigMap istio-asm-managed, which you may edit";
    private const string Identity = "Google takes it from the cluster and the fleet";

    // What does not go with -Managed, and why.
    private static readonly Dictionary<string, string> s_notManaged = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(Certificate)] = Signing, [nameof(CaCert)] = Signing, [nameof(CaKey)] = Signing, [nameof(RootCert)] = Signing, [nameof(CertChain)] = Signing,
        [nameof(Password)] = Signing,
        [nameof(Revision)] = "its revision is named after the channel (asm-managed, asm-managed-rapid, asm-managed-stable); -Channel chooses it",
        [nameof(Release)] = Releases, [nameof(IstioctlPath)] = Releases, [nameof(Hub)] = Releases, [nameof(Tag)] = Releases, ["PackagePath"] = Releases, ["Offline"] = Releases,
        [nameof(Option)] = Configuration, [nameof(Overlay)] = Configuration,
        [nameof(Network)] = Identity, [nameof(ClusterId)] = Identity, [nameof(MeshId)] = Identity, [nameof(TrustDomain)] = Identity, [nameof(TrustDomainAlias)] = Identity, [nameof(Platform)] = Identity,
        [nameof(SkipGoogleCloud)] = "it is Google that runs the control plane",
    };

    /// <summary>Google runs it.</summary>
    [Parameter(HelpMessage = "Google runs the control plane; for clusters of GKE. What describes a control plane in the cluster itself does not go with it.")]
    public SwitchParameter Managed { get; set; }

    /// <summary>The channel.</summary>
    [Parameter(HelpMessage = "With -Managed, the channel whose revision workloads are to name: Regular, Rapid or Stable; by default that of the cluster.")]
    [ValidateSet("Regular", "Rapid", "Stable")]
    public string? Channel { get; set; }

    /// <summary>The way.</summary>
    [Parameter(HelpMessage = "With -Managed, how Google is told: FleetApi or ControlPlaneRevision; by default the fleet API where it does what is asked for.")]
    [ValidateSet("FleetApi", "ControlPlaneRevision")]
    public string? Via { get; set; }

    /// <summary>The perimeter.</summary>
    [Parameter(HelpMessage = "With -Managed, the cluster is inside of a perimeter of VPC Service Controls.")]
    public SwitchParameter UseVpcSc { get; set; }

    private void CheckManaged()
    {
        var given = MyInvocation.BoundParameters.Keys;
        if (!Managed)
        {
            if (given.FirstOrDefault(name => name is nameof(Channel) or nameof(Via) or nameof(UseVpcSc)) is { } alone)
                throw new MeshException(ErrorCatalog.ParametersContradict, $"-{alone} is for a control plane that Google runs, and -Managed was not given");
            return;
        }

        if (given.FirstOrDefault(s_notManaged.ContainsKey) is { } name)
            throw new MeshException(ErrorCatalog.ParametersContradict, $"-{name} does not go with -Managed: {s_notManaged[name]}", recommendedAction: $"Leave -{name} out, or -Managed.");
        if (given.Contains(nameof(CertificateAuthority)) && CertificateAuthority is MeshAuthority.IstioCA)
            throw new MeshException(ErrorCatalog.ParametersContradict, "-CertificateAuthority IstioCA does not go with -Managed: a managed control plane signs with MeshCA or CaService", recommendedAction: "Leave -CertificateAuthority out, or name MeshCA or CaService.");
        if (CaPool is not null && given.Contains(nameof(CertificateAuthority)) && CertificateAuthority is not MeshAuthority.CaService)
            throw new MeshException(ErrorCatalog.ParametersContradict, $"-CaPool is for CaService, and not for {CertificateAuthority}");
    }

    private async Task ManageAsync(IReadOnlyList<MeshCluster> clusters, InstallOptions preparation, GoogleCloudClient google, PipelineSink sink, CancellationToken cancellationToken)
    {
        if (EnableOnly)
        {
            await PrepareAsync(
                clusters, async (cluster, stop) => await PreparedManagedInstall.PreparationAsync(cluster, preparation, ManagedOptions(cluster), sink, stop).ConfigureAwait(false), google, sink, cancellationToken).ConfigureAwait(false);
            return;
        }

        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => PreparedManagedInstall.CreateAsync(cluster, preparation, ManagedOptions(cluster), google, sink, stop), cancellationToken).ConfigureAwait(false);
        var approval = await CloudApproval.AskAsync(sink, plans.SelectMany(plan => plan.CloudChanges), plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        var run = new CloudRun();
        await sink.EachAsync(
            [.. plans.Where(plan => approval.Covers(plan.CloudChanges, plan.Changes))],
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                var installation = await plan.ExecuteAsync(run, sink, stop).ConfigureAwait(false);
                sink.Output(installation);
                return installation;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private ManagedInstallOptions ManagedOptions(MeshCluster cluster)
    {
        var given = MyInvocation.BoundParameters;
        return new ManagedInstallOptions(FleetProjects.Of(FleetProject, cluster))
        {
            Authority = given.ContainsKey(nameof(CertificateAuthority)) ? CertificateAuthority : CaPool is not null ? MeshAuthority.CaService : null,
            CaPool = CaPool,
            Channel = Channel is null ? null : Enum.Parse<ManagedChannel>(Channel, ignoreCase: true),
            Via = Via is null ? null : Enum.Parse<ManagedProvisioning>(Via, ignoreCase: true),
            UseVpcServiceControls = given.ContainsKey(nameof(UseVpcSc)) ? (bool)UseVpcSc : null,
            MembershipName = MembershipName,
            MembershipLocation = MembershipLocation,
            Force = Force,
            Wait = Wait,
            Timeout = given.ContainsKey(nameof(Timeout)) ? Timeout : TimeSpan.FromMinutes(10),
        };
    }
}
