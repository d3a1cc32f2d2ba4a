namespace MeshTools.Lab;

/// <summary>A client certificate and its private key, both PEM.</summary>
public sealed record ClientCredential(string CertificatePem, string KeyPem)
{
    // A record prints its properties; a key must never end up in a log that way.
    /// <inheritdoc/>
    public override string ToString() => nameof(ClientCredential);
}
