using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Trust;

/// <summary>How to make a root or an intermediate.</summary>
public sealed record CertificateOptions
{
    /// <summary>The subject; <see langword="null"/> for the one of Istio's Makefile.</summary>
    public string? Subject { get; init; }

    /// <summary>The key pair.</summary>
    public CertificateKeyAlgorithm KeyAlgorithm { get; init; }

    /// <summary>How long it is valid: 3650 days unless said otherwise, as the Makefile's.</summary>
    public TimeSpan ValidityPeriod { get; init; } = TimeSpan.FromDays(3650);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>
/// Makes certificates as <c>tools/certs/Makefile.selfsigned.mk</c> of Istio makes them: the same subjects and extensions, in the same order and encoding, signed with SHA-256.
/// </summary>
public static class CertificateIssuing
{
    /// <summary>The DNS name in every intermediate.</summary>
    public const string IstiodName = "istiod.istio-system.svc";

    private const X509KeyUsageFlags Usage =
        X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyCertSign;

    /// <summary>Makes a self-signed root.</summary>
    /// <param name="options">How.</param>
    /// <returns>The root, with its key.</returns>
    /// <exception cref="MeshException">The subject cannot be read.</exception>
    public static MeshCertificate CreateRoot(CertificateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var subject = options.Subject is { } text ? DistinguishedName.Parse(text) : DistinguishedName.Of(("O", "Istio"), ("CN", "Root CA"));
        var (notBefore, notAfter) = Period(options);
        using var pair = KeyPair.Create(options.KeyAlgorithm);
        var request = KeyPair.Request(subject, pair);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(Usage, critical: true));
        var root = request.Create(subject, KeyPair.Signer(pair), notBefore, notAfter, NewSerialNumber());
        return new MeshCertificate(root, [], [root], PrivateKeyMemory.Of(pair));
    }

    /// <summary>Makes an intermediate with a new key pair.</summary>
    /// <param name="issuer">The root, with its key.</param>
    /// <param name="name">What stands in attribute L of the subject: the cluster's name.</param>
    /// <param name="cluster">The cluster it is for.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes the warning about a shortened validity.</param>
    /// <returns>The intermediate, with its key.</returns>
    /// <exception cref="MeshException">The issuer cannot sign, or the subject cannot be read.</exception>
    public static MeshCertificate CreateIntermediate(MeshCertificate issuer, string name, MeshCluster? cluster, CertificateOptions options, IOperationLog log)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var subject = SubjectOf(name, options.Subject);
        RequireSigner(issuer, options.TimeProvider);
        using var pair = KeyPair.Create(options.KeyAlgorithm);
        var request = KeyPair.Request(subject, pair);
        return Sign(issuer, subject, request.PublicKey, name, options, log, PrivateKeyMemory.Of(pair), cluster);
    }

    /// <summary>Signs a request. Only its subject and its public key are taken; everything else is as in any other intermediate.</summary>
    /// <param name="issuer">The root, with its key.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">How; subject and key algorithm are the request's.</param>
    /// <param name="log">Takes the warning about a shortened validity.</param>
    /// <returns>The intermediate, without its key, which stayed where the request was made.</returns>
    /// <exception cref="MeshException">The issuer cannot sign.</exception>
    public static MeshCertificate SignRequest(MeshCertificate issuer, MeshCertificateRequest request, CertificateOptions options, IOperationLog log)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        RequireSigner(issuer, options.TimeProvider);
        return Sign(issuer, request.SubjectName, request.PublicKey, request.Name, options, log, key: null, cluster: null);
    }

    internal static X500DistinguishedName SubjectOf(string name, string? subject) =>
        subject is not null ? DistinguishedName.Parse(subject) : DistinguishedName.Of(("O", "Istio"), ("CN", "Intermediate CA"), ("L", name));

    private static MeshCertificate Sign(
        MeshCertificate issuer,
        X500DistinguishedName subject,
        PublicKey publicKey,
        string name,
        CertificateOptions options,
        IOperationLog log,
        PrivateKeyMemory? key,
        MeshCluster? cluster)
    {
        var (notBefore, notAfter) = Period(options);
        if (notAfter > issuer.NotAfter)
        {
            notAfter = issuer.NotAfter;
            // The Makefile's intermediates outlive their root by the seconds between the two; nobody needs to hear of that.
            if (Period(options).NotAfter - issuer.NotAfter > TimeSpan.FromDays(1))
                log.Warning($"{name}: the intermediate ends with its root, on {notAfter:yyyy-MM-dd}, and not after {options.ValidityPeriod.TotalDays:0} days.");
            else
                log.Verbose($"{name}: the intermediate ends with its root, on {notAfter:yyyy-MM-dd}");
        }

        var request = new CertificateRequest(subject, publicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(publicKey, critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(Usage, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(IstiodName);
        request.CertificateExtensions.Add(names.Build());
        if (issuer.X509.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } identifier)
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        using var signer = issuer.HeldKey().Open();
        var certificate = request.Create(issuer.X509.SubjectName, KeyPair.Signer(signer), notBefore, notAfter, NewSerialNumber());
        return new MeshCertificate(certificate, [issuer.X509, .. issuer.Issuers], issuer.Roots, key) { Cluster = cluster };
    }

    private static void RequireSigner(MeshCertificate issuer, TimeProvider clock)
    {
        _ = issuer.HeldKey();
        if (!issuer.IsCertificateAuthority)
            throw new MeshException(ErrorCatalog.NotACertificateAuthority, $"{issuer.Subject} is no certificate authority and can sign no intermediate", issuer);
        if (issuer.X509.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints is { HasPathLengthConstraint: true, PathLengthConstraint: 0 }))
            throw new MeshException(ErrorCatalog.NotACertificateAuthority, $"{issuer.Subject} may sign workloads only (pathlen:0), and no other authority", issuer);
        if (CertificateCheck.OutOfTime(issuer.X509, "the signing certificate", clock.GetUtcNow()) is { } late)
            throw late;
    }

    // Certificates count whole seconds.
    private static (DateTimeOffset NotBefore, DateTimeOffset NotAfter) Period(CertificateOptions options)
    {
        var now = options.TimeProvider.GetUtcNow();
        var start = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, now.Minute, now.Second, TimeSpan.Zero);
        if (options.ValidityPeriod < TimeSpan.FromHours(1) || options.ValidityPeriod > TimeSpan.FromDays(36525))
            throw new MeshException(ErrorCatalog.ValidityPeriodInvalid, $"a validity of {options.ValidityPeriod.TotalDays:0.##} days is not between one hour and a hundred years", options.ValidityPeriod);
        return (start, start + options.ValidityPeriod);
    }

    // 159 random bits, as openssl (apps/lib/apps.c, rand_serial).
    private static byte[] NewSerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(20);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }
}
