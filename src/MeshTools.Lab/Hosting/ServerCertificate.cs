namespace MeshTools.Lab;

/// <summary>What a cluster's server certificate can be.</summary>
public enum ServerCertificate
{
    /// <summary>Of the cluster's own authority, for all its names.</summary>
    Proper,

    /// <summary>Of the cluster's own authority, for a name that is not the server's.</summary>
    WrongName,

    /// <summary>For the right names, of an authority that nobody trusts.</summary>
    WrongAuthority,
}
