namespace MeshTools.GoogleCloud;

/// <summary>Gives tokens. Implementations are safe for parallel use and refresh a token before it ends.</summary>
public interface IGoogleTokenSource
{
    /// <summary>What it is, for messages: a kind and a place, never a secret.</summary>
    string Description { get; }

    /// <summary>The account, where the credential itself names it (an e-mail address); else <see langword="null"/>.</summary>
    string? Account { get; }

    /// <summary>A token that is good now.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The token.</returns>
    /// <exception cref="GoogleCredentialException">There is none.</exception>
    Task<AccessToken> GetAsync(CancellationToken cancellationToken);
}
