using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Kubernetes;

/// <summary>
/// Notes what a server showed, so that a refusal can say why. It never changes the framework's verdict: it returns that there were no errors
/// exactly when there were none.
/// </summary>
internal sealed class CertificateObserver(string expectedName)
{
    private SslPolicyErrors _errors;
    private string? _subject;
    private string? _issuer;
    private string[] _names = [];
    private DateTime _notBefore;
    private DateTime _notAfter;
    private bool _untrusted;
    private bool _outsideValidity;

    /// <summary>Whether the framework found fault with what the server showed.</summary>
    internal bool FoundFault => _errors != SslPolicyErrors.None;

    internal bool Observe(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        _errors = errors;
        if (certificate is X509Certificate2 shown)
        {
            _subject = shown.Subject;
            _issuer = shown.Issuer;
            _names = NamesOf(shown);
            (_notBefore, _notAfter) = (shown.NotBefore.ToUniversalTime(), shown.NotAfter.ToUniversalTime());
        }

        foreach (var status in chain?.ChainStatus ?? [])
        {
            if (status.Status == X509ChainStatusFlags.NotTimeValid)
                _outsideValidity = true;
            else
                _untrusted = true;
        }

        return false;
    }

    internal TlsVerificationException Explain(Exception error, ClientConfiguration configuration)
    {
        var endpoint = configuration.Server;
        var (failure, message) = Classify(error, endpoint);
        return new TlsVerificationException(failure, message, error)
        {
            Endpoint = endpoint,
            ContextName = configuration.ContextName,
            PresentedSubject = _subject,
            PresentedIssuer = _issuer,
            PresentedNames = _names,
            ExpectedName = expectedName,
        };
    }

    private (TlsFailure Failure, string Message) Classify(Exception error, Uri endpoint)
    {
        if (_errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && (_untrusted || !_outsideValidity))
        {
            return (TlsFailure.UntrustedChain,
                $"the certificate of {endpoint.Authority} (subject {_subject}, issued by {_issuer}) is not signed by a trusted certificate authority");
        }

        if (_errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return (TlsFailure.NameMismatch,
                $"the certificate of {endpoint.Authority} is valid for {(_names.Length == 0 ? "no name" : string.Join(", ", _names))}, not for {expectedName}");
        }

        if (_outsideValidity)
        {
            return (TlsFailure.Expired,
                $"the certificate of {endpoint.Authority} is valid from {_notBefore:yyyy-MM-dd HH:mm}Z to {_notAfter:yyyy-MM-dd HH:mm}Z, not now");
        }

        var reason = error is AuthenticationException { InnerException: { } inner } ? inner.Message : error.Message;
        return (TlsFailure.Other, $"no TLS session with {endpoint.Authority}: {reason}");
    }

    private static string[] NamesOf(X509Certificate2 certificate)
    {
        var names = new List<string>();
        foreach (var extension in certificate.Extensions)
        {
            if (extension is not X509SubjectAlternativeNameExtension alternatives)
                continue;
            names.AddRange(alternatives.EnumerateDnsNames());
            foreach (var address in alternatives.EnumerateIPAddresses())
                names.Add(address.ToString());
        }

        return [.. names];
    }
}
