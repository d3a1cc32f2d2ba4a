using MeshTools.Clusters;
using MeshTools.GoogleCloud;

namespace MeshTools.Fleet;

/// <summary>Which cluster of GKE a cluster is.</summary>
internal static class GkeIdentity
{
    /// <summary>
    /// By the context's name, by its membership where it is reached through the Connect Gateway, else by its address among the clusters of its project; null outside GKE, and where the user
    /// says that it is to be taken for another one.
    /// </summary>
    internal static async Task<GkeName?> FindAsync(MeshCluster cluster, GoogleCloudClient client, CancellationToken cancellationToken)
    {
        if (cluster.Said?.Platform is { } said and not ClusterPlatform.Gke && said == cluster.Platform)
            return null;
        if (GkeName.TryParse(cluster.Context) is { } name)
            return name;
        if (GatewayName.TryParse(cluster) is { } gateway)
            return (await client.Fleet.FindAsync(gateway.ResourceName, cancellationToken).ConfigureAwait(false))?.GkeCluster?.Split('/') is [.., "projects", var owner, "locations", var place, "clusters", var known] ? new GkeName(owner, place, known) : null;
        if (cluster.Platform is not ClusterPlatform.Gke || cluster.ProjectId is not { } project || cluster.Server is not { } server)
            return null;
        foreach (var candidate in await client.Clusters.ListAsync(project, cluster.Location, cancellationToken).ConfigureAwait(false))
        {
            if (new[] { candidate.Endpoint, candidate.PrivateEndpoint, candidate.DnsEndpoint }.Any(endpoint => endpoint is not null && (Is(endpoint, server.Host) || Is(endpoint, server.Authority))))
                return new GkeName(project, candidate.Location, candidate.Name);
        }

        return null;
    }

    /// <summary>As <see cref="FindAsync"/>, for what needs one.</summary>
    internal static GkeName Of(MeshCluster cluster) => GkeName.TryParse(cluster.Context)
        ?? throw new Errors.MeshException(Errors.ErrorCatalog.GkeClusterUnknown, $"{cluster.Name}: the context does not say which cluster of GKE it is", cluster);

    private static bool Is(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
