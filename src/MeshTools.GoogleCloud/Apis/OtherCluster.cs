namespace MeshTools.GoogleCloud;

/// <summary>What a fleet is told about a cluster outside GKE (gkehub/v1, Membership).</summary>
/// <param name="Uid">The UID of namespace kube-system, which tells one cluster from another.</param>
/// <param name="Issuer">The issuer of the cluster's service account tokens, exactly as they name it.</param>
/// <param name="Keys">The keys of that issuer (a JWKS document), when Google cannot fetch them itself; else <see langword="null"/>.</param>
/// <param name="KubernetesVersion">The API server's version, after which the objects for the cluster are made; <see langword="null"/> when it is not known.</param>
public sealed record OtherCluster(string Uid, string Issuer, string? Keys = null, string? KubernetesVersion = null);
