namespace MeshTools.Kubernetes;

/// <summary>Names one object of a cluster: what it is, what it is called and where it lives.</summary>
/// <param name="ApiVersion">Group and version as in <c>apiVersion</c>, for example <c>v1</c> or <c>apps/v1</c>.</param>
/// <param name="Kind">The kind, for example <c>Secret</c>.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Namespace">The namespace; <see langword="null"/> for cluster-scoped objects.</param>
public sealed record ObjectReference(string ApiVersion, string Kind, string Name, string? Namespace)
{
    /// <summary><c>Secret istio-system/x</c>, or <c>ClusterRole x</c> for cluster-scoped objects.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Namespace is null ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}
