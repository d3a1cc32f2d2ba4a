using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about injection and restarts.</content>
public static partial class ErrorCatalog
{
    /// <summary>A namespace that the injector leaves alone.</summary>
    public static ErrorDefinition NamespaceNotInjectable { get; } = new(nameof(NamespaceNotInjectable), InvalidArgument,
        "The injector leaves the pods of this namespace alone, whatever its labels say.", "Run the workload in a namespace of its own.");

    /// <summary>A workload that is not there.</summary>
    public static ErrorDefinition WorkloadNotFound { get; } = new(nameof(WorkloadNotFound), ObjectNotFound,
        "The namespace has no Deployment, StatefulSet or DaemonSet of that name.", "Check name and namespace; `kubectl get deployments,statefulsets,daemonsets -n NAMESPACE` lists those there are.");
}
