namespace MeshTools.Kubernetes;

/// <summary>
/// A bearer token in a file that something else rotates. Read again every minute less ten seconds of leeway, and at once after a 401
/// (client-go transport/token_source.go). When a later read fails, the last good token stays in use.
/// </summary>
public sealed class TokenFileCredential : ICredentialSource
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1) - TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly string _path;
    private readonly string? _fallbackToken;
    private Credential? _last;
    private DateTimeOffset _readAgain;

    /// <summary>Makes the source.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fallbackToken">The token to use while the file cannot be read.</param>
    public TokenFileCredential(string path, string? fallbackToken = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        _fallbackToken = fallbackToken;
    }

    /// <inheritdoc/>
    public ValueTask<Credential> GetAsync(CredentialContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var now = context.Clock.GetUtcNow();
            if (_last is not null && now < _readAgain)
                return new ValueTask<Credential>(_last);
            try
            {
                _last = Credential.Bearer(Read());
                _readAgain = now + Period;
            }
            catch (CredentialException) when (_last is not null || _fallbackToken is not null)
            {
                _last ??= Credential.Bearer(_fallbackToken!);
            }

            return new ValueTask<Credential>(_last);
        }
    }

    /// <inheritdoc/>
    public bool Invalidate(Credential rejected)
    {
        lock (_gate)
        {
            // Another request may have read a newer one already.
            if (ReferenceEquals(_last?.GetAuthorization(), rejected?.GetAuthorization()))
                _readAgain = DateTimeOffset.MinValue;
            return true;
        }
    }

    private string Read()
    {
        string text;
        try
        {
            text = File.ReadAllText(_path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CredentialException($"the token file {_path} cannot be read: {e.Message}", e) { Path = _path };
        }

        return text.Length > 0 ? text : throw new CredentialException($"the token file {_path} is empty") { Path = _path };
    }

    /// <inheritdoc/>
    public override string ToString() => $"token file {_path}";
}
