using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Lab;

/// <summary>
/// What a workload proves who it is with, and what it believes: both from the authority of the moment it was issued, and both kept until it is
/// issued anew (istio security/pkg/nodeagent/cache: the root comes with the answer to the signing request).
/// </summary>
/// <param name="Identity">The SPIFFE ID.</param>
/// <param name="TrustDomain">The trust domain in it.</param>
/// <param name="Leaf">The workload's own certificate.</param>
/// <param name="Issuer">The authority of that moment.</param>
/// <param name="IssuedAt">When.</param>
internal sealed record WorkloadCertificate(string Identity, string TrustDomain, X509Certificate2 Leaf, SigningAuthority Issuer, DateTimeOffset IssuedAt)
{
    /// <summary>Whether this workload accepts what another one presents.</summary>
    public bool Trusts(WorkloadCertificate other, DateTimeOffset now) =>
        CertificateChains.Problem(other.Leaf, other.Issuer.Intermediates, Issuer.Roots, now) is null;
}
