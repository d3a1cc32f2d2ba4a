using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>A cluster's membership in a fleet (gkehub/v1, Membership).</summary>
public sealed class Membership
{
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

    /// <summary>The agent's last connection, for clusters outside GKE.</summary>
    public DateTimeOffset? LastConnection => DateTimeOffset.TryParse(_json.Text("lastConnectionTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
