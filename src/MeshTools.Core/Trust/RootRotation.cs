using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Trust;

/// <summary>A step of a root rotation.</summary>
public enum RotationStep
{
    /// <summary>Every cluster comes to trust the new root beside the old ones.</summary>
    CombineRoots,

    /// <summary>Every cluster comes to sign with an intermediate of the new root.</summary>
    ReplaceIntermediates,

    /// <summary>Every cluster stops trusting the old roots.</summary>
    DropOldRoots,

    /// <summary>Nothing is left to do.</summary>
    Complete,
}

/// <summary>How to rotate.</summary>
public sealed record RootRotationOptions
{
    /// <summary>The control planes' namespace.</summary>
    public string Namespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>Intermediates of the new root that were signed elsewhere; without them they are made here, with the new root's key.</summary>
    public IReadOnlyList<MeshCertificate> Intermediates { get; init; } = [];

    /// <summary>The key pair and validity of intermediates that are made here.</summary>
    public CertificateOptions Certificates { get; init; } = new();

    /// <summary>How long each istiod may take to restart and to publish.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Clusters that are worked on at a time.</summary>
    public int ThrottleLimit { get; init; } = 32;
}

/// <summary>What one step did in one cluster.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Step">The step.</param>
/// <param name="Change">What happened to <c>cacerts</c>.</param>
/// <param name="SigningFingerprint">What istiod signs with after it.</param>
/// <param name="RootFingerprints">What the cluster trusts after it.</param>
/// <param name="NextStep">What the next call will do.</param>
public sealed record RotationResult(
    MeshCluster Cluster, RotationStep Step, ChangeOutcome Change, string SigningFingerprint, IReadOnlyList<string> RootFingerprints, RotationStep NextStep);

/// <summary>
/// One step of a change of root over all clusters of a mesh. First every cluster trusts both roots, then every cluster signs with the new one, then every cluster trusts only
/// the new one: at no time does a cluster meet a certificate whose root it does not trust. A step starts only after the last is seen in every cluster: its istiods run, started
/// after <c>cacerts</c> was written, and every namespace has the published roots.
/// </summary>
public sealed class RootRotation
{
    private readonly X509Certificate2 _newRoot;
    private readonly RootRotationOptions _options;
    private readonly IReadOnlyList<ClusterStep> _steps;

    private RootRotation(X509Certificate2 newRoot, RootRotationOptions options, RotationStep step, IReadOnlyList<ClusterStep> steps)
    {
        _newRoot = newRoot;
        _options = options;
        Step = step;
        _steps = steps;
        Changes = [.. steps.SelectMany(each => each.Changes)];
    }

    /// <summary>The step that this call does.</summary>
    public RotationStep Step { get; }

    /// <summary>Everything that would happen.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; }

    /// <summary>Looks at every cluster and finds the next step. Nothing is written.</summary>
    /// <param name="clusters">All clusters of the mesh.</param>
    /// <param name="newRoot">The new root; its key is needed for the second step only, unless the intermediates were signed elsewhere.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The step.</returns>
    /// <exception cref="MeshException">The root cannot be used, a cluster cannot be read or has no authority in a Secret, or the last step is not seen everywhere.</exception>
    public static async Task<RootRotation> PlanAsync(
        IReadOnlyList<MeshCluster> clusters, MeshCertificate newRoot, RootRotationOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        ArgumentNullException.ThrowIfNull(newRoot);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        RequireRoot(newRoot);
        var read = await TrustReading.ReadAllAsync(clusters, options.Namespace, options.ThrottleLimit, log, cancellationToken).ConfigureAwait(false);
        if (read.Count < clusters.Count)
        {
            throw new MeshException(
                ErrorCatalog.RotationNotReady, $"{string.Join(", ", clusters.Except(read.Select(trust => trust.Cluster)))} cannot be read; a step is done in all clusters or in none", newRoot);
        }

        foreach (var trust in read)
            RequireAuthority(trust);
        var steps = read.ToDictionary(trust => trust, trust => StepOf(trust, newRoot.X509));
        var step = steps.Values.Min();
        if (step != RotationStep.CombineRoots && read.Any(trust => Unseen(trust) is not null))
        {
            if (!IsCutOff(read))
                RequireSeen(read);
            // The Secrets are written, and an istiod has not read its own: the last step is completed before the next.
            step--;
        }

        X509Certificate2[] all = [.. read.SelectMany(trust => trust.Signing!.Roots.Concat(trust.Published)).Append(newRoot.X509)];
        return new RootRotation(newRoot.X509, options, step,
        [
            .. read.Select(trust => step switch
            {
                RotationStep.CombineRoots => new ClusterStep(trust, step, Union(trust), null),
                RotationStep.ReplaceIntermediates when steps[trust] == step => new ClusterStep(trust, step, Union(trust), IntermediateFor(trust.Cluster, newRoot, options, log)),
                RotationStep.DropOldRoots => new ClusterStep(trust, step, [newRoot.X509], null),
                _ => new ClusterStep(trust, step, trust.Signing!.Roots, null),
            }),
        ]);

        // A cluster's own roots first: there are verifiers that take the first of several roots of one name.
        IReadOnlyList<X509Certificate2> Union(ClusterTrust trust) => [.. trust.Signing!.Roots.Concat(all).DistinctBy(MeshCertificate.FingerprintOf)];
    }

    /// <summary>Does the step: first the Secrets of all clusters, then the restarts.</summary>
    /// <param name="log">Takes milestones, and clusters that fail.</param>
    /// <param name="cancellationToken">Cancels the requests and the waits.</param>
    /// <returns>What happened in each cluster that did not fail. When one fails, a further call does what is left of this step.</returns>
    public async Task<IReadOnlyList<RotationResult>> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        var results = new System.Collections.Concurrent.ConcurrentDictionary<ClusterStep, RotationResult>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_steps, parallel, async (step, stop) =>
        {
            try
            {
                await step.ExecuteAsync(_options, log, stop).ConfigureAwait(false);
                results[step] = step.Result(NextStep());
                log.Progress(new OperationProgress("Rotating the root", $"{step.Trust.Cluster.Name}: {Step}", results.Count, _steps.Count, step.Trust.Cluster.Name));
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                log.Failed(e, step.Trust.Cluster);
            }
        }).ConfigureAwait(false);
        Advise(log);
        return [.. _steps.Where(results.ContainsKey).Select(step => results[step])];
    }

    private RotationStep NextStep() => Step switch
    {
        RotationStep.CombineRoots => RotationStep.ReplaceIntermediates,
        RotationStep.ReplaceIntermediates => RotationStep.DropOldRoots,
        _ => RotationStep.Complete,
    };

    // istiod's own part is waited for; proxies that hold an old certificate or an old set of roots cannot be seen from here.
    private void Advise(IOperationLog log)
    {
        if (Step == RotationStep.CombineRoots)
            log.Warning("Workloads come to trust the new root when they renew their certificates or are restarted. Let that happen in every cluster before the next step.");
        if (Step == RotationStep.ReplaceIntermediates)
            log.Warning("Workloads keep certificates of the old root until they renew them (within a day, unless set otherwise) or are restarted. Let that happen in every cluster before the next step.");
    }

    private static void RequireRoot(MeshCertificate root)
    {
        if (!root.IsSelfSigned || !root.IsCertificateAuthority)
            throw new MeshException(ErrorCatalog.NotACertificateAuthority, $"{root.Subject} is no self-signed certificate authority", root);
        if (CertificateCheck.OutOfTime(root.X509, "the new root", DateTimeOffset.UtcNow) is { } late)
            throw late;
        if (SampleRoots.Contains(root.X509))
            throw new MeshException(ErrorCatalog.SampleRoot, $"{root} is the sample root of the Istio repository; its private key is public", root);
    }

    private static void RequireAuthority(ClusterTrust trust)
    {
        if (trust.Signing is null)
        {
            throw new MeshException(
                ErrorCatalog.AuthorityNotRotatable, $"{trust.Cluster.Name}: workloads are signed by {trust.AuthorityAddress ?? trust.Authority.ToString()}, and not by a certificate in a Secret", trust.Cluster);
        }

        if (trust.Problems.Count > 0)
            throw new MeshException(ErrorCatalog.CertificateUnreadable, $"{trust.Cluster.Name}: {trust.Problems[0]}", trust.Cluster);
    }

    private static RotationStep StepOf(ClusterTrust trust, X509Certificate2 newRoot)
    {
        var signing = trust.Signing!;
        var fingerprint = MeshCertificate.FingerprintOf(newRoot);
        if (trust.Authority != CertificateAuthorityKind.PluggedIn || !signing.RootFingerprints.Contains(fingerprint, StringComparer.Ordinal))
            return RotationStep.CombineRoots;
        if (CertificateCheck.PathOf(signing.X509, signing.Issuers.Where(issuer => !MeshCertificate.IsRoot(issuer)), [newRoot], DateTimeOffset.UtcNow, out _) is null)
            return RotationStep.ReplaceIntermediates;
        return signing.Roots.Count > 1 ? RotationStep.DropOldRoots : RotationStep.Complete;
    }

    private static void RequireSeen(IReadOnlyList<ClusterTrust> clusters)
    {
        var waiting = clusters.Select(trust => (trust.Cluster, Why: Unseen(trust))).Where(pair => pair.Why is not null).ToArray();
        if (waiting.Length > 0)
        {
            throw new MeshException(
                ErrorCatalog.RotationNotReady, "the last step is not seen everywhere: " + string.Join("; ", waiting.Select(pair => $"{pair.Cluster.Name}: {pair.Why}")), waiting[0].Cluster);
        }
    }

    // All Secrets agree, and what istiod still publishes has lost nothing or only gained: a restart breaks no call.
    private static bool IsCutOff(IReadOnlyList<ClusterTrust> clusters)
    {
        var wanted = clusters[0].Signing!.RootFingerprints.ToHashSet(StringComparer.Ordinal);
        return clusters.All(trust => wanted.SetEquals(trust.Signing!.RootFingerprints)
            && trust.Pods.Count > 0
            && trust.OutdatedNamespaces.Count == 0
            && trust.Published.Count > 0
            && (wanted.IsSubsetOf(trust.PublishedFingerprints) || wanted.IsSupersetOf(trust.PublishedFingerprints)));
    }

    private static string? Unseen(ClusterTrust trust)
    {
        if (trust.Deployments.Count > 0 && trust.Pods.Count == 0)
            return "no istiod runs";
        if (!trust.PublishedFingerprints.SetEquals(trust.Signing!.RootFingerprints))
            return "istiod does not publish the roots of cacerts";
        if (trust.OutdatedNamespaces.Count > 0)
            return $"namespaces {string.Join(", ", trust.OutdatedNamespaces)} have other roots";
        return trust.PodsOlderThanCacerts.FirstOrDefault() is { } older ? $"{older.Name} started before cacerts was written" : null;
    }

    private static MeshCertificate IntermediateFor(MeshCluster cluster, MeshCertificate newRoot, RootRotationOptions options, IOperationLog log)
    {
        var given = options.Intermediates.FirstOrDefault(certificate => certificate.Cluster is { } own ? own.Entry() == cluster.Entry() : string.Equals(certificate.Name, cluster.Name, StringComparison.Ordinal));
        if (given is null && !newRoot.HasPrivateKey)
            throw new MeshException(ErrorCatalog.PrivateKeyNotHeld, $"{cluster.Name}: there is no intermediate for it, and the private key of {newRoot} is not held here to make one", cluster);
        if (given is null)
            return CertificateIssuing.CreateIntermediate(newRoot, cluster.Name, cluster, options.Certificates, log);
        var problems = CertificateCheck.Problems(given, cluster.Name, DateTimeOffset.UtcNow);
        if (problems.Count > 0)
            throw problems[0];
        return given.RootFingerprints.Contains(newRoot.Fingerprint, StringComparer.Ordinal)
            ? given
            : throw new MeshException(ErrorCatalog.ChainNotTrusted, $"{cluster.Name}: {given} does not lead to the new root {newRoot}", cluster);
    }

    /// <summary>The step in one cluster.</summary>
    private sealed class ClusterStep
    {
        private readonly RotationStep _step;
        private readonly IReadOnlyList<X509Certificate2> _roots;
        private readonly MeshCertificate? _intermediate;
        private readonly ChangeKind _kind;
        private readonly bool _restarts;

        internal ClusterStep(ClusterTrust trust, RotationStep step, IReadOnlyList<X509Certificate2> roots, MeshCertificate? intermediate)
        {
            Trust = trust;
            _step = step;
            _roots = roots;
            _intermediate = intermediate;
            var same = intermediate is null && trust.Authority == CertificateAuthorityKind.PluggedIn && RootSet.SetEquals(trust.Signing!.RootFingerprints);
            _kind = trust.CacertsSecret is null ? ChangeKind.Create : same ? ChangeKind.Unchanged : ChangeKind.Update;
            // A call that was cut off between the Secret and the restart leaves an istiod that has not read it.
            _restarts = trust.Deployments.Count > 0 && (_kind != ChangeKind.Unchanged || trust.PodsOlderThanCacerts.Any() || !trust.PublishedFingerprints.SetEquals(RootSet));
        }

        internal ClusterTrust Trust { get; }

        private HashSet<string> RootSet => _roots.Select(MeshCertificate.FingerprintOf).ToHashSet(StringComparer.Ordinal);

        internal IEnumerable<PlannedChange> Changes =>
        [
            new PlannedChange(Trust.Cluster, new ObjectReference("v1", "Secret", Cacerts.Name, Trust.Namespace), _kind, Describe()),
            .. _restarts ? ControlPlaneRestart.Changes(Trust) : [],
        ];

        internal RotationResult Result(RotationStep next) =>
            new(Trust.Cluster, _step, _kind.Outcome(), (_intermediate ?? Trust.Signing!).Fingerprint, [.. _roots.Select(MeshCertificate.FingerprintOf)], next);

        internal async Task ExecuteAsync(RootRotationOptions options, IOperationLog log, CancellationToken cancellationToken)
        {
            if (_kind != ChangeKind.Unchanged)
                await WriteAsync(cancellationToken).ConfigureAwait(false);
            if (_restarts)
                await ControlPlaneRestart.RunAsync(Trust, RootSet, options.Timeout, log, cancellationToken).ConfigureAwait(false);
            log.Verbose($"{Trust.Cluster.Name}: {Describe()}");
        }

        private string Describe() => _step switch
        {
            RotationStep.CombineRoots => $"trust {_roots.Count} roots, the new one among them",
            RotationStep.ReplaceIntermediates => "sign with an intermediate of the new root",
            RotationStep.DropOldRoots => "trust the new root alone",
            _ => "nothing is left to do",
        };

        private async Task WriteAsync(CancellationToken cancellationToken)
        {
            var client = Trust.Cluster.Connect();
            var roots = Cacerts.Base64(MeshCertificate.PemOf(_roots));
            if (Trust.CacertsSecret is not { } live)
            {
                await client.CreateAsync(PlugIn(Trust.SelfSignedSecret!, roots), cancellationToken: cancellationToken).ConfigureAwait(false);
                return;
            }

            var secret = live.Clone();
            if (_intermediate is not null)
                secret.Json["data"] = Cacerts.Data(_intermediate);
            else if (Trust.Authority == CertificateAuthorityKind.SelfSigned)
                secret.Json["data"] = PlugIn(Trust.SelfSignedSecret!, roots).Json["data"]!.DeepClone();
            secret.Json["data"]![Cacerts.RootKey] = roots;
            // With its resource version: if somebody else changed it meanwhile, nothing is overwritten.
            await client.UpdateAsync(secret, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        // istiod's own authority goes on signing, now as a plugged-in one, so that the others' roots can stand beside its own.
        private KubernetesObject PlugIn(KubernetesObject own, string roots)
        {
            var secret = KubernetesObject.Create("v1", "Secret", Cacerts.Name, Trust.Namespace);
            secret.Json["type"] = "Opaque";
            secret.Json["data"] = new JsonObject
            {
                [Cacerts.CertificateKey] = own.FindString("data", Cacerts.CertificateKey),
                [Cacerts.KeyKey] = own.FindString("data", Cacerts.KeyKey),
                [Cacerts.ChainKey] = own.FindString("data", Cacerts.CertificateKey),
                [Cacerts.RootKey] = roots,
            };
            return secret;
        }
    }
}
