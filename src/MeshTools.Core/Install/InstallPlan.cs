using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Istioctl;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;
using MeshTools.Trust;

namespace MeshTools.Install;

/// <summary>A service mesh on its way into one cluster. Planning validates, renders and compares, and writes nothing.</summary>
public sealed class InstallPlan
{
    private const string NetworkLabel = "topology.istio.io/network";

    private readonly IstioctlProgram _program;
    private readonly InstallOptions _options;
    private readonly CertificateInstallation? _certificate;
    private readonly KubernetesObject? _namespace;

    private InstallPlan(
        MeshCluster cluster, OperatorConfiguration configuration, IstioctlProgram program, InstallOptions options, KubernetesObject? ns, CertificateInstallation? certificate, IReadOnlyList<PlannedChange> objects)
    {
        Cluster = cluster;
        Configuration = configuration;
        _program = program;
        _options = options;
        _certificate = certificate;
        _namespace = ns;
        Objects = objects;
        Namespace = NamespaceChange();
        Changes = [Namespace, .. certificate?.Changes.Where(change => change.Object.Kind is not "Namespace") ?? [], .. objects];
    }

    /// <summary>The cluster, probed.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>What istioctl is given.</summary>
    public OperatorConfiguration Configuration { get; }

    /// <summary>What would happen to the objects of the control plane, each.</summary>
    public IReadOnlyList<PlannedChange> Objects { get; }

    /// <summary>Everything that would happen, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; }

    private PlannedChange Namespace { get; }

    private string Revision => Configuration.Settings.Revision;

    /// <summary>Validates, renders and compares. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="istioctlPath">istioctl, or a folder that holds it; <see langword="null"/> for the one on the PATH.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes warnings, and everything that is wrong beyond the first thing.</param>
    /// <param name="cancellationToken">Cancels the requests, and ends istioctl.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">Something is wrong that no run could make good.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<InstallPlan> CreateAsync(MeshCluster cluster, string? istioctlPath, InstallOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var installer = await ReleaseProgram.FindAsync(istioctlPath, options.Release, cancellationToken).ConfigureAwait(false);
        var (probed, reading, configuration) = await ConfiguredCluster.ReadAsync(cluster, options, options.Release ?? installer.Version, log, cancellationToken).ConfigureAwait(false);
        var home = await probed.Connect().FindAsync(ResourceTypes.Namespace, null, options.Namespace, cancellationToken).ConfigureAwait(false);
        if (home?.DeletionTimestamp is not null)
            throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{probed.Name}: namespace {options.Namespace} is being deleted", probed, "Wait until it is gone, then run the command again.");
        var problems = await InstallValidation.ProblemsAsync(reading, configuration.Settings, options, log, cancellationToken).ConfigureAwait(false);
        foreach (var problem in problems.Skip(1))
            log.Failed(problem, probed);
        if (problems.Count > 0)
            throw problems[0];
        var certificate = await CertificateAsync(probed, options, reading, log, cancellationToken).ConfigureAwait(false);
        var rendered = await ManifestRendering.RenderAsync(installer.Program, configuration, probed, log, cancellationToken).ConfigureAwait(false);
        var objects = await InstallerView.CompareAsync(probed, rendered, installer.Version, configuration.Settings.Revision, options.Namespace, cancellationToken).ConfigureAwait(false);
        return new InstallPlan(probed, configuration, installer.Program, options, home, certificate, objects);
    }

    /// <summary>Makes the changes, all of which were approved.</summary>
    /// <param name="log">Takes progress and milestones.</param>
    /// <param name="cancellationToken">Ends istioctl and the requests; what was done stays, and a rerun goes on from there.</param>
    /// <returns>What is installed.</returns>
    /// <exception cref="MeshException">istioctl fails, or the control plane does not come up.</exception>
    /// <exception cref="KubernetesException">A request fails.</exception>
    public async Task<ServiceMeshInstallation> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        var first = Namespace.Kind is ChangeKind.Create;
        await WriteNamespaceAsync(log, cancellationToken).ConfigureAwait(false);
        if (_certificate is not null)
            await _certificate.ExecuteAsync(log, cancellationToken).ConfigureAwait(false);
        if (Objects.Any(change => change.Writes))
            await InstallAsync(log, cancellationToken).ConfigureAwait(false);
        if (_options.Wait)
            await InstallWait.RunAsync(Cluster, Revision, _options.Namespace, _options.Timeout, log, cancellationToken).ConfigureAwait(false);
        var installed = await InstallationCatalog.GetAsync(Cluster, _options.Namespace, log, cancellationToken).ConfigureAwait(false);
        var result = installed.FirstOrDefault(installation => string.Equals(installation.Revision, Revision, StringComparison.Ordinal))
            ?? throw new MeshException(ErrorCatalog.InstallationFailed, $"{Cluster.Name}: istioctl ended well, but no revision {Revision} is there", Cluster);
        var kind = !Changes.Any(change => change.Writes) ? ChangeOutcome.Unchanged
            : first || Objects.Any(change => change is { Kind: ChangeKind.Create, Object.Kind: "Deployment" }) ? ChangeOutcome.Created
            : ChangeOutcome.Updated;
        return result with { Cluster = Cluster with { Revision = installed.Count == 1 ? Revision : Cluster.Revision, Revisions = [.. installed.Select(item => item.Revision)] }, Change = kind };
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

    private PlannedChange NamespaceChange()
    {
        var reference = new ObjectReference("v1", "Namespace", _options.Namespace, null);
        var network = Configuration.Settings.Network;
        if (_namespace is null)
            return new PlannedChange(Cluster, reference, ChangeKind.Create, $"namespace of the control plane, in network {network}");
        var live = _namespace.Labels.GetValueOrDefault(NetworkLabel);
        return string.Equals(live, network, StringComparison.Ordinal)
            ? new PlannedChange(Cluster, reference, ChangeKind.Unchanged, $"in network {network}")
            : new PlannedChange(Cluster, reference, ChangeKind.Update, $"in network {network}{(live is null ? "" : $", before in {live}")}") { Fields = [$"metadata.labels['{NetworkLabel}']"] };
    }

    private async Task WriteNamespaceAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        if (!Namespace.Writes)
            return;
        var labels = new JsonObject { [NetworkLabel] = Configuration.Settings.Network };
        if (Namespace.Kind is ChangeKind.Create)
        {
            var ns = KubernetesObject.Create("v1", "Namespace", _options.Namespace);
            ns.Json["metadata"]!["labels"] = labels;
            await Cluster.Connect().CreateAsync(ns, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } });
            await Cluster.Connect().PatchAsync(ResourceTypes.Namespace, null, _options.Namespace, patch, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        log.Verbose($"{Cluster.Name}: {Namespace.Object} {(Namespace.Kind is ChangeKind.Create ? "created" : "updated")}");
    }

    private async Task InstallAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        var seconds = ((int)Math.Ceiling(Math.Max(1, _options.Timeout.TotalSeconds))).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var run = new IstioctlRun(_program, ["install", "-f", "-", "--skip-confirmation", "--readiness-timeout", $"{seconds}s"])
        {
            Cluster = Cluster, Input = Configuration.ToYaml(), OutputIsResult = false, Log = new InstallProgress(Cluster, log),
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
