using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>The namespaces that a gateway is about.</summary>
/// <param name="ControlPlane">The control plane's.</param>
/// <param name="Own">The gateway's; <see langword="null"/> when it is to be made.</param>
/// <param name="Missing">What is to be made first.</param>
internal sealed record GatewayNamespaces(KubernetesObject ControlPlane, KubernetesObject? Own, IReadOnlyList<ManifestObject> Missing)
{
    /// <exception cref="MeshException">One is missing that is not to be made (<c>NamespaceNotFound</c>).</exception>
    internal static async Task<GatewayNamespaces> ReadAsync(MeshCluster cluster, EastWestGatewayOptions options, CancellationToken cancellationToken)
    {
        var home = await FindAsync(cluster, options.ControlPlaneNamespace, cancellationToken).ConfigureAwait(false) ?? throw NotFound(cluster, options.ControlPlaneNamespace);
        if (string.Equals(options.Namespace, options.ControlPlaneNamespace, StringComparison.Ordinal))
            return new GatewayNamespaces(home, home, []);
        var own = await FindAsync(cluster, options.Namespace, cancellationToken).ConfigureAwait(false);
        if (own is null && !options.CreateNamespace)
            throw NotFound(cluster, options.Namespace);
        return new GatewayNamespaces(home, own, own is null ? [new ManifestObject(KubernetesObject.Create("v1", "Namespace", options.Namespace), "namespace of the east-west gateway")] : []);
    }

    private static Task<KubernetesObject?> FindAsync(MeshCluster cluster, string name, CancellationToken cancellationToken) =>
        cluster.Connect().FindAsync(ResourceTypes.Namespace, null, name, cancellationToken);

    private static MeshException NotFound(MeshCluster cluster, string name) =>
        new(ErrorCatalog.NamespaceNotFound, $"{cluster.Name}: namespace {name} does not exist", cluster);
}
