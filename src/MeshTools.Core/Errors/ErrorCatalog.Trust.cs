using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about certificates and trust.</content>
public static partial class ErrorCatalog
{
    /// <summary>A subject that cannot be read.</summary>
    public static ErrorDefinition SubjectInvalid { get; } = new(nameof(SubjectInvalid), InvalidArgument,
        "A certificate's subject cannot be read.", "Write it as attributes with commas between them, for example 'O=Istio, CN=Root CA'.");

    /// <summary>A validity that makes no sense.</summary>
    public static ErrorDefinition ValidityPeriodInvalid { get; } = new(nameof(ValidityPeriodInvalid), InvalidArgument,
        "A certificate cannot be valid for so long, or so short.", "Give -ValidityPeriod between an hour and a hundred years, for example 3650d.");

    /// <summary>A file or a Secret without a usable certificate or key.</summary>
    public static ErrorDefinition CertificateUnreadable { get; } = new(nameof(CertificateUnreadable), InvalidData,
        "A file or a Secret holds no certificate or key that can be read; the message says what is wrong with it.", "Look at it with `openssl x509 -in FILE -text` or `openssl pkey -in FILE -check -noout`, and make or copy it again.");

    /// <summary>DER in place of PEM.</summary>
    public static ErrorDefinition CertificateNotPem { get; } = new(nameof(CertificateNotPem), InvalidData,
        "A file is DER; istiod reads PEM.", "Convert it: `openssl x509 -inform der -in FILE -out FILE.pem`, or `openssl pkey -inform der` for a key.");

    /// <summary>An encrypted key without a password.</summary>
    public static ErrorDefinition KeyPasswordRequired { get; } = new(nameof(KeyPasswordRequired), AuthenticationError,
        "A private key is protected by a password, and none was given.", "Give it with -Password (Read-Host -AsSecureString). istiod itself can only use a key without one; the Secret holds it decrypted.");

    /// <summary>An encrypted key with a wrong password.</summary>
    public static ErrorDefinition KeyPasswordWrong { get; } = new(nameof(KeyPasswordWrong), AuthenticationError,
        "A private key cannot be decrypted.", "Give the right password with -Password.");

    /// <summary>A key in a format that is not read.</summary>
    public static ErrorDefinition KeyFormatUnsupported { get; } = new(nameof(KeyFormatUnsupported), InvalidData,
        "A private key is in a format that is not read.", "Convert it: `openssl pkcs8 -topk8 -in FILE -out FILE.pk8.pem`, and give that file.");

    /// <summary>An object without its key.</summary>
    public static ErrorDefinition PrivateKeyNotHeld { get; } = new(nameof(PrivateKeyNotHeld), InvalidArgument,
        "A private key is needed, and this certificate comes without it or has been disposed.", "Import the certificate together with its key: `Import-MeshCertificate -Path CERT -KeyPath KEY`.");

    /// <summary>A key of another certificate.</summary>
    public static ErrorDefinition KeyMismatch { get; } = new(nameof(KeyMismatch), InvalidData,
        "The private key does not belong to the certificate.", "Give the key that the certificate was made with.");

    /// <summary>A leaf in place of an authority.</summary>
    public static ErrorDefinition NotACertificateAuthority { get; } = new(nameof(NotACertificateAuthority), InvalidData,
        "A certificate cannot sign others.", "Use a certificate with CA:TRUE and key usage keyCertSign, for example one of New-MeshIntermediateCertificate.");

    /// <summary>Expired, or not valid yet.</summary>
    public static ErrorDefinition CertificateOutOfTime { get; } = new(nameof(CertificateOutOfTime), InvalidData,
        "A certificate is not valid now.", "Make a new one, or check the clock of this machine.");

    /// <summary>No way from the certificate to its root.</summary>
    public static ErrorDefinition ChainNotTrusted { get; } = new(nameof(ChainNotTrusted), SecurityError,
        "A certificate does not lead to its root.", "Give every certificate between the two with -CertChain, and the root that signed the last of them with -RootCert.");

    /// <summary>A root whose key is public.</summary>
    public static ErrorDefinition SampleRoot { get; } = new(nameof(SampleRoot), SecurityError,
        "A root is the sample of the Istio repository; everybody has its private key.", "Make a root of your own with New-MeshRootCertificate.");

    /// <summary>Different roots in one mesh.</summary>
    public static ErrorDefinition RootsDiffer { get; } = new(nameof(RootsDiffer), SecurityError,
        "Clusters of one mesh would get different roots, and their workloads would refuse each other.", "Sign all intermediates with one root; to change the root of a running mesh use Update-MeshCertificate -NewRoot.");

    /// <summary>Another cacerts is there.</summary>
    public static ErrorDefinition CacertsDiffer { get; } = new(nameof(CacertsDiffer), ResourceExists,
        "The cluster has another cacerts already.", "Replace it with -Force if calls may fail until all workloads have new certificates; to change the root without that use Update-MeshCertificate -NewRoot.");

    /// <summary>A file would be overwritten.</summary>
    public static ErrorDefinition CertificateFileExists { get; } = new(nameof(CertificateFileExists), ResourceExists,
        "A file of a certificate or a key is there already; nothing was written.", "Choose another folder with -OutDirectory, or overwrite with -Force.");

    /// <summary>A file that cannot be read or written.</summary>
    public static ErrorDefinition CertificateFileFailed { get; } = new(nameof(CertificateFileFailed), InvalidOperation,
        "A file of a certificate or a key cannot be read or written.", "Check that it exists, and that you may read or write it.");

    /// <summary>Two certificates for one cluster, or none.</summary>
    public static ErrorDefinition CertificateClusterUnknown { get; } = new(nameof(CertificateClusterUnknown), InvalidArgument,
        "It is not clear which certificate belongs to which cluster.", "Make intermediates for clusters (`$clusters | New-MeshIntermediateCertificate -Root $root`), or name one cluster with -Cluster for one certificate.");

    /// <summary>A step of a rotation before its time.</summary>
    public static ErrorDefinition RotationNotReady { get; } = new(nameof(RotationNotReady), InvalidOperation,
        "The last step of a root rotation is not seen in every cluster yet; nothing was written.", "Wait until every istiod publishes the roots (Get-MeshCertificate shows them), then run the command again.");

    /// <summary>No authority to rotate.</summary>
    public static ErrorDefinition AuthorityNotRotatable { get; } = new(nameof(AuthorityNotRotatable), InvalidOperation,
        "The cluster's signing key is not kept in a Secret, so its root cannot be changed here.", "Change the root where the authority is: Mesh CA, CA Service, or cert-manager.");
}
