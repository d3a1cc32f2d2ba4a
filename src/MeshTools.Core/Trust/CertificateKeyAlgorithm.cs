namespace MeshTools.Trust;

/// <summary>The key pairs that certificates are made with.</summary>
public enum CertificateKeyAlgorithm
{
    /// <summary>RSA, 4096 bits: what Istio's <c>Makefile.selfsigned.mk</c> makes.</summary>
    Rsa4096,

    /// <summary>RSA, 2048 bits.</summary>
    Rsa2048,

    /// <summary>ECDSA on NIST P-256.</summary>
    EcdsaP256,

    /// <summary>ECDSA on NIST P-384.</summary>
    EcdsaP384,
}
