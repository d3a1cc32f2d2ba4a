namespace MeshTools.GoogleCloud;

/// <summary>A token that somebody else got; it is never refreshed. One in a file is read anew for each use, since what writes it may renew it.</summary>
internal sealed class GivenToken : IGoogleTokenSource
{
    private readonly string? _token;
    private readonly string? _path;

    private GivenToken(string? token, string? path, string description)
    {
        _token = token;
        _path = path;
        Description = description;
    }

    public string Description { get; }

    public string? Account => null;

    internal static GivenToken FromText(string token, string origin) => new(token.Trim(), null, $"the access token of {origin}");

    internal static GivenToken FromFile(string path, string origin) => new(null, path, $"the access token in {path} ({origin})");

    public async Task<AccessToken> GetAsync(CancellationToken cancellationToken)
    {
        var token = _token ?? await ReadAsync(_path!, cancellationToken).ConfigureAwait(false);
        return token.Length > 0 && token.All(c => c is > ' ' and <= '~')
            ? new AccessToken(token, quotaProject: null)
            : throw new GoogleCredentialException(GoogleCredentialProblem.Unusable, $"{Description} is empty, or holds characters that cannot be sent");
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GoogleCredentialException(GoogleCredentialProblem.Unusable, $"the access token file {path} cannot be read: {e.Message}", e);
        }
    }
}
