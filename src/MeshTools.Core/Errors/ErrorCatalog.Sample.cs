using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about the sample workloads.</content>
public static partial class ErrorCatalog
{
    /// <summary>A namespace that is not the sample's.</summary>
    public static ErrorDefinition SampleNamespaceForeign { get; } = new(nameof(SampleNamespaceForeign), ResourceExists,
        "The namespace is not the sample's, or holds what others put there.", "Choose another namespace with -Namespace, or give -Force when it is meant.");

    /// <summary>A pull secret that is not there.</summary>
    public static ErrorDefinition PullSecretNotFound { get; } = new(nameof(PullSecretNotFound), ObjectNotFound,
        "The Secret for the registry is not there, or holds no registry credential.", "Make it with `kubectl create secret docker-registry`, and name it as NAMESPACE/NAME.");
}
