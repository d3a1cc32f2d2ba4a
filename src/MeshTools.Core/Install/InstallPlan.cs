using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Istioctl;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;
using MeshTools.Trust;

namespace MeshTools.Install;

/// <summary>A service mesh on its way into one cluster. Planning validates, renders and compares, and writes nothing.</summary>
public sealed class InstallPlan
{
    private readonly ReleaseProgram _installer;
    private readonly InstallOptions _options;
    private readonly CertificateInstallation? _certificate;
    private readonly ClusterPreparation _preparation;

    private InstallPlan(
        ClusterPreparation preparation, OperatorConfiguration configuration, ReleaseProgram installer, InstallOptions options, CertificateInstallation? certificate, IReadOnlyList<PlannedChange> objects)
    {
        _preparation = preparation;
        Configuration = configuration;
        _installer = installer;
        _options = options;
        _certificate = certificate;
        Objects = objects;
        Changes = [.. preparation.Objects, .. certificate?.Changes.Where(change => change.Object.Kind is not "Namespace") ?? [], .. objects];
    }

    /// <summary>The cluster, probed.</summary>
    public MeshCluster Cluster => _preparation.Cluster;

    /// <summary>What istioctl is given.</summary>
    public OperatorConfiguration Configuration { get; private set; }

    /// <summary>What would happen on Google's side, before anything in the cluster.</summary>
    public IReadOnlyList<CloudChange> CloudChanges => _preparation.CloudChanges;

    /// <summary>What would happen to the objects of the control plane, each.</summary>
    public IReadOnlyList<PlannedChange> Objects { get; private set; }

    /// <summary>Everything that would happen in the cluster, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; }

    private string Revision => Configuration.Settings.Revision;

    /// <summary>Validates, renders and compares. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="istioctlPath">istioctl, or a folder that holds it; <see langword="null"/> for the one on the PATH.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes warnings, and everything that is wrong beyond the first thing.</param>
    /// <param name="cancellationToken">Cancels the requests, and ends istioctl.</param>
    /// <param name="google">Google Cloud; must live until the plan has been executed. It is asked only where it is part of the installation.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">Something is wrong that no run could make good, or is missing and may not be made.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    /// <exception cref="GoogleCredentialException">There is no credential for Google Cloud.</exception>
    public static async Task<InstallPlan> CreateAsync(
        MeshCluster cluster, string? istioctlPath, InstallOptions options, IOperationLog log, CancellationToken cancellationToken, GoogleCloudClient? google = null)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var installer = await ReleaseProgram.FindAsync(istioctlPath, options.Release, cancellationToken).ConfigureAwait(false);
        var (preparation, configuration) = await ConfiguredCluster.ReadAsync(cluster, options, options.Release ?? installer.Version, google, log, cancellationToken).ConfigureAwait(false);
        var problems = await InstallValidation.ProblemsAsync(preparation, configuration.Settings, options, log, cancellationToken).ConfigureAwait(false);
        ClusterPreparation.Report([.. preparation.Problems, .. problems], preparation.Cluster, log);
        var certificate = await CertificateAsync(preparation.Cluster, options, preparation.Reading, log, cancellationToken).ConfigureAwait(false);
        var objects = await CompareAsync(preparation, configuration, installer, options, log, cancellationToken).ConfigureAwait(false);
        return new InstallPlan(preparation, configuration, installer, options, certificate, objects);
    }

    /// <summary>Refuses two contexts of one cluster, and warns where clusters would be called by the same ID, which no mesh can tell apart.</summary>
    /// <param name="plans">The plans of one command.</param>
    /// <param name="log">Takes the warning.</param>
    /// <exception cref="MeshException">Two contexts lead to one cluster (<c>DuplicateCluster</c>).</exception>
    public static void RequireDistinct(IReadOnlyList<InstallPlan> plans, IOperationLog log)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(log);
        Discovery.ClusterSet.RefuseSame([.. plans.Select(plan => plan.Cluster)]);
        foreach (var same in plans.GroupBy(plan => plan.Configuration.Settings.ClusterId, StringComparer.Ordinal).Where(group => group.Skip(1).Any()))
            log.Warning($"{string.Join(", ", same.Select(plan => plan.Cluster.Name))} would all have the cluster ID {same.Key}, and no mesh can hold more than one of them. Install each with a -ClusterId of its own.");
    }

    /// <summary>Makes the changes, all of which were approved.</summary>
    /// <param name="log">Takes progress and milestones.</param>
    /// <param name="cancellationToken">Ends istioctl and the requests; what was done stays, and a rerun goes on from there.</param>
    /// <param name="run">What the plans of one command have in common; <see langword="null"/> for a plan by itself.</param>
    /// <returns>What is installed.</returns>
    /// <exception cref="MeshException">istioctl fails, or the control plane does not come up.</exception>
    /// <exception cref="GoogleApiException">Google refuses a change.</exception>
    /// <exception cref="KubernetesException">A request fails.</exception>
    public async Task<ServiceMeshInstallation> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken, CloudRun? run = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        var first = Changes.Any(change => change is { Kind: ChangeKind.Create, Object.Kind: "Namespace" });
        var prepared = await _preparation.ExecuteCloudAsync(run ?? new CloudRun(), log, cancellationToken).ConfigureAwait(false);
        if (prepared)
            await ConfigureAgainAsync(log, cancellationToken).ConfigureAwait(false);
        await _preparation.ExecuteObjectsAsync(log, cancellationToken).ConfigureAwait(false);
        if (_certificate is not null)
            await _certificate.ExecuteAsync(log, cancellationToken).ConfigureAwait(false);
        if (Objects.Any(change => change.Writes))
            await InstallAsync(log, cancellationToken).ConfigureAwait(false);
        if (_options.Wait)
            await InstallWait.RunAsync(Cluster, Revision, _options.Namespace, _options.Timeout, log, cancellationToken).ConfigureAwait(false);
        var installed = await InstallationCatalog.GetAsync(Cluster, _options.Namespace, log, cancellationToken).ConfigureAwait(false);
        var result = installed.FirstOrDefault(installation => string.Equals(installation.Revision, Revision, StringComparison.Ordinal))
            ?? throw new MeshException(ErrorCatalog.InstallationFailed, $"{Cluster.Name}: istioctl ended well, but no revision {Revision} is there", Cluster);
        var istiod = ControlPlaneRevision.Revisioned("istiod", Revision);
        var made = Objects.Any(change => change is { Kind: ChangeKind.Create, Object.Kind: "Deployment" } && string.Equals(change.Object.Name, istiod, StringComparison.Ordinal));
        var kind = first || made ? ChangeOutcome.Created
            : prepared || Changes.Any(change => change.Writes) || Objects.Any(change => change.Writes) ? ChangeOutcome.Updated
            : ChangeOutcome.Unchanged;
        var fleet = _preparation.Google;
        return result with
        {
            Cluster = Cluster with
            {
                Revision = installed.Count == 1 ? Revision : Cluster.Revision,
                Revisions = [.. installed.Select(item => item.Revision)],
                FleetProject = fleet?.FleetProject ?? Cluster.FleetProject,
                ClusterId = result.ClusterId ?? Cluster.ClusterId,
                MeshId = result.MeshId ?? Cluster.MeshId,
                Network = Configuration.Settings.Network,
                TrustDomain = result.TrustDomain ?? Cluster.TrustDomain,
            },
            Change = kind,
        };
    }

    private static async Task<IReadOnlyList<PlannedChange>> CompareAsync(
        ClusterPreparation preparation, OperatorConfiguration configuration, ReleaseProgram installer, InstallOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        var rendered = await ManifestRendering.RenderAsync(installer.Program, configuration, preparation.Cluster, log, cancellationToken).ConfigureAwait(false);
        try
        {
            return await new InstallerView(preparation.Reading, configuration, installer.Version, log).CompareAsync(rendered, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsForbidden && preparation.MakesAdministrator)
        {
            // Who is not yet an administrator may not even ask what would change.
            return [.. rendered.Select(obj => new PlannedChange(preparation.Cluster, obj.Reference, ChangeKind.Create, $"control plane {configuration.Settings.Revision}; not compared, since the user becomes an administrator only now"))];
        }
    }

    // Names that Google gives, such as the identity provider of a new membership, are known only now; mostly they are the ones that were expected.
    private async Task ConfigureAgainAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        var configuration = ConfiguredCluster.Configure(_preparation, _options, Configuration.Settings.Release);
        if (string.Equals(configuration.ToYaml(), Configuration.ToYaml(), StringComparison.Ordinal))
            return;
        log.Verbose($"{Cluster.Name}: the configuration follows what Google Cloud says now");
        Configuration = configuration;
        Objects = await CompareAsync(_preparation, configuration, _installer, _options, log, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<CertificateInstallation?> CertificateAsync(
        MeshCluster cluster, InstallOptions options, RevisionReading reading, IOperationLog log, CancellationToken cancellationToken)
    {
        var certificate = options.CertificateFor?.Invoke(cluster);
        if (certificate is null)
        {
            if (options.Authority is MeshAuthority.IstioCA && reading.Deployments.Count == 0
                && await cluster.Connect().FindAsync(ResourceTypes.Secret, options.Namespace, "cacerts", cancellationToken).ConfigureAwait(false) is null)
                log.Warning($"{cluster.Name}: no signing certificate is given, so istiod makes a root of its own; workloads of other clusters will not trust it.");
            return null;
        }

        var how = new CertificateInstallationOptions { Namespace = options.Namespace, CreateNamespace = true, Force = options.Force, RestartControlPlane = true, Timeout = options.Timeout };
        return await CertificateInstallation.PlanAsync(certificate, cluster, how, log, cancellationToken).ConfigureAwait(false);
    }

    private async Task InstallAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        var seconds = ((int)Math.Ceiling(Math.Max(1, _options.Timeout.TotalSeconds))).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var run = new IstioctlRun(_installer.Program, ["install", "-f", "-", "--skip-confirmation", "--readiness-timeout", $"{seconds}s"])
        {
            Cluster = Cluster, Input = Configuration.ToYaml(), OutputIsResult = false, Log = new InstallProgress(Cluster, log),
            // It waits for the readiness of core, node agents, istiod and gateways, one after the other.
            Limit = (4 * _options.Timeout) + IstioctlRun.OfflineLimit,
        };
        try
        {
            await run.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (MeshException e) when (e.Definition == ErrorCatalog.IstioctlFailed)
        {
            throw await InstallFailure.ExplainAsync(e, Cluster, Revision, _options.Namespace, cancellationToken).ConfigureAwait(false);
        }
    }
}
