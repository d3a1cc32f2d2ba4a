namespace MeshTools.Kubernetes;

/// <summary>Adds a client certificate, read on first use, to what another source gives.</summary>
internal sealed class ClientCertificateCredential : ICredentialSource
{
    private readonly Lazy<ClientCertificate> _certificate;
    private readonly ICredentialSource _inner;
    private readonly object _gate = new();
    private (Credential Inner, Credential Combined)? _last;

    internal ClientCertificateCredential(Func<ClientCertificate> load, ICredentialSource inner)
    {
        _certificate = new Lazy<ClientCertificate>(load);
        _inner = inner;
    }

    public async ValueTask<Credential> GetAsync(CredentialContext context, CancellationToken cancellationToken)
    {
        var inner = await _inner.GetAsync(context, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (_last is not { } last || !ReferenceEquals(last.Inner, inner))
                _last = last = (inner, inner.With(_certificate.Value));
            return last.Combined;
        }
    }

    public bool Invalidate(Credential rejected)
    {
        lock (_gate)
            return _last is { } last && ReferenceEquals(last.Combined, rejected) ? _inner.Invalidate(last.Inner) : _inner.Invalidate(rejected);
    }

    public override string ToString() => $"client certificate, {_inner}";
}
