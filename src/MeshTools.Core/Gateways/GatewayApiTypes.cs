using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>The kinds of the Gateway API as a cluster serves them; the stable version where there is one.</summary>
/// <param name="Gateway">Kind Gateway.</param>
/// <param name="GatewayClass">Kind GatewayClass.</param>
/// <param name="TlsRoute">Kind TLSRoute; <see langword="null"/> where it is not served.</param>
internal sealed record GatewayApiTypes(ResourceType Gateway, ResourceType? GatewayClass, ResourceType? TlsRoute)
{
    private static readonly string[] s_versions = ["v1", "v1beta1", "v1alpha3", "v1alpha2"];

    /// <summary>Asks the cluster.</summary>
    /// <returns>The kinds; <see langword="null"/> when it serves no Gateway.</returns>
    internal static async Task<GatewayApiTypes?> FindAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        var discovery = cluster.Connect().Discovery;
        var types = Of(await discovery.GetResourcesAsync(cancellationToken).ConfigureAwait(false));
        if (types is not null)
            return types;
        // The definitions may have come since the cluster was asked first.
        discovery.Invalidate();
        return Of(await discovery.GetResourcesAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <exception cref="MeshException">It serves none (<c>GatewayApiNotServed</c>).</exception>
    internal static async Task<GatewayApiTypes> RequireAsync(MeshCluster cluster, CancellationToken cancellationToken) =>
        await FindAsync(cluster, cancellationToken).ConfigureAwait(false)
        ?? throw new MeshException(ErrorCatalog.GatewayApiNotServed, $"{cluster.Name}: kind Gateway of {ExposureReader.GatewayApiGroup} is not served", cluster);

    /// <summary>Requires that a class is there; whoever may not look is believed.</summary>
    /// <exception cref="MeshException">It is not there (<c>GatewayClassNotFound</c>).</exception>
    internal async Task RequireClassAsync(MeshCluster cluster, string name, CancellationToken cancellationToken)
    {
        try
        {
            if (GatewayClass is null || await cluster.Connect().FindAsync(GatewayClass, null, name, cancellationToken).ConfigureAwait(false) is not null)
                return;
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            return;
        }

        throw new MeshException(ErrorCatalog.GatewayClassNotFound, $"{cluster.Name}: there is no GatewayClass {name}", cluster);
    }

    private static GatewayApiTypes? Of(IReadOnlyList<ResourceType> served) =>
        Best(served, "Gateway") is { } gateway ? new GatewayApiTypes(gateway, Best(served, "GatewayClass"), Best(served, "TLSRoute")) : null;

    private static ResourceType? Best(IReadOnlyList<ResourceType> served, string kind) => served
        .Where(type => type.Group is ExposureReader.GatewayApiGroup && string.Equals(type.Kind, kind, StringComparison.Ordinal) && Array.IndexOf(s_versions, type.Version) >= 0)
        .MinBy(type => Array.IndexOf(s_versions, type.Version));
}
