using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about workloads and their proxies.</content>
public static partial class ErrorCatalog
{
    /// <summary>An image that cannot be pulled.</summary>
    public static ErrorDefinition ImagePullFailed { get; } = new(nameof(ImagePullFailed), ObjectNotFound,
        "The image of a container cannot be pulled; the message names both and says what the registry says.", "Name an image that the cluster's nodes can pull, or give the pods a pull secret for its registry.");

    /// <summary>A pod without the proxy that it should have.</summary>
    public static ErrorDefinition SidecarNotInjected { get; } = new(nameof(SidecarNotInjected), InvalidResult,
        "A pod that should have a proxy has none.", "Look at the injection labels of its namespace and of the pod itself, and at the revision that they name; then restart its workload.");
}
