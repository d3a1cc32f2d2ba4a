using System.Security.Cryptography.X509Certificates;
using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Trust;

/// <summary>
/// What a signing certificate must be before istiod is given it: more than <c>openssl verify -trusted ROOT -untrusted CHAIN CERT</c> asks for, and never less.
/// </summary>
internal static class CertificateCheck
{
    /// <summary>Everything that is wrong with a certificate, its key, its chain and its roots; nothing when istiod may have it.</summary>
    internal static IReadOnlyList<MeshException> Problems(MeshCertificate certificate, string where, DateTimeOffset now)
    {
        var problems = new List<MeshException>();
        if (!certificate.HasPrivateKey)
            problems.Add(new MeshException(ErrorCatalog.PrivateKeyNotHeld, $"{where}: the private key of {certificate.Subject} is not held here", certificate));
        else if (!KeyMatches(certificate))
            problems.Add(new MeshException(ErrorCatalog.KeyMismatch, $"{where}: the private key does not belong to {certificate.Subject}", certificate));
        if (!certificate.IsCertificateAuthority)
            problems.Add(new MeshException(ErrorCatalog.NotACertificateAuthority, $"{where}: {certificate.Subject} is no certificate authority (basic constraints and key usage do not let it sign)", certificate));
        if (OutOfTime(certificate.X509, where, now) is { } late)
            problems.Add(late);
        foreach (var sample in certificate.Roots.Concat(certificate.Issuers).DistinctBy(MeshCertificate.FingerprintOf).Where(SampleRoots.Contains))
            problems.Add(SampleRoot(sample, where, certificate));
        if (certificate.Roots.Count == 0)
            problems.Add(new MeshException(ErrorCatalog.ChainNotTrusted, $"{where}: there is no root for {certificate.Subject}", certificate));
        else if (problems.TrueForAll(problem => problem.Definition != ErrorCatalog.CertificateOutOfTime) && PathProblem(certificate, where, now) is { } path)
            problems.Add(path);
        return problems;
    }

    /// <summary>What istiod would take, but nobody should give it.</summary>
    internal static void Warn(MeshCertificate certificate, string where, IOperationLog log)
    {
        foreach (var weak in new[] { certificate.X509 }.Concat(certificate.Issuers).Concat(certificate.Roots).DistinctBy(MeshCertificate.FingerprintOf))
        {
            // Nobody verifies the signature of a root.
            if (KeyPair.Weakness(weak) is { } weakness && !(MeshCertificate.IsRoot(weak) && weakness.StartsWith("it is signed", StringComparison.Ordinal)))
                log.Warning($"{where}: {DistinguishedName.Describe(weak.SubjectName)} is weak: {weakness}.");
        }
    }

    /// <summary>The certificates from one up to a root that is trusted, in order; <see langword="null"/> when there is no valid way.</summary>
    internal static IReadOnlyList<X509Certificate2>? PathOf(
        X509Certificate2 certificate, IEnumerable<X509Certificate2> others, IEnumerable<X509Certificate2> roots, DateTimeOffset now, out string? why)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots.ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(others.ToArray());
        var valid = chain.Build(certificate);
        why = valid ? null : string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')).Distinct(StringComparer.Ordinal));
        return valid ? [.. chain.ChainElements.Select(element => element.Certificate)] : null;
    }

    /// <summary>
    /// As <see cref="PathOf"/>, but with roots of one name told apart as Go's verifier does, which tries each: roots of istiod's own making, and those of the Makefile,
    /// all have one subject.
    /// </summary>
    internal static IReadOnlyList<X509Certificate2>? PathToAny(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> others, IReadOnlyList<X509Certificate2> roots, DateTimeOffset now) =>
        PathOf(certificate, others, roots, now, out _)
        ?? roots.Select(root => PathOf(certificate, others.Where(other => !MeshCertificate.IsRoot(other)), [root], now, out _)).FirstOrDefault(path => path is not null);

    internal static MeshException? OutOfTime(X509Certificate2 certificate, string where, DateTimeOffset now)
    {
        var link = ChainLink.Of(certificate);
        if (now >= link.NotAfter)
            return new MeshException(ErrorCatalog.CertificateOutOfTime, $"{where}: {link.Subject} ended on {link.NotAfter:yyyy-MM-dd HH:mm}Z", certificate.Subject);
        return now < link.NotBefore
            ? new MeshException(ErrorCatalog.CertificateOutOfTime, $"{where}: {link.Subject} begins only on {link.NotBefore:yyyy-MM-dd HH:mm}Z", certificate.Subject)
            : null;
    }

    private static MeshException SampleRoot(X509Certificate2 sample, string where, MeshCertificate certificate) => new(
        ErrorCatalog.SampleRoot,
        $"{where}: {DistinguishedName.Describe(sample.SubjectName)} ({MeshCertificate.FingerprintOf(sample)}) is the sample root of the Istio repository; its private key is public",
        certificate);

    private static bool KeyMatches(MeshCertificate certificate)
    {
        using var pair = certificate.HeldKey().Open();
        return KeyPair.Matches(pair, certificate.X509);
    }

    private static MeshException? PathProblem(MeshCertificate certificate, string where, DateTimeOffset now)
    {
        var path = PathOf(certificate.X509, certificate.Issuers, certificate.Roots, now, out var why);
        if (path is null)
        {
            return certificate.Issuers.Concat(certificate.Roots).Select(issuer => OutOfTime(issuer, where, now)).FirstOrDefault(late => late is not null)
                ?? new MeshException(ErrorCatalog.ChainNotTrusted, $"{where}: {certificate.Subject} does not lead to any of its roots: {why}", certificate);
        }

        // openssl asks this of every authority in a chain; not every platform's own verification does.
        var unfit = path.Skip(1).FirstOrDefault(issuer => !MeshCertificate.MaySign(issuer));
        return unfit is null
            ? null
            : new MeshException(ErrorCatalog.ChainNotTrusted, $"{where}: {DistinguishedName.Describe(unfit.SubjectName)} is no certificate authority and yet in the chain", certificate);
    }
}
