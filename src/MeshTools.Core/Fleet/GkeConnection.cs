using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;

namespace MeshTools.Fleet;

/// <summary>Connects clusters of GKE without a kubeconfig: GKE tells address and authority, and takes Google's token.</summary>
public static class GkeConnection
{
    /// <summary>Finds clusters.</summary>
    /// <param name="client">Google Cloud; the clusters go on using it for their tokens, so it must not be disposed while they live.</param>
    /// <param name="project">The project.</param>
    /// <param name="location">The region or zone; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The clusters.</returns>
    /// <exception cref="GoogleApiException">They cannot be read.</exception>
    public static Task<IReadOnlyList<GkeCluster>> ListAsync(GoogleCloudClient client, string project, string? location, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.Clusters.ListAsync(project, location, cancellationToken);
    }

    /// <summary>Makes a cluster of what GKE says about it. Nothing is sent.</summary>
    /// <param name="gke">What GKE says.</param>
    /// <param name="client">Google Cloud, for tokens.</param>
    /// <param name="endpoint">Which endpoint to use.</param>
    /// <returns>The cluster, not probed; its context is named as gcloud would name it.</returns>
    /// <exception cref="MeshException">It has no such endpoint.</exception>
    public static MeshCluster Connect(GkeCluster gke, GoogleCloudClient client, GkeEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(gke);
        ArgumentNullException.ThrowIfNull(client);
        var (host, byDns) = Choose(gke, endpoint);
        var server = new Uri($"https://{host}");
        var configuration = new ClientConfiguration
        {
            Server = server,
            // The DNS name has a certificate that everybody trusts.
            CertificateAuthorityPem = byDns ? null : gke.CertificateAuthorityPem ?? throw Unavailable(gke, "GKE names no authority for its certificate"),
            Credentials = new GoogleClusterCredential(client),
        };
        var name = new GkeName(gke.ProjectId, gke.Location, gke.Name);
        var context = $"gke_{gke.ProjectId}_{gke.Location}_{gke.Name}";
        // Only a lab's GKE hands out addresses of this machine.
        var isLab = server.IsLoopback && client.Environment.Endpoints()[GoogleApi.Container].IsLoopback;
        return new MeshCluster(new ClusterConnection(configuration, isLab), new KubeconfigContext(context, context, context, Namespace: null, server, SourcePath: null))
        {
            // Which others are connected so is not known here.
            ShortName = $"{gke.Location}/{gke.Name}",
            Platform = ClusterPlatform.Gke,
            ProjectId = gke.ProjectId,
            Location = gke.Location,
            ClusterId = name.ClusterId,
            FleetProject = gke.FleetProject,
        };
    }

    private static (string Host, bool ByDns) Choose(GkeCluster gke, GkeEndpoint endpoint) => endpoint switch
    {
        GkeEndpoint.Private => (gke.HasIpEndpoint && gke.PrivateEndpoint is { } address ? address : throw Unavailable(gke, "it has no private address"), false),
        GkeEndpoint.Default when gke.HasIpEndpoint => (gke.Endpoint ?? throw Unavailable(gke, $"it has no address (yet): it is {gke.Status}"), false),
        _ => (gke.DnsEndpoint ?? throw Unavailable(gke, "its DNS endpoint may not be used from outside"), true),
    };

    private static MeshException Unavailable(GkeCluster gke, string why) => new(ErrorCatalog.GkeEndpointUnavailable, $"cluster {gke.Path}: {why}", gke.Path);
}
