using System.Security.Cryptography.X509Certificates;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Verify;

namespace MeshTools.Trust;

/// <summary>How to check trust.</summary>
public sealed record TrustCheckOptions
{
    /// <summary>The control planes' namespace.</summary>
    public string Namespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>Certificates that end within so many days are worth a warning.</summary>
    public int WarnDays { get; init; } = 30;

    /// <summary>Clusters that are read at a time.</summary>
    public int ThrottleLimit { get; init; } = 32;
}

/// <summary>What a check of trust found.</summary>
/// <param name="Results">The findings, passed checks among them.</param>
/// <param name="IsComplete">Whether every cluster could be read.</param>
public sealed record TrustReport(IReadOnlyList<CheckResult> Results, bool IsComplete)
{
    /// <summary>Whether workloads of all clusters trust each other. Where nothing was checked, nothing is proved.</summary>
    public bool IsGood => IsComplete && Results.Count > 0 && Results.All(result => result.Severity != CheckSeverity.Error);
}

/// <summary>Whether the clusters of a mesh trust each other: by parsed certificates, never by text. Only reads.</summary>
public sealed class TrustCheck
{
    private static readonly Uri s_pluggedIn = new("https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/");
    private static readonly Uri s_trustDomains = new("https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/");

    private readonly IReadOnlyList<ClusterTrust> _clusters;
    private readonly TrustCheckOptions _options;
    private readonly DateTimeOffset _now;
    private readonly List<CheckResult> _results = [];

    private TrustCheck(IReadOnlyList<ClusterTrust> clusters, TrustCheckOptions options, DateTimeOffset now)
    {
        _clusters = clusters;
        _options = options;
        _now = now;
    }

    /// <summary>Reads the clusters and checks them.</summary>
    /// <param name="clusters">The clusters.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes warnings, and clusters that cannot be read.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The findings.</returns>
    public static async Task<TrustReport> RunAsync(
        IReadOnlyList<MeshCluster> clusters, TrustCheckOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var read = await TrustReading.ReadAllAsync(clusters, options.Namespace, options.ThrottleLimit, log, cancellationToken).ConfigureAwait(false);
        return new TrustReport(new TrustCheck(read, options, DateTimeOffset.UtcNow).Check(), read.Count == clusters.Count);
    }

    /// <summary>Checks what has been read.</summary>
    internal static IReadOnlyList<CheckResult> Check(IReadOnlyList<ClusterTrust> clusters, TrustCheckOptions options) =>
        new TrustCheck(clusters, options, DateTimeOffset.UtcNow).Check();

    private List<CheckResult> Check()
    {
        CheckRoots();
        CheckTrustDomains();
        foreach (var cluster in _clusters)
        {
            CheckReadable(cluster);
            CheckReload(cluster);
            CheckChain(cluster);
            CheckCertificates(cluster);
        }

        return _results;
    }

    // What workloads verify with: what is published; before there is an istiod, what it will publish.
    private static IReadOnlyList<X509Certificate2> RootsOf(ClusterTrust cluster) => cluster.Published.Count > 0 ? cluster.Published : cluster.Signing?.Roots ?? [];

    private static HashSet<string> FingerprintsOf(ClusterTrust cluster) => RootsOf(cluster).Select(MeshCertificate.FingerprintOf).ToHashSet(StringComparer.Ordinal);

    private static string Write(IEnumerable<string> fingerprints) => string.Join(" + ", fingerprints.Order(StringComparer.Ordinal));

    private void CheckRoots()
    {
        foreach (var without in _clusters.Where(cluster => RootsOf(cluster).Count == 0))
        {
            Add("MT301", CheckSeverity.Error, without, "it trusts no root: istiod has published none, and there is no signing certificate", fix: "Install a control plane, or a certificate with Install-MeshCertificate.");
        }

        var groups = _clusters.Where(cluster => RootsOf(cluster).Count > 0)
            .GroupBy(FingerprintsOf, HashSet<string>.CreateSetComparer())
            .OrderByDescending(group => group.Count())
            // Where no root has the majority, not the order in which clusters answered decides who is told to change.
            .ThenBy(group => group.Select(cluster => cluster.Cluster.Name).Order(NaturalOrder.Comparer).First(), NaturalOrder.Comparer)
            .ToArray();
        if (groups.Length == 0)
            return;
        var reference = groups[0].First();
        foreach (var cluster in groups[0])
            Add("MT301", CheckSeverity.Pass, cluster, $"it trusts the root that {groups[0].Count()} of {_clusters.Count} clusters trust", evidence: Write(groups[0].Key), where: RootMap(cluster));
        foreach (var cluster in groups.Skip(1).SelectMany(group => group))
        {
            // In the middle of a rotation the sets differ, and yet each trusts what the other signs with.
            var works = Trusts(cluster, reference) && Trusts(reference, cluster);
            _results.Add(new CheckResult(
                "MT301",
                works ? CheckSeverity.Warning : CheckSeverity.Error,
                cluster.Cluster,
                works
                    ? $"its roots are not those of {reference.Cluster.Name}, but each trusts what the other signs with"
                    : $"its roots are not those of {reference.Cluster.Name}: calls between the two fail (CERTIFICATE_VERIFY_FAILED)")
            {
                Peer = reference.Cluster,
                Object = RootMap(cluster),
                Evidence = $"{cluster.Cluster.Name}: {Write(FingerprintsOf(cluster))}; {reference.Cluster.Name}: {Write(FingerprintsOf(reference))}",
                Fix = works
                    ? "Finish the rotation: run Update-MeshCertificate -NewRoot again with all clusters."
                    : $"Give {cluster.Cluster.Name} an intermediate of the shared root: New-MeshIntermediateCertificate -Root $root -Cluster {cluster.Cluster.Name} | Install-MeshCertificate -Force -RestartControlPlane.",
                DocUri = s_pluggedIn,
            });
        }
    }

    private bool Trusts(ClusterTrust one, ClusterTrust other) => other.Signing is { } signing && Path(signing, RootsOf(one)) is not null;

    private IReadOnlyList<X509Certificate2>? Path(MeshCertificate signing, IReadOnlyList<X509Certificate2> roots) =>
        CertificateCheck.PathToAny(signing.X509, signing.Issuers, roots, _now);

    private void CheckTrustDomains()
    {
        foreach (var (one, other) in from one in _clusters from other in _clusters where one != other select (one, other))
        {
            if (one.TrustDomain is null || other.TrustDomain is null || string.Equals(one.TrustDomain, other.TrustDomain, StringComparison.Ordinal))
                continue;
            if (!one.TrustDomainAliases.Contains(other.TrustDomain, StringComparer.Ordinal))
            {
                _results.Add(new CheckResult("MT304", CheckSeverity.Error, one.Cluster, $"it does not accept trust domain {other.TrustDomain} of {other.Cluster.Name}")
                {
                    Peer = other.Cluster,
                    Object = new ObjectReference("v1", "ConfigMap", one.MeshConfigMap, one.Namespace),
                    Evidence = $"{one.Cluster.Name}: trustDomain {one.TrustDomain}, trustDomainAliases [{string.Join(", ", one.TrustDomainAliases)}]; {other.Cluster.Name}: trustDomain {other.TrustDomain}",
                    Fix = $"Use one trust domain, or add {other.TrustDomain} to meshConfig.trustDomainAliases of {one.Cluster.Name} (both clusters need the other's).",
                    DocUri = s_trustDomains,
                });
            }
        }

        foreach (var cluster in _clusters.Where(cluster => cluster.TrustDomain is not null && !_results.Exists(result => result.Id is "MT304" && result.Cluster == cluster.Cluster)))
            Add("MT304", CheckSeverity.Pass, cluster, "it accepts the trust domains of all clusters", evidence: $"trustDomain {cluster.TrustDomain}");
    }

    private void CheckReadable(ClusterTrust cluster)
    {
        foreach (var problem in cluster.Problems)
            Add("MT314", CheckSeverity.Error, cluster, problem, fix: "Install a certificate anew with Install-MeshCertificate -Force.");
    }

    private void CheckReload(ClusterTrust cluster)
    {
        if (cluster is not { Authority: CertificateAuthorityKind.PluggedIn, PluggedIn: { } plugged } || cluster.Pods.Count == 0)
            return;
        var older = cluster.PodsOlderThanCacerts.ToArray();
        var publishes = cluster.PublishedFingerprints.SetEquals(plugged.RootFingerprints);
        var evidence = $"cacerts written {cluster.CacertsWrittenAt:u}; {string.Join(", ", (older.Length > 0 ? older : cluster.Pods).Select(pod => $"{pod.Name} started {pod.StartedAt:u}"))}";
        if (!publishes)
            Add("MT302", CheckSeverity.Error, cluster, "istiod publishes other roots than those in cacerts: it has not read the Secret", $"cacerts: {Write(plugged.RootFingerprints)}; published: {Write(cluster.PublishedFingerprints)}; {evidence}", Restart(cluster), CacertsOf(cluster));
        else if (older.Length > 0)
            Add("MT302", CheckSeverity.Warning, cluster, "cacerts is newer than the istiod that should have read it", evidence, Restart(cluster), CacertsOf(cluster));
        else
            Add("MT302", CheckSeverity.Pass, cluster, "istiod started after cacerts was written, and publishes its roots", evidence, where: CacertsOf(cluster));
        if (cluster.OutdatedNamespaces.Count > 0)
            Add("MT302", CheckSeverity.Error, cluster, $"namespaces have other roots than istiod's own: {string.Join(", ", cluster.OutdatedNamespaces)}", fix: "See why istiod does not update ConfigMap istio-ca-root-cert there: its log, and who else writes it.");
    }

    private void CheckChain(ClusterTrust cluster)
    {
        if (cluster.Signing is not { } signing)
            return;
        var path = Path(signing, RootsOf(cluster));
        if (path is not null)
            Add("MT311", CheckSeverity.Pass, cluster, $"{signing.Subject} leads to a published root", $"{signing.Fingerprint} -> {MeshCertificate.FingerprintOf(path[^1])}");
        else if (CertificateCheck.OutOfTime(signing.X509, cluster.Cluster.Name, _now) is null)
            Add("MT311", CheckSeverity.Error, cluster, $"{signing.Subject} leads to none of the published roots", $"signing: {signing.Fingerprint}, issuer {signing.Issuer}; roots: {Write(FingerprintsOf(cluster))}", Restart(cluster));
    }

    private void CheckCertificates(ClusterTrust cluster)
    {
        var all = RootsOf(cluster).Concat(cluster.Signing is { } signing ? [signing.X509, .. signing.Issuers] : []).DistinctBy(MeshCertificate.FingerprintOf).ToArray();
        var before = _results.Count;
        foreach (var link in all.Select(ChainLink.Of).OrderBy(link => link.NotAfter))
        {
            var days = (int)Math.Floor((link.NotAfter - _now).TotalDays);
            if (link.NotAfter <= _now || link.NotBefore > _now)
                Add("MT303", CheckSeverity.Error, cluster, link.NotAfter <= _now ? $"{link.Subject} ended on {link.NotAfter:yyyy-MM-dd}" : $"{link.Subject} begins only on {link.NotBefore:yyyy-MM-dd}", link.Fingerprint, "Install a new certificate: Install-MeshCertificate for an intermediate, Update-MeshCertificate -NewRoot for a root.");
            else if (days < _options.WarnDays)
                Add("MT303", CheckSeverity.Warning, cluster, $"{link.Subject} ends in {days} days, on {link.NotAfter:yyyy-MM-dd}", link.Fingerprint, "Install a new certificate before: Install-MeshCertificate for an intermediate, Update-MeshCertificate -NewRoot for a root.");
        }

        if (_results.Count == before && all.Length > 0)
            Add("MT303", CheckSeverity.Pass, cluster, $"no certificate ends within {_options.WarnDays} days", string.Join("; ", all.Select(ChainLink.Of).Select(link => $"{link.Subject}: {link.NotAfter:yyyy-MM-dd}")));
        foreach (var weak in all)
        {
            if (KeyPair.Weakness(weak) is { } weakness && !(MeshCertificate.IsRoot(weak) && weakness.StartsWith("it is signed", StringComparison.Ordinal)))
                Add("MT312", CheckSeverity.Warning, cluster, $"{DistinguishedName.Describe(weak.SubjectName)} is weak: {weakness}", MeshCertificate.FingerprintOf(weak), "Replace it by one with RSA of 2048 bits or more, or ECDSA, signed with SHA-256.");
            if (SampleRoots.Contains(weak))
                Add("MT313", CheckSeverity.Error, cluster, $"{DistinguishedName.Describe(weak.SubjectName)} is the sample root of the Istio repository: everybody has its private key", MeshCertificate.FingerprintOf(weak), "Make a root of your own with New-MeshRootCertificate, and change to it with Update-MeshCertificate -NewRoot.");
        }
    }

    private static ObjectReference RootMap(ClusterTrust cluster) => new("v1", "ConfigMap", ClusterTrust.RootConfigMap, cluster.Namespace);

    private static ObjectReference CacertsOf(ClusterTrust cluster) => new("v1", "Secret", Cacerts.Name, cluster.Namespace);

    private static string Restart(ClusterTrust cluster) => $"Restart istiod: kubectl --context {cluster.Cluster.Context} -n {cluster.Namespace} rollout restart deployment -l app=istiod";

    private void Add(string id, CheckSeverity severity, ClusterTrust cluster, string message, string? evidence = null, string? fix = null, ObjectReference? where = null) =>
        _results.Add(new CheckResult(id, severity, cluster.Cluster, message) { Object = where, Evidence = evidence, Fix = fix, DocUri = s_pluggedIn });
}
