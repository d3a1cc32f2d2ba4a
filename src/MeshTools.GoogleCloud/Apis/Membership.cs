using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>A cluster's membership in a fleet (gkehub/v1, Membership).</summary>
public sealed class Membership
{
    private static readonly string[] s_platforms = ["multiCloudCluster", "onPremCluster", "edgeCluster", "applianceCluster"];

    private readonly JsonObject _json;

    internal Membership(JsonObject json) => _json = json;

    /// <summary>The full name, <c>projects/P/locations/L/memberships/M</c>; P may be the fleet project's number.</summary>
    public string ResourceName => _json.Text("name") ?? "";

    /// <summary>The short name.</summary>
    public string Name => ResourceName.Split('/')[^1];

    /// <summary><c>global</c> or a region.</summary>
    public string Location => ResourceName.Split('/') is [_, _, _, var location, ..] ? location : "";

    /// <summary><c>READY</c>, or what else.</summary>
    public string State => _json.Text("state", "code") ?? "";

    /// <summary>The GKE cluster, <c>//container.googleapis.com/projects/...</c>; <see langword="null"/> for others.</summary>
    public string? GkeCluster => _json.Text("endpoint", "gkeCluster", "resourceLink");

    /// <summary>Whether the GKE cluster is gone.</summary>
    public bool IsClusterMissing => _json.Flag("endpoint", "gkeCluster", "clusterMissing");

    /// <summary>The UID of namespace kube-system, where it was told.</summary>
    public string? ExternalId => _json.Text("externalId");

    /// <summary>The issuer of the cluster's service account tokens; <see langword="null"/> without fleet workload identity.</summary>
    public string? Issuer => _json.Text("authority", "issuer");

    /// <summary>The fleet's workload identity pool.</summary>
    public string? WorkloadIdentityPool => _json.Text("authority", "workloadIdentityPool");

    /// <summary>The provider of identities in that pool.</summary>
    public string? IdentityProvider => _json.Text("authority", "identityProvider");

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels => _json.Map("labels");

    /// <summary>The project that metrics name; together with the next two it makes the cluster ID.</summary>
    public string? MonitoringProject => _json.Text("monitoringConfig", "projectId");

    /// <summary>The location that metrics name.</summary>
    public string? MonitoringLocation => _json.Text("monitoringConfig", "location");

    /// <summary>The cluster that metrics name; holds a slash outside GKE, as in <c>awsClusters/name</c>.</summary>
    public string? MonitoringCluster => _json.Text("monitoringConfig", "cluster");

    /// <summary>
    /// The cluster of another product of Google that makes its own memberships: attached clusters, GKE on AWS and Azure (<c>//gkemulticloud.googleapis.com/...</c>), Google Distributed
    /// Cloud (<c>//gkeonprem.googleapis.com/...</c>), edge; <see langword="null"/> for GKE and for clusters that were registered by themselves.
    /// </summary>
    public string? PlatformCluster =>
        s_platforms.Select(platform => _json.Text("endpoint", platform, "resourceLink") ?? (_json.At("endpoint", platform) is JsonObject ? platform : null)).FirstOrDefault(link => link is not null);

    /// <summary>The keys of the issuer (a JWKS document), where they were sent because Google cannot fetch them; <see langword="null"/> otherwise.</summary>
    public string? IssuerKeys
    {
        get
        {
            var text = _json.Text("authority", "oidcJwks");
            var bytes = new byte[text?.Length ?? 0];
            return text is not null && Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
        }
    }

    /// <summary>The agent's last connection, for clusters outside GKE.</summary>
    public DateTimeOffset? LastConnection => DateTimeOffset.TryParse(_json.Text("lastConnectionTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
