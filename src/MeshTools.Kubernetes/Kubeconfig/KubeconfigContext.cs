namespace MeshTools.Kubernetes;

/// <summary>A context of a kubeconfig, as written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cluster">The name of its cluster entry.</param>
/// <param name="User">The name of its user entry; empty for anonymous access.</param>
/// <param name="Namespace">Its namespace; <see langword="null"/> when it names none.</param>
/// <param name="Server">Its cluster's server; <see langword="null"/> when the cluster is not there or has none.</param>
/// <param name="SourcePath">The file that defines it.</param>
public sealed record KubeconfigContext(string Name, string Cluster, string User, string? Namespace, Uri? Server, string? SourcePath);
