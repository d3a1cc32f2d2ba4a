using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>A cluster as GKE describes it (container/v1, Cluster).</summary>
public sealed class GkeCluster
{
    private readonly JsonObject _json;

    internal GkeCluster(string project, JsonObject json)
    {
        ProjectId = project;
        _json = json;
    }

    /// <summary>The project, as it was asked for.</summary>
    public string ProjectId { get; }

    /// <summary>The name.</summary>
    public string Name => _json.Text("name") ?? "";

    /// <summary>The region or zone.</summary>
    public string Location => _json.Text("location") ?? _json.Text("zone") ?? "";

    /// <summary>The path below <c>v1/</c>, always in the form with <c>locations</c>.</summary>
    public string Path => $"projects/{ProjectId}/locations/{Location}/clusters/{Name}";

    /// <summary>The name of the resource that a membership points at; Google's own, whatever endpoint this came from.</summary>
    public string ResourceLink => $"//container.googleapis.com/{Path}";

    /// <summary>The issuer of the cluster's service account tokens; Google's own, whatever endpoint this came from.</summary>
    public string Issuer => $"https://container.googleapis.com/v1/{Path}";

    /// <summary><c>RUNNING</c>, or what else.</summary>
    public string Status => _json.Text("status") ?? "";

    /// <summary>The control plane's version.</summary>
    public string Version => _json.Text("currentMasterVersion") ?? "";

    /// <summary>The control plane's address, without scheme; <see langword="null"/> where there is none.</summary>
    public string? Endpoint => _json.Text("endpoint");

    /// <summary>The control plane's private address.</summary>
    public string? PrivateEndpoint => _json.Text("controlPlaneEndpointsConfig", "ipEndpointsConfig", "privateEndpoint") ?? _json.Text("privateClusterConfig", "privateEndpoint");

    /// <summary>The control plane's DNS name, when it may be used from outside.</summary>
    public string? DnsEndpoint => _json.Flag("controlPlaneEndpointsConfig", "dnsEndpointConfig", "allowExternalTraffic") ? _json.Text("controlPlaneEndpointsConfig", "dnsEndpointConfig", "endpoint") : null;

    /// <summary>Whether the control plane has an address besides its DNS name.</summary>
    public bool HasIpEndpoint => _json.At("controlPlaneEndpointsConfig", "ipEndpointsConfig") is not JsonObject config || config.Flag("enabled");

    /// <summary>Whether nodes have no public addresses.</summary>
    public bool HasPrivateNodes => _json.Flag("privateClusterConfig", "enablePrivateNodes") || _json.Flag("networkConfig", "defaultEnablePrivateNodes");

    /// <summary>Whether the control plane has no public address.</summary>
    public bool HasPrivateEndpointOnly => _json.Flag("privateClusterConfig", "enablePrivateEndpoint")
        || (_json.At("controlPlaneEndpointsConfig", "ipEndpointsConfig") is JsonObject config && config.Flag("enabled") && config["enablePublicEndpoint"] is not null && !config.Flag("enablePublicEndpoint"));

    /// <summary>The networks that may reach the control plane (CIDR); <see langword="null"/> when all may.</summary>
    public IReadOnlyList<string>? AuthorizedNetworks =>
        (_json.At("controlPlaneEndpointsConfig", "ipEndpointsConfig", "authorizedNetworksConfig") ?? _json["masterAuthorizedNetworksConfig"]) is JsonObject config && config.Flag("enabled")
            ? [.. config.Objects("cidrBlocks").Select(block => block.Text("cidrBlock")).OfType<string>()]
            : null;

    /// <summary>The authority of the control plane's certificate, PEM; <see langword="null"/> when GKE tells none.</summary>
    public string? CertificateAuthorityPem => _json.Text("masterAuth", "clusterCaCertificate") is { } text ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(text)) : null;

    /// <summary>The short name of the VPC network.</summary>
    public string Network => _json.Text("network") ?? "default";

    /// <summary>The project of the VPC network: another one with a Shared VPC.</summary>
    public string NetworkProject => _json.Text("networkConfig", "network")?.Split('/') is ["projects", var host, ..] ? host : ProjectId;

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels => _json.Map("resourceLabels");

    /// <summary>The workload identity pool; <see langword="null"/> when Workload Identity is off.</summary>
    public string? WorkloadPool => _json.Text("workloadIdentityConfig", "workloadPool");

    /// <summary>The membership, <c>projects/N/locations/L/memberships/M</c>; <see langword="null"/> when the cluster is in no fleet.</summary>
    public string? Membership => _json.Text("fleet", "membership") is { } name ? name[Math.Max(0, name.IndexOf("projects/", StringComparison.Ordinal))..] : null;

    /// <summary>The fleet's host project, an ID or a number.</summary>
    public string? FleetProject => _json.Text("fleet", "project");

    /// <summary>Whether it is an Autopilot cluster.</summary>
    public bool IsAutopilot => _json.Flag("autopilot", "enabled");

    /// <summary>The release channel in capitals: <c>RAPID</c>, <c>REGULAR</c>, <c>STABLE</c>, <c>EXTENDED</c>; <see langword="null"/> for none.</summary>
    public string? ReleaseChannel => _json.Text("releaseChannel", "channel") is { } channel && channel is not "UNSPECIFIED" ? channel : null;

    /// <summary>Whether logs and metrics go to Google's observability services.</summary>
    public bool HasObservability => _json.Text("loggingService") is "logging.googleapis.com/kubernetes" && _json.Text("monitoringService") is "monitoring.googleapis.com/kubernetes";

    /// <summary>The node pools.</summary>
    public IReadOnlyList<GkeNodePool> NodePools => [.. _json.Objects("nodePools").Select(pool => new GkeNodePool(pool, _json.Texts("locations").Count))];

    internal string LabelFingerprint => _json.Text("labelFingerprint") ?? "";
}

/// <summary>A node pool as GKE describes it.</summary>
public sealed class GkeNodePool
{
    private readonly JsonObject _json;
    private readonly int _clusterLocations;

    internal GkeNodePool(JsonObject json, int clusterLocations)
    {
        _json = json;
        _clusterLocations = clusterLocations;
    }

    /// <summary>The name.</summary>
    public string Name => _json.Text("name") ?? "";

    /// <summary>The machine type, for example <c>e2-standard-4</c>.</summary>
    public string MachineType => _json.Text("config", "machineType") ?? "e2-medium";

    /// <summary>Whether its pods see Workload Identity.</summary>
    public bool HasWorkloadIdentity => _json.Text("config", "workloadMetadataConfig", "mode") is "GKE_METADATA";

    /// <summary>The most nodes that it can have, over all its zones.</summary>
    public int MaximumNodes
    {
        get
        {
            var total = _json.Number("autoscaling", "totalMaxNodeCount");
            if (_json.Flag("autoscaling", "enabled") && total > 0)
                return total;
            var zones = Math.Max(1, _json.Texts("locations") is { Count: > 0 } own ? own.Count : _clusterLocations);
            return zones * (_json.Flag("autoscaling", "enabled") ? _json.Number("autoscaling", "maxNodeCount") : _json.Number("initialNodeCount"));
        }
    }
}
