using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Requirements;
using MeshTools.Revisions;
using MeshTools.Verify;

namespace MeshTools.Install;

/// <summary>
/// What has to be there before a control plane can be installed in one cluster, and what of it this command makes: Google's side, the user's role, the namespace. Planning only reads.
/// Where Google Cloud is part of the installation or any area is enabled, what is missing is made only in the areas that are enabled, and is an error elsewhere; where not, the
/// namespace needs no leave of its own.
/// </summary>
public sealed class ClusterPreparation
{
    private readonly InstallOptions _options;
    private readonly GoogleCloudClient? _client;
    private readonly AdministratorBinding? _administrator;

    private ClusterPreparation(
        MeshCluster cluster, RevisionReading reading, IReadOnlyList<string> aliases, InstallOptions options, GoogleCloudClient? client, AdministratorBinding? administrator)
    {
        Cluster = cluster;
        Reading = reading;
        Aliases = aliases;
        _options = options;
        _client = client;
        _administrator = administrator;
    }

    /// <summary>The cluster, probed.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>What would happen on Google's side, in order, what is as it should be included.</summary>
    public IReadOnlyList<CloudChange> CloudChanges => Cloud?.Changes ?? [];

    /// <summary>What would happen in the cluster, in order.</summary>
    public IReadOnlyList<PlannedChange> Objects => [.. new[] { _administrator?.Change, Namespace?.Change }.OfType<PlannedChange>()];

    /// <summary>The cluster's revisions.</summary>
    internal RevisionReading Reading { get; }

    /// <summary>The trust domains that a running control plane accepts.</summary>
    internal IReadOnlyList<string> Aliases { get; }

    /// <summary>What Google says of the cluster; <see langword="null"/> where it is no part of the installation.</summary>
    internal CloudFacts? Google { get; private set; }

    /// <summary>What stands in the way.</summary>
    internal IReadOnlyList<MeshException> Problems { get; private set; } = [];

    /// <summary>Whether the user becomes an administrator only by this.</summary>
    internal bool MakesAdministrator => _administrator is not null;

    private CloudPlan? Cloud { get; set; }

    private CloudWish? Wish { get; init; }

    private ControlPlaneNamespace? Namespace { get; set; }

    private bool IsAll { get; init; }

    private bool IsStrict => Wish is not null || _options.Enabled.Count > 0;

    /// <summary>Reads and plans. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">What is to be installed, and what may be changed.</param>
    /// <param name="google">Google Cloud; must live until the plan has been executed. It is asked only where it is part of the installation.</param>
    /// <param name="log">Takes warnings, and everything that is wrong beyond the first thing.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <param name="onlyEnabled">Prepare and stop: what is missing in other areas than the enabled is no error then, since somebody else may make it.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">Something is missing that may not be made, or that no run could make.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    /// <exception cref="GoogleCredentialException">There is no credential for Google Cloud.</exception>
    public static async Task<ClusterPreparation> PlanAsync(
        MeshCluster cluster, InstallOptions options, GoogleCloudClient? google, IOperationLog log, CancellationToken cancellationToken, bool onlyEnabled = false)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var result = await ReadAsync(cluster, options, options.Release?.Text, google, log, cancellationToken, isAll: !onlyEnabled).ConfigureAwait(false);
        Report(result.Problems, result.Cluster, log);
        return result;
    }

    /// <summary>Makes Google's changes and then those in the cluster, all of which were approved.</summary>
    /// <param name="run">What the plans of one command have in common.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Ends it; what was made by then stays, and a rerun goes on from there.</param>
    /// <returns>What is there now, and what became of it.</returns>
    /// <exception cref="MeshException">Something is missing even now.</exception>
    /// <exception cref="GoogleApiException">Google refuses.</exception>
    /// <exception cref="KubernetesException">A request to the cluster fails.</exception>
    public async Task<IReadOnlyList<InstallationPrerequisite>> ExecuteAsync(CloudRun run, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(log);
        await ExecuteCloudAsync(run, log, cancellationToken).ConfigureAwait(false);
        await ExecuteObjectsAsync(log, cancellationToken).ConfigureAwait(false);
        return
        [
            .. CloudChanges.Select(change => new InstallationPrerequisite(Cluster, change.Area, change.Kind.Outcome(), change.Resource, change.Description)),
            .. Objects.Select(change => new InstallationPrerequisite(
                Cluster, change.Object.Kind is "Namespace" ? CloudChangeArea.Namespace : CloudChangeArea.ClusterRole, change.Kind.Outcome(), change.Object.ToString(), change.Description)),
        ];
    }

    internal static void Report(IReadOnlyList<MeshException> problems, MeshCluster cluster, IOperationLog log)
    {
        foreach (var problem in problems.Skip(1))
            log.Failed(problem, cluster);
        if (problems.Count > 0)
            throw problems[0];
    }

    /// <summary>As <see cref="PlanAsync"/>, with the problems as a list, and what may not be made among them where an installation follows.</summary>
    internal static async Task<ClusterPreparation> ReadAsync(
        MeshCluster cluster, InstallOptions options, string? release, GoogleCloudClient? google, IOperationLog log, CancellationToken cancellationToken, bool isAll = true)
    {
        // Always anew: what is not asked for stays as it is by now, and not as it was when somebody looked.
        var probed = await ClusterProbe.ProbeAsync(cluster, cluster.Said, log, cancellationToken).ConfigureAwait(false);
        var revisions = await RevisionReading.ReadAsync(probed, options.Namespace, log, cancellationToken).ConfigureAwait(false);
        var aliases = await AliasesAsync(revisions, log, cancellationToken).ConfigureAwait(false);
        var wish = CloudScope.WishOf(probed, options, google?.Environment ?? new GoogleEnvironment());
        if (wish is not null)
            wish = wish with { IsInstalled = options.Managed ? revisions.Managed.Count > 0 : IsOfFleet(probed, options, wish.FleetProject, aliases) };
        var administrator = options.Enabled.Contains(CloudChangeArea.ClusterRole) ? await AdministratorBinding.FindAsync(probed, cancellationToken).ConfigureAwait(false) : null;
        var result = new ClusterPreparation(probed, revisions, aliases, options, google, administrator) { Wish = wish, IsAll = isAll };
        var report = new RequirementReport(probed);
        await ClusterRequirements.CheckForInstallAsync(report, options, release, cancellationToken).ConfigureAwait(false);
        if (wish is not null)
            await result.ReadCloudAsync(report, log, cancellationToken).ConfigureAwait(false);
        var live = await probed.Connect().FindAsync(ResourceTypes.Namespace, null, options.Namespace, cancellationToken).ConfigureAwait(false);
        var home = ControlPlaneNamespace.Plan(probed, live, options.Namespace, ClusterConfiguration.NetworkOf(probed, options, result.Google));
        result.Namespace = isAll || options.Enabled.Contains(CloudChangeArea.Namespace) ? home : null;
        if (live is null && result.IsStrict)
            ClusterRequirements.Namespace(report, options.Namespace, isThere: false);
        foreach (var warning in report.Results.Where(finding => finding.Severity is CheckSeverity.Warning))
            log.Warning($"{probed.Name}: {warning.Message}.{(warning.Fix is { } fix ? $" {fix}" : "")}");
        result.Problems = UnmetRequirements.Describe(probed, [.. Errors(report).Where(finding => finding.Area is not { } area || (isAll && !options.Enabled.Contains(area)))]) is { } problem ? [problem] : [];
        return result;
    }

    internal async Task ExecuteObjectsAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        if (_administrator is not null)
            await _administrator.WriteAsync(log, cancellationToken).ConfigureAwait(false);
        if (Namespace is not null)
            await Namespace.WriteAsync(log, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes Google's changes, and reads again what they have made.</summary>
    /// <returns>Whether anything was changed.</returns>
    internal async Task<bool> ExecuteCloudAsync(CloudRun run, IOperationLog log, CancellationToken cancellationToken)
    {
        if (Cloud is null)
            return false;
        var made = await Cloud.ExecuteAsync(_ => true, run, log, cancellationToken).ConfigureAwait(false);
        if (made.Count == 0)
            return false;
        // Google takes its time with some changes; what is not there yet must not be found out by a control plane that cannot work.
        var report = new RequirementReport(Cluster);
        await ReadCloudAsync(report, log, cancellationToken).ConfigureAwait(false);
        return UnmetRequirements.DescribeStillMissing(Cluster, [.. Errors(report).Where(finding => IsAll || finding.Area is not { } area || _options.Enabled.Contains(area))]) is { } problem ? throw problem : true;
    }

    private async Task ReadCloudAsync(RequirementReport report, IOperationLog log, CancellationToken cancellationToken)
    {
        var client = _client ?? throw new InvalidOperationException("Google Cloud is part of this installation, and no client for it was given.");
        var reading = await CloudReading.ReadAsync(Cluster, Wish!, client, cancellationToken).ConfigureAwait(false);
        var plan = CloudPreparation.TryPlan(reading, client, log, _options.Enabled);
        CloudRequirements.Check(report, reading, plan?.Roles ?? []);
        Google = CloudFacts.Of(reading);
        Cloud ??= plan;
    }

    private static IEnumerable<CheckResult> Errors(RequirementReport report) => report.Results.Where(finding => finding.Severity is CheckSeverity.Error);

    private static bool IsOfFleet(MeshCluster cluster, InstallOptions options, string fleet, IReadOnlyList<string> aliases)
    {
        var own = FleetNames.TrustDomain(fleet);
        return cluster.Revisions.Count > 0 && (options.Authority is MeshAuthority.IstioCA ? aliases.Contains(own, StringComparer.Ordinal) : string.Equals(cluster.TrustDomain, own, StringComparison.Ordinal));
    }

    // What a running control plane accepts as its own must go on being accepted by the next one.
    private static async Task<IReadOnlyList<string>> AliasesAsync(RevisionReading reading, IOperationLog log, CancellationToken cancellationToken)
    {
        var reads = new PermittedReads(reading.Cluster, log);
        var maps = await Task.WhenAll(reading.Deployments.Select(RevisionReading.RevisionOf).Select(revision =>
            reads.FindAsync(ResourceTypes.ConfigMap, reading.Namespace, ControlPlaneRevision.Revisioned("istio", revision), cancellationToken))).ConfigureAwait(false);
        return [.. maps.OfType<KubernetesObject>().SelectMany(MeshSettings.TrustDomainAliasesOf).Distinct(StringComparer.Ordinal)];
    }
}
