namespace MeshTools.Kubernetes;

/// <summary>A credential that never changes: a token, a password, or none.</summary>
public sealed class FixedCredential : ICredentialSource
{
    private readonly Credential _credential;

    /// <summary>Makes the source.</summary>
    /// <param name="credential">The credential.</param>
    public FixedCredential(Credential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        _credential = credential;
    }

    /// <summary>No credential.</summary>
    public static FixedCredential Anonymous { get; } = new(Credential.None);

    /// <inheritdoc/>
    public ValueTask<Credential> GetAsync(CredentialContext context, CancellationToken cancellationToken) => new(_credential);

    /// <inheritdoc/>
    public bool Invalidate(Credential rejected) => false;

    /// <inheritdoc/>
    public override string ToString() => _credential.ToString();
}
