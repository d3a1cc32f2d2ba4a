namespace MeshTools.GoogleCloud;

/// <summary>An authority in a pool of CA Service (privateca/v1, CertificateAuthority).</summary>
/// <param name="Name">Its short name.</param>
/// <param name="State"><c>ENABLED</c>, <c>DISABLED</c>, <c>STAGED</c>, <c>AWAITING_USER_ACTIVATION</c> or <c>DELETED</c>.</param>
/// <param name="IsRoot">Whether it signs itself.</param>
public sealed record PoolAuthority(string Name, string State, bool IsRoot)
{
    /// <summary>Whether it signs for its pool: only then a pool has somebody who does.</summary>
    public bool IsEnabled => string.Equals(State, "ENABLED", StringComparison.Ordinal);

    /// <summary>Whether enabling it is all that is needed.</summary>
    public bool CanBeEnabled => State is "STAGED" or "DISABLED";
}
