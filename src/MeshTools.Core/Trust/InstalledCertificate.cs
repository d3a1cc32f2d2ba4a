using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Trust;

/// <summary>What a certificate does in a cluster.</summary>
public enum CertificateRole
{
    /// <summary>istiod signs workloads with it.</summary>
    Signing,

    /// <summary>Workloads trust what it signed.</summary>
    Root,
}

/// <summary>A certificate that a cluster signs with or trusts, or the authority outside of it that does so.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Role">What it does.</param>
/// <param name="Authority">Who signs the cluster's workloads.</param>
/// <param name="Source">Where it is: a Secret, a ConfigMap, or the address of a service.</param>
/// <param name="Certificate">The certificate; <see langword="null"/> when it is not in the cluster.</param>
public sealed record InstalledCertificate(MeshCluster Cluster, CertificateRole Role, CertificateAuthorityKind Authority, string Source, MeshCertificate? Certificate)
{
    /// <summary>The subject.</summary>
    public string? Subject => Certificate?.Subject;

    /// <summary>The issuer.</summary>
    public string? Issuer => Certificate?.Issuer;

    /// <summary>The SHA-256 of the DER.</summary>
    public string? Fingerprint => Certificate?.Fingerprint;

    /// <summary>When it ends.</summary>
    public DateTimeOffset? NotAfter => Certificate?.NotAfter;

    /// <summary>Whole days until it ends.</summary>
    public int? DaysLeft => Certificate?.DaysLeft;

    /// <summary>What keeps istiod from using it; empty when nothing does.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Reads what a cluster signs with and what it trusts.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="controlPlaneNamespace">The control plane's namespace.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The signing certificate or the authority outside, then the roots.</returns>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<IReadOnlyList<InstalledCertificate>> FindAsync(
        MeshCluster cluster, string controlPlaneNamespace, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(log);
        var trust = await ClusterTrust.ReadAsync(cluster, controlPlaneNamespace, log, cancellationToken).ConfigureAwait(false);
        var result = new List<InstalledCertificate>();
        if (Signing(trust) is { } signing)
            result.Add(signing);
        result.AddRange(trust.Published.Select(root => new InstalledCertificate(
            cluster, CertificateRole.Root, trust.Authority, $"ConfigMap {trust.Namespace}/{ClusterTrust.RootConfigMap}", new MeshCertificate(root, [], [root], key: null))));
        if (result.Count == 0)
            log.Warning($"{cluster.Name}: there is neither a signing certificate nor a published root in namespace {controlPlaneNamespace}.");
        return result;
    }

    private static InstalledCertificate? Signing(ClusterTrust trust)
    {
        var source = trust.Authority switch
        {
            CertificateAuthorityKind.PluggedIn => $"Secret {trust.Namespace}/{Cacerts.Name}",
            CertificateAuthorityKind.SelfSigned => $"Secret {trust.Namespace}/{Cacerts.SelfSignedName}",
            CertificateAuthorityKind.None => null,
            _ => trust.AuthorityAddress ?? "outside of the cluster",
        };
        return source is null ? null : new InstalledCertificate(trust.Cluster, CertificateRole.Signing, trust.Authority, source, trust.Signing) { Problems = trust.Problems };
    }
}
