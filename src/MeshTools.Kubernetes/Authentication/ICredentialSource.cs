namespace MeshTools.Kubernetes;

/// <summary>Gives the credential of each request. Implementations are safe for parallel use.</summary>
public interface ICredentialSource
{
    /// <summary>The credential to use now.</summary>
    /// <param name="context">Who asks.</param>
    /// <param name="cancellationToken">Cancels the wait; a plugin that nobody waits for any more is killed.</param>
    /// <returns>The credential.</returns>
    /// <exception cref="CredentialException">A file is empty or cannot be read.</exception>
    /// <exception cref="ExecPluginException">The plugin gave none.</exception>
    ValueTask<Credential> GetAsync(CredentialContext context, CancellationToken cancellationToken);

    /// <summary>The server answered 401 to a credential: forget it.</summary>
    /// <param name="rejected">The credential.</param>
    /// <returns>Whether asking again may give another, so that the request is worth one more attempt.</returns>
    bool Invalidate(Credential rejected);
}

/// <summary>Who asks for a credential.</summary>
/// <param name="Clock">The clock that expiry is measured with.</param>
/// <param name="OnMessage">Takes what a plugin prints to standard error while it succeeds; <see langword="null"/> to drop it.</param>
public sealed record CredentialContext(TimeProvider Clock, Action<string>? OnMessage);
