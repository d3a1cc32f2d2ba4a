namespace MeshTools.Kubernetes;

/// <summary>One page of a list.</summary>
/// <param name="Items">The objects, each with its own <c>apiVersion</c> and <c>kind</c> (servers leave them out inside lists).</param>
/// <param name="ResourceVersion">The version of the collection; where a watch starts.</param>
/// <param name="Continue">The token of the next page; <see langword="null"/> on the last one.</param>
public sealed record KubernetesList(IReadOnlyList<KubernetesObject> Items, string? ResourceVersion, string? Continue);
