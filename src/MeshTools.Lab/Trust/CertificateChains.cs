using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Lab;

/// <summary>Whether a certificate leads to one of a set of roots.</summary>
internal static class CertificateChains
{
    /// <summary>Null when it does, else why not, in the words of Go's crypto/x509.</summary>
    public static string? Problem(
        X509Certificate2 certificate, IReadOnlyList<X509Certificate2> intermediates, IReadOnlyList<X509Certificate2> roots, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots.ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(intermediates.ToArray());
        if (roots.Count > 0 && chain.Build(certificate))
        {
            return null;
        }

        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if ((status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != X509ChainStatusFlags.NoError || roots.Count == 0)
        {
            return "x509: certificate signed by unknown authority";
        }

        return (status & X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError
            ? "x509: certificate has expired or is not yet valid"
            : "x509: certificate is not authorized to sign other certificates";
    }
}
