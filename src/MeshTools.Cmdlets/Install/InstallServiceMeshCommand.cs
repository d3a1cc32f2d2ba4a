using System.Management.Automation;
using System.Security;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Trust;

namespace MeshTools.Cmdlets;

/// <summary>Installs a service mesh's control plane.</summary>
[Cmdlet(VerbsLifecycle.Install, "ServiceMesh", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(ServiceMeshInstallation), typeof(InstallationPrerequisite))]
public sealed partial class InstallServiceMeshCommand : MeshConfigurationCmdlet
{
    /// <summary>Signing certificates.</summary>
    [Parameter(HelpMessage = "Signing certificates for IstioCA: one for each cluster (from New-MeshIntermediateCertificate), or a single one for all.")]
    [ValidateNotNullOrEmpty]
    public MeshCertificate[] Certificate { get; set; } = [];

    /// <summary>The certificate's file.</summary>
    [Parameter(HelpMessage = "The file of the signing certificate for IstioCA; the other three files go with it.")]
    [ValidateNotNullOrEmpty]
    public string? CaCert { get; set; }

    /// <summary>The key's file.</summary>
    [Parameter(HelpMessage = "The file of its private key.")]
    [ValidateNotNullOrEmpty]
    public string? CaKey { get; set; }

    /// <summary>The root's file.</summary>
    [Parameter(HelpMessage = "The file of the root or roots.")]
    [ValidateNotNullOrEmpty]
    public string? RootCert { get; set; }

    /// <summary>The chain's file.</summary>
    [Parameter(HelpMessage = "The file of the chain.")]
    [ValidateNotNullOrEmpty]
    public string? CertChain { get; set; }

    /// <summary>The key's password.</summary>
    [Parameter(HelpMessage = "The password of an encrypted key; the Secret holds it decrypted.")]
    [ValidateNotNull]
    public SecureString? Password { get; set; }

    /// <summary>Allows everything.</summary>
    [Parameter(HelpMessage = "Lets the command make everything that is missing: all -Enable switches at once.")]
    public SwitchParameter EnableAll { get; set; }

    /// <summary>Allows APIs.</summary>
    [Parameter(HelpMessage = "Lets the command enable the APIs of Google Cloud that are missing.")]
    public SwitchParameter EnableApi { get; set; }

    /// <summary>Allows roles at Google.</summary>
    [Parameter(HelpMessage = "Lets the command give IAM roles: to the caller, to the fleet's service agents, and to its workloads on the pool of CaService.")]
    public SwitchParameter EnableIamBinding { get; set; }

    /// <summary>Allows roles in the cluster.</summary>
    [Parameter(HelpMessage = "Lets the command make the user an administrator of the cluster.")]
    public SwitchParameter EnableClusterRole { get; set; }

    /// <summary>Allows the label.</summary>
    [Parameter(HelpMessage = "Lets the command set the label mesh_id on the cluster, or outside of GKE on its membership.")]
    public SwitchParameter EnableClusterLabel { get; set; }

    /// <summary>Allows the namespace.</summary>
    [Parameter(HelpMessage = "Lets the command make the control plane's namespace.")]
    public SwitchParameter EnableNamespace { get; set; }

    /// <summary>Allows the registration.</summary>
    [Parameter(HelpMessage = "Lets the command register the cluster in the fleet.")]
    public SwitchParameter EnableRegistration { get; set; }

    /// <summary>Allows Google's components.</summary>
    [Parameter(HelpMessage = "Lets the command turn on Workload Identity and Cloud Observability, enable the fleet's mesh feature, and prepare Mesh Config.")]
    public SwitchParameter EnableGoogleComponent { get; set; }

    /// <summary>Prepares and stops.</summary>
    [Parameter(HelpMessage = "Makes only what the -Enable switches allow, emits it, and installs nothing.")]
    public SwitchParameter EnableOnly { get; set; }

    /// <summary>Without the label.</summary>
    [Parameter(HelpMessage = "Leaves out the label mesh_id, by which the console finds the clusters of a mesh.")]
    public SwitchParameter NoLabel { get; set; }

    /// <summary>The membership's name.</summary>
    [Parameter(HelpMessage = "The name of a membership that is made, for a single cluster; by default the cluster's.")]
    [ValidatePattern("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    public string? MembershipName { get; set; }

    /// <summary>The membership's location.</summary>
    [Parameter(HelpMessage = "The location of a membership that is made: a region, or global; by default the region of the cluster.")]
    [ValidateNotNullOrEmpty]
    public string? MembershipLocation { get; set; }

    /// <summary>Waits.</summary>
    [Parameter(HelpMessage = "Waits until the control plane does its work: every replica runs, and the API server can call its injector.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long the control plane may take: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Asks nothing, installs also beside a newer revision or over another version, and replaces a cacerts that holds something else.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        CheckManaged();
        var options = Options(clusters) with
        {
            CertificateFor = Certificates(sink),
            Force = Force,
            Wait = Wait,
            Timeout = Timeout,
            Enabled = Enabled().ToHashSet(),
            Label = !NoLabel,
            MembershipName = MembershipName,
            MembershipLocation = MembershipLocation,
        };
        Check(clusters, options);
        if (!EnableOnly && !await UsePackageAsync(sink, cancellationToken).ConfigureAwait(false))
            return;
        clusters = Told(clusters);
        using var google = CloudSession.Open(sink);
        if (Managed)
            await ManageAsync(clusters, options, google, sink, cancellationToken).ConfigureAwait(false);
        else if (EnableOnly)
            await PrepareAsync(clusters, (_, _) => Task.FromResult(options), google, sink, cancellationToken).ConfigureAwait(false);
        else
            await InstallAsync(clusters, options, google, sink, cancellationToken).ConfigureAwait(false);
    }

    private async Task InstallAsync(IReadOnlyList<MeshCluster> clusters, InstallOptions options, GoogleCloudClient google, PipelineSink sink, CancellationToken cancellationToken)
    {
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => InstallPlan.CreateAsync(cluster, IstioctlFor(cluster), options, sink, stop, google), cancellationToken).ConfigureAwait(false);
        InstallPlan.RequireDistinct(plans, sink);
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
                var installation = await plan.ExecuteAsync(sink, stop, run).ConfigureAwait(false);
                sink.Output(installation);
                return installation;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task PrepareAsync(
        IReadOnlyList<MeshCluster> clusters, Func<MeshCluster, CancellationToken, Task<InstallOptions>> optionsOf, GoogleCloudClient google, PipelineSink sink, CancellationToken cancellationToken)
    {
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, async (cluster, stop) =>
                await ClusterPreparation.PlanAsync(cluster, await optionsOf(cluster, stop).ConfigureAwait(false), google, sink, stop, onlyEnabled: true).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var approval = await CloudApproval.AskAsync(sink, plans.SelectMany(plan => plan.CloudChanges), plans.SelectMany(plan => plan.Objects), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        var run = new CloudRun();
        await sink.EachAsync(
            [.. plans.Where(plan => approval.Covers(plan.CloudChanges, plan.Objects))],
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                foreach (var prerequisite in await plan.ExecuteAsync(run, sink, stop).ConfigureAwait(false))
                    sink.Output(prerequisite);
                return plan;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<CloudChangeArea> Enabled()
    {
        (CloudChangeArea Area, SwitchParameter Switch)[] all =
        [
            (CloudChangeArea.Api, EnableApi), (CloudChangeArea.IamBinding, EnableIamBinding), (CloudChangeArea.ClusterRole, EnableClusterRole), (CloudChangeArea.ClusterLabel, EnableClusterLabel),
            (CloudChangeArea.Namespace, EnableNamespace), (CloudChangeArea.Registration, EnableRegistration), (CloudChangeArea.GoogleComponent, EnableGoogleComponent),
        ];
        return all.Where(item => EnableAll || item.Switch).Select(item => item.Area);
    }

    private void Check(IReadOnlyList<MeshCluster> clusters, InstallOptions options)
    {
        if (MembershipName is not null && clusters.Count > 1)
            throw new MeshException(ErrorCatalog.ValueNotShareable, $"membership name {MembershipName} was given for {clusters.Count} clusters", MembershipName);
        if (EnableOnly && options.Enabled.Count == 0)
            throw new MeshException(ErrorCatalog.NothingEnabled, "-EnableOnly was given without any other -Enable switch");
        CloudChangeArea[] outside = [.. options.Enabled.Where(area => area is not (CloudChangeArea.ClusterRole or CloudChangeArea.Namespace))];
        if (SkipGoogleCloud && !EnableAll && outside.Length > 0)
            throw new MeshException(ErrorCatalog.ParametersContradict, $"-SkipGoogleCloud leaves Google Cloud alone, and -Enable{outside[0]} changes something there");
    }

    private Func<MeshCluster, MeshCertificate?>? Certificates(PipelineSink sink)
    {
        string?[] files = [CaCert, CaKey, RootCert, CertChain];
        var given = files.Count(file => file is not null);
        if (given == 0 && Certificate.Length == 0)
            return null;
        if (CertificateAuthority is not MeshAuthority.IstioCA)
            throw new MeshException(ErrorCatalog.CertificateNotUsed, $"a signing certificate was given, and certificate authority {CertificateAuthority} uses none");
        if ((given > 0 && Certificate.Length > 0) || given is > 0 and < 4)
            throw new MeshException(ErrorCatalog.CertificateIncomplete, "give either -Certificate, or all of -CaCert, -CaKey, -RootCert and -CertChain");
        if (given == 4)
        {
            var set = new CertificateFileSet(PathOf(CaCert!)) { Key = PathOf(CaKey!), Chain = PathOf(CertChain!), Root = PathOf(RootCert!) };
            var certificate = ClearText.Use(Password, password => CertificateFiles.Read(set, password, sink));
            return _ => certificate;
        }

        return cluster => Array.Find(Certificate, certificate => Matches(certificate, cluster))
            ?? (Certificate.Length == 1 && Certificate[0].Cluster is null
                ? Certificate[0]
                : throw new MeshException(ErrorCatalog.CertificateClusterUnknown, $"{cluster.Name}: none of the certificates is for it", cluster));
    }

    private static bool Matches(MeshCertificate certificate, MeshCluster cluster) =>
        certificate.Cluster?.Entry() == cluster.Entry() || string.Equals(certificate.Name, cluster.Name, StringComparison.Ordinal);
}
