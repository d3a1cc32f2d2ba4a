using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Kubernetes;

/// <summary>
/// Notes what a server showed, so that a refusal can say why. It keeps to the framework's verdict but for one thing: a configured authority is a trust anchor even
/// if another has signed it, as it is for Go (crypto/x509 verify.go: any certificate of the pool of roots ends a chain), so a chain whose only fault is that it ends there is whole.
/// </summary>
/// <param name="expectedName">The name that the certificate must be for.</param>
/// <param name="authorities">The configured authorities; <see langword="null"/> for those of the system.</param>
internal sealed class CertificateObserver(string expectedName, X509Certificate2Collection? authorities)
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
        var faults = Faults(chain);
        if (chain is { ChainStatus.Length: > 0 } && faults.Length == 0)
            errors &= ~SslPolicyErrors.RemoteCertificateChainErrors;
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

        foreach (var fault in faults)
        {
            if (fault == X509ChainStatusFlags.NotTimeValid)
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

    private X509ChainStatusFlags[] Faults(X509Chain? chain)
    {
        X509ChainStatusFlags[] all = [.. (chain?.ChainStatus ?? []).Select(status => status.Status)];
        if (authorities is null || chain is null || chain.ChainElements.Count == 0)
            return all;
        var last = chain.ChainElements[^1].Certificate.RawDataMemory;
        var anchored = authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(last.Span));
        return anchored ? [.. all.Where(flag => flag != X509ChainStatusFlags.PartialChain)] : all;
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
