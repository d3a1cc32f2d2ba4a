namespace MeshTools.Clusters;

/// <summary>
/// A cluster that is reached through Google's Connect Gateway, as <c>gcloud container fleet memberships get-credentials</c> names its context,
/// <c>connectgateway_PROJECT_LOCATION_MEMBERSHIP</c>, and its server,
/// <c>https://[REGION-]connectgateway.googleapis.com/v1/projects/NUMBER/locations/LOCATION/memberships/MEMBERSHIP</c> (<c>gkeMemberships</c> for clusters of GKE).
/// </summary>
/// <param name="Project">The fleet's project; its number where only the server tells.</param>
/// <param name="Location"><c>global</c> or a region.</param>
/// <param name="Membership">The membership's name.</param>
/// <param name="IsGke">Whether the server says that it is a cluster of GKE.</param>
public sealed record GatewayName(string Project, string Location, string Membership, bool IsGke)
{
    private const string Prefix = "connectgateway";
    private const string Host = "connectgateway.googleapis.com";

    /// <summary>The membership, <c>projects/P/locations/L/memberships/M</c>.</summary>
    public string ResourceName => $"projects/{Project}/locations/{Location}/memberships/{Membership}";

    /// <summary>Reads a context's name and its server.</summary>
    /// <param name="context">The context's name.</param>
    /// <param name="server">The server; <see langword="null"/> when it is not known.</param>
    /// <returns>The parts; <see langword="null"/> for a cluster that is reached otherwise.</returns>
    public static GatewayName? TryParse(string context, Uri? server)
    {
        ArgumentNullException.ThrowIfNull(context);
        var path = server?.AbsolutePath.Trim('/').Split('/') ?? [];
        // The context's name has the project's ID; -n appends a namespace to it.
        var named = context.Split('_') is [Prefix, { Length: > 0 } project, { Length: > 0 } location, { Length: > 0 } membership, .. var rest] && (rest.Length == 0 || (rest.Length == 1 && rest[0].StartsWith("ns-", StringComparison.Ordinal)))
            ? new GatewayName(project, location, membership, IsGke: false) : null;
        if (path is [.., "projects", { Length: > 0 } number, "locations", { Length: > 0 } place, "memberships" or "gkeMemberships", { Length: > 0 } member] && (named is not null || IsHost(server!.Host)))
            return new GatewayName(named?.Project ?? number, place, member, path[^2] is "gkeMemberships");
        return named;
    }

    /// <summary>Reads a cluster's context and server.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <returns>As for the other form.</returns>
    public static GatewayName? TryParse(MeshCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return TryParse(cluster.Context, cluster.Server);
    }

    private static bool IsHost(string host) =>
        string.Equals(host, Host, StringComparison.OrdinalIgnoreCase) || host.EndsWith("-" + Host, StringComparison.OrdinalIgnoreCase);
}
