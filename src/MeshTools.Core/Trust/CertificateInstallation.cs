using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Trust;

/// <summary>How to install a signing certificate.</summary>
public sealed record CertificateInstallationOptions
{
    /// <summary>The control plane's namespace.</summary>
    public string Namespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>Make the namespace where it is missing.</summary>
    public bool CreateNamespace { get; init; }

    /// <summary>Replace a <c>cacerts</c> that says something else.</summary>
    public bool Force { get; init; }

    /// <summary>Restart istiod where it has to read the Secret anew, and wait.</summary>
    public bool RestartControlPlane { get; init; }

    /// <summary>How long istiod may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>What became of one cluster's <c>cacerts</c>.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Change">What happened to the Secret.</param>
/// <param name="Subject">The signing certificate's subject.</param>
/// <param name="Fingerprint">Its fingerprint.</param>
/// <param name="RootFingerprints">The roots' fingerprints.</param>
/// <param name="NotAfter">When it ends.</param>
/// <param name="RestartRequired">Whether istiod still signs with something else until it is restarted.</param>
/// <param name="Restarted">Whether istiod was restarted.</param>
public sealed record CertificateInstallationResult(
    MeshCluster Cluster,
    ChangeOutcome Change,
    string Subject,
    string Fingerprint,
    IReadOnlyList<string> RootFingerprints,
    DateTimeOffset NotAfter,
    bool RestartRequired,
    bool Restarted);

/// <summary>One signing certificate on its way into one cluster, as Secret <c>cacerts</c>. Planning only reads.</summary>
public sealed class CertificateInstallation
{
    private readonly CertificateInstallationOptions _options;
    private readonly ClusterTrust _trust;
    private readonly bool _needsRestart;

    private CertificateInstallation(MeshCertificate certificate, ClusterTrust trust, CertificateInstallationOptions options, ChangeKind kind)
    {
        Certificate = certificate;
        _trust = trust;
        _options = options;
        var secret = new ObjectReference("v1", "Secret", Cacerts.Name, options.Namespace);
        Secret = new PlannedChange(trust.Cluster, secret, kind, $"signing certificate {certificate.Subject}");
        // A rerun after a cut-off run finds the Secret as it should be, and an istiod that has not read it. One that has published nothing yet has only just started: to restart
        // it would not help.
        _needsRestart = trust.Deployments.Count > 0
            && (Secret.Writes || trust.PodsOlderThanCacerts.Any() || (trust.PublishedFingerprints.Count > 0 && !trust.PublishedFingerprints.SetEquals(certificate.RootFingerprints)));
        Changes =
        [
            .. trust.NamespaceExists ? [] : new[] { new PlannedChange(Cluster, new ObjectReference("v1", "Namespace", options.Namespace, null), ChangeKind.Create, "namespace of the control plane") },
            Secret,
            .. _needsRestart && options.RestartControlPlane ? ControlPlaneRestart.Changes(trust) : [],
        ];
    }

    /// <summary>The certificate.</summary>
    public MeshCertificate Certificate { get; }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster => _trust.Cluster;

    /// <summary>What would happen to the Secret.</summary>
    public PlannedChange Secret { get; }

    /// <summary>Everything that would happen, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; }

    /// <summary>Checks a certificate and looks at the cluster it is for. Nothing is written.</summary>
    /// <param name="certificate">The certificate, with its key.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes warnings, and everything that is wrong beyond the first thing.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">The certificate must not be installed, another <c>cacerts</c> is there, or the namespace is missing.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<CertificateInstallation> PlanAsync(
        MeshCertificate certificate, MeshCluster cluster, CertificateInstallationOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var problems = CertificateCheck.Problems(certificate, cluster.Name, DateTimeOffset.UtcNow);
        foreach (var problem in problems.Skip(1))
            log.Failed(problem, cluster);
        if (problems.Count > 0)
            throw problems[0];
        CertificateCheck.Warn(certificate, cluster.Name, log);
        var trust = await ClusterTrust.ReadAsync(cluster, options.Namespace, log, cancellationToken).ConfigureAwait(false);
        if (!trust.NamespaceExists && !options.CreateNamespace)
            throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{cluster.Name}: namespace {options.Namespace} does not exist", cluster);
        if (trust.Authority is CertificateAuthorityKind.MeshCa or CertificateAuthorityKind.CaService or CertificateAuthorityKind.External)
            log.Warning($"{cluster.Name}: workloads are signed by {trust.AuthorityAddress ?? "an authority outside"}; istiod will not sign with cacerts unless its CA is changed.");
        return new CertificateInstallation(certificate, trust, options, KindOf(certificate, trust, options));
    }

    /// <summary>Refuses certificates that would give clusters of one mesh different roots.</summary>
    /// <param name="plans">The plans of one pipeline.</param>
    /// <exception cref="MeshException">Roots differ (<c>RootsDiffer</c>).</exception>
    public static void RequireOneRoot(IReadOnlyList<CertificateInstallation> plans)
    {
        ArgumentNullException.ThrowIfNull(plans);
        var groups = plans.GroupBy(plan => string.Join(" + ", plan.Certificate.RootFingerprints.Order(StringComparer.Ordinal)), StringComparer.Ordinal).ToArray();
        if (groups.Length > 1)
        {
            throw new MeshException(
                ErrorCatalog.RootsDiffer,
                "the clusters would get different roots: " + string.Join("; ", groups.Select(group => $"{string.Join(", ", group.Select(plan => plan.Cluster))}: {group.Key}")),
                groups[^1].First().Cluster);
        }
    }

    /// <summary>Writes the Secret, when it is not there as it should be, and restarts istiod when that was asked for.</summary>
    /// <param name="log">Takes milestones, and what is left to do.</param>
    /// <param name="cancellationToken">Cancels the requests and the wait.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="KubernetesException">A request or the rollout fails.</exception>
    public async Task<CertificateInstallationResult> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        await WriteAsync(cancellationToken).ConfigureAwait(false);
        if (Secret.Writes)
            log.Verbose($"{Cluster.Name}: {Secret.Object} {(Secret.Kind == ChangeKind.Create ? "created" : "updated")}");
        var restarted = _needsRestart && _options.RestartControlPlane;
        if (restarted)
        {
            await ControlPlaneRestart.RunAsync(_trust, Certificate.RootFingerprints.ToHashSet(StringComparer.Ordinal), _options.Timeout, log, cancellationToken).ConfigureAwait(false);
            log.Warning($"{Cluster.Name}: workloads keep their certificates until they renew them (within a day, unless set otherwise) or are restarted.");
        }
        else if (_needsRestart)
        {
            log.Warning($"{Cluster.Name}: istiod reads cacerts when it starts. Restart it (-RestartControlPlane does); workloads keep their certificates until they renew them or are restarted.");
        }

        return new CertificateInstallationResult(
            Cluster, Secret.Kind.Outcome(), Certificate.Subject, Certificate.Fingerprint, Certificate.RootFingerprints, Certificate.NotAfter, _needsRestart && !restarted, restarted);
    }

    private static ChangeKind KindOf(MeshCertificate certificate, ClusterTrust trust, CertificateInstallationOptions options)
    {
        if (trust.CacertsSecret is not { } live)
            return ChangeKind.Create;
        if (Cacerts.Says(live, certificate))
            return ChangeKind.Unchanged;
        // What istiod generated itself is nobody's choice.
        if (options.Force || live.Find("data", Cacerts.GeneratedKey) is not null)
            return ChangeKind.Update;
        throw new MeshException(
            ErrorCatalog.CacertsDiffer,
            $"{trust.Cluster.Name}: {live.Reference} holds {trust.PluggedIn?.ToString() ?? "something that cannot be read"}, and not {certificate}",
            trust.Cluster);
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var client = Cluster.Connect();
        if (!_trust.NamespaceExists)
            await CreateNamespaceAsync(client, cancellationToken).ConfigureAwait(false);
        switch (Secret.Kind)
        {
            case ChangeKind.Create:
                await client.CreateAsync(Cacerts.Manifest(Certificate, _options.Namespace), cancellationToken: cancellationToken).ConfigureAwait(false);
                break;
            case ChangeKind.Update:
                // With its resource version: nobody's change in between is lost. Its labels and annotations stay; its keys become exactly the four.
                var secret = _trust.CacertsSecret!.Clone();
                secret.Json["data"] = Cacerts.Data(Certificate);
                await client.UpdateAsync(secret, cancellationToken: cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private async Task CreateNamespaceAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.CreateAsync(KubernetesObject.Create("v1", "Namespace", _options.Namespace), cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // Whoever made it since the plan was made wanted the same.
        }
    }
}
