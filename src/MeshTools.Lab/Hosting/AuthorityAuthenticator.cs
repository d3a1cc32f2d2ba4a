using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Lab;

/// <summary>Lets only client certificates of the cluster's own authority through to the certificate authenticator; others are 401.</summary>
internal sealed class AuthorityAuthenticator(CertificateAuthority authority, IAuthenticator inner) : IAuthenticator
{
    // One connection presents one certificate object for all its requests.
    private readonly ConditionalWeakTable<X509Certificate2, object> verdicts = [];

    public AuthenticationResult TryAuthenticate(HttpContext context, out Identity? identity)
    {
        identity = null;
        if (context.Connection.ClientCertificate is not { } certificate)
        {
            return AuthenticationResult.NotApplicable;
        }

        return (bool)verdicts.GetValue(certificate, candidate => IsOurs(candidate))
            ? inner.TryAuthenticate(context, out identity)
            : AuthenticationResult.Rejected;
    }

    private bool IsOurs(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority.Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }
}
