using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>GKE of the lab: its clusters that look like GKE's.</summary>
internal sealed class GoogleClustersApi
{
    private const string Own = "container.googleapis.com";

    private readonly GoogleCloudState state;
    private readonly Dictionary<string, (LabCluster Cluster, JsonObject Json)> clusters;

    public GoogleClustersApi(GoogleCloudState state, IReadOnlyList<LabCluster> clusters)
    {
        this.state = state;
        this.clusters = clusters.Where(cluster => cluster.Options.Platform is LabPlatform.Gke).ToDictionary(cluster => cluster.Name, cluster => (cluster, Describe(cluster)), StringComparer.Ordinal);
    }

    /// <summary>Whether any cluster of a project has a workload identity pool: only then there is one.</summary>
    public bool HasPool(string pool) => clusters.Values.Any(item => string.Equals(item.Json["workloadIdentityConfig"]?["workloadPool"]?.GetValue<string>(), pool, StringComparison.Ordinal));

    /// <summary>The cluster of a resource link; null when there is none.</summary>
    public JsonObject? Find(string link) =>
        link.Split('/') is ["", "", "container.googleapis.com", "projects", var project, "locations", var location, "clusters", var name] && IsHere(project, location) && clusters.TryGetValue(name, out var found)
            ? found.Json
            : null;

    /// <summary>The lab's cluster of a resource link; null when there is none.</summary>
    public LabCluster? ClusterOf(string? link) => link is not null && Find(link) is not null ? clusters[link.Split('/')[^1]].Cluster : null;

    public JsonObject Answer(GoogleCall call)
    {
        switch (call.Method, call.Parts)
        {
            case ("GET", ["projects", var project, "locations", var location, "clusters"]):
                state.Require(project, Own, "container.clusters.list");
                var here = clusters.Values.Where(_ => IsHere(project, location is "-" ? LabClusterOptions.GkeLocation : location)).Select(item => item.Json.DeepClone()).ToArray();
                return here.Length == 0 ? [] : new JsonObject { ["clusters"] = new JsonArray(here) };
            case ("GET", ["projects", var project, "locations", var location, "clusters", var name]):
                state.Require(project, Own, "container.clusters.get");
                return (JsonObject)Get(project, location, name).DeepClone();
            case ("POST", ["projects", var project, "locations", var location, "clusters", var name]) when call.Verb is "setResourceLabels":
                state.Require(project, Own, "container.clusters.update");
                return SetLabels(Get(project, location, name), call);
            case ("PUT", ["projects", var project, "locations", var location, "clusters", var name]):
                state.Require(project, Own, "container.clusters.update");
                return Update(Get(project, location, name), call.Body["update"] as JsonObject ?? []);
            default:
                throw GoogleFailure.NotFound(call.Path);
        }
    }

    private JsonObject SetLabels(JsonObject cluster, GoogleCall call)
    {
        var fingerprint = call.Body["labelFingerprint"]?.GetValue<string>();
        if (state.Faults.TakeConflict() || !string.Equals(fingerprint, cluster["labelFingerprint"]!.GetValue<string>(), StringComparison.Ordinal))
        {
            throw new GoogleFailure(412, "FAILED_PRECONDITION", "Labels could not be set due to fingerprint mismatch.");
        }

        var labels = call.Body["resourceLabels"]?.DeepClone() ?? new JsonObject();
        return state.BeginContainer(Link(cluster), "UPDATE_CLUSTER", () =>
        {
            cluster["resourceLabels"] = labels;
            cluster["labelFingerprint"] = Fingerprint(int.Parse(fingerprint!.Split('-')[1], CultureInfo.InvariantCulture) + 1);
        });
    }

    private JsonObject Update(JsonObject cluster, JsonObject update)
    {
        string[] both = ["desiredLoggingService", "desiredMonitoringService"];
        if (update.Count != 1 && !update.All(pair => both.Contains(pair.Key, StringComparer.Ordinal)))
        {
            throw GoogleFailure.Invalid("At most one field may be updated at a time.");
        }

        return state.BeginContainer(Link(cluster), "UPDATE_CLUSTER", () =>
        {
            foreach (var (name, value) in update)
            {
                cluster[name switch
                {
                    "desiredWorkloadIdentityConfig" => "workloadIdentityConfig",
                    "desiredLoggingService" => "loggingService",
                    "desiredMonitoringService" => "monitoringService",
                    _ => throw GoogleFailure.Invalid($"Unknown name \"{name}\": Cannot find field."),
                }] = value!.DeepClone();
            }
        });
    }

    private JsonObject Get(string project, string location, string name) =>
        IsHere(project, location) && clusters.TryGetValue(name, out var found) ? found.Json : throw new GoogleFailure(404, "NOT_FOUND", $"Not found: projects/{project}/locations/{location}/clusters/{name}.");

    private bool IsHere(string project, string location) =>
        string.Equals(location, LabClusterOptions.GkeLocation, StringComparison.Ordinal) && string.Equals(state.Projects.FirstOrDefault(item => string.Equals(item.Id, project, StringComparison.Ordinal) || string.Equals(item.Number, project, StringComparison.Ordinal))?.Id, state.Options.Project, StringComparison.Ordinal);

    private static string Link(JsonObject cluster) => cluster["selfLink"]!.GetValue<string>();

    private static string Fingerprint(int generation) => string.Create(CultureInfo.InvariantCulture, $"labels-{generation}");

    private JsonObject Describe(LabCluster cluster)
    {
        var described = new JsonObject
        {
            ["name"] = cluster.Name,
            ["location"] = LabClusterOptions.GkeLocation,
            ["zone"] = LabClusterOptions.GkeLocation,
            ["locations"] = new JsonArray(LabClusterOptions.GkeLocation),
            ["id"] = cluster.Uid.Replace("-", string.Empty, StringComparison.Ordinal),
            ["status"] = "RUNNING",
            // A zonal cluster calls its location a zone.
            ["selfLink"] = $"https://container.googleapis.com/v1/projects/{state.Options.Project}/zones/{LabClusterOptions.GkeLocation}/clusters/{cluster.Name}",
            ["endpoint"] = cluster.Server.Authority,
            ["masterAuth"] = new JsonObject { ["clusterCaCertificate"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(cluster.CertificateAuthorityPem)) },
            ["controlPlaneEndpointsConfig"] = new JsonObject { ["ipEndpointsConfig"] = new JsonObject { ["enabled"] = true, ["enablePublicEndpoint"] = true } },
            ["network"] = "default",
            ["networkConfig"] = new JsonObject { ["network"] = $"projects/{state.Options.Project}/global/networks/default" },
            ["labelFingerprint"] = Fingerprint(1),
            ["releaseChannel"] = state.Options.ReleaseChannel is { } channel ? new JsonObject { ["channel"] = channel } : new JsonObject(),
            ["currentMasterVersion"] = cluster.Options.ServerVersion.TrimStart('v'),
            ["nodePools"] = new JsonArray(new JsonObject
            {
                ["name"] = "default-pool",
                ["initialNodeCount"] = 3,
                ["locations"] = new JsonArray(LabClusterOptions.GkeLocation),
                ["status"] = "RUNNING",
                ["config"] = new JsonObject { ["machineType"] = "e2-standard-4", ["workloadMetadataConfig"] = new JsonObject { ["mode"] = "GKE_METADATA" } },
            }),
        };
        if (state.Options.Autopilot)
        {
            described["autopilot"] = new JsonObject { ["enabled"] = true };
        }

        if (state.Options.Prepared)
        {
            described["workloadIdentityConfig"] = new JsonObject { ["workloadPool"] = state.Options.Project + ".svc.id.goog" };
            described["loggingService"] = "logging.googleapis.com/kubernetes";
            described["monitoringService"] = "monitoring.googleapis.com/kubernetes";
        }

        return described;
    }
}
