using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>Google Kubernetes Engine (cloud.google.com/kubernetes-engine/docs/reference/rest).</summary>
public sealed class ClustersApi
{
    private readonly GoogleCloudClient _client;

    internal ClustersApi(GoogleCloudClient client) => _client = client;

    /// <summary>A cluster.</summary>
    /// <param name="project">The project's ID or number.</param>
    /// <param name="location">The region or zone.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The cluster.</returns>
    /// <exception cref="GoogleApiException">It is not there, or the caller may not see it.</exception>
    public async Task<GkeCluster> GetAsync(string project, string location, string name, CancellationToken cancellationToken)
    {
        var path = $"projects/{GoogleCloudClient.Segment(project)}/locations/{GoogleCloudClient.Segment(location)}/clusters/{GoogleCloudClient.Segment(name)}";
        return new GkeCluster(project, await _client.SendAsync(GoogleRequest.Get(GoogleApi.Container, "v1/" + path, path), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The clusters of a project, in all its locations.</summary>
    /// <param name="project">The project's ID or number.</param>
    /// <param name="location">A region or zone; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The clusters.</returns>
    /// <exception cref="GoogleApiException">The caller may not list them, or a location does not answer.</exception>
    public async Task<IReadOnlyList<GkeCluster>> ListAsync(string project, string? location, CancellationToken cancellationToken)
    {
        var path = $"projects/{GoogleCloudClient.Segment(project)}/locations/{GoogleCloudClient.Segment(location ?? "-")}/clusters";
        var answer = await _client.SendAsync(GoogleRequest.Get(GoogleApi.Container, "v1/" + path, path), cancellationToken).ConfigureAwait(false);
        return answer.Texts("missingZones") is { Count: > 0 } missing
            ? throw new GoogleApiException(new GoogleError { Status = "UNAVAILABLE", Message = "incomplete" }, $"{path}: no answer from {string.Join(", ", missing)}") { Api = GoogleApi.Container, Resource = path }
            : [.. answer.Objects("clusters").Select(cluster => new GkeCluster(project, cluster))];
    }

    /// <summary>Sets labels and keeps the others, also when somebody else changes them at the same time.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="labels">Labels to set.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether anything had to change.</returns>
    /// <exception cref="GoogleApiException">The caller may not, or it failed.</exception>
    public Task<bool> SetLabelsAsync(GkeCluster cluster, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return _client.WhileConflictingAsync(
            async () =>
            {
                var now = await GetAsync(cluster.ProjectId, cluster.Location, cluster.Name, cancellationToken).ConfigureAwait(false);
                if (labels.All(pair => now.Labels.TryGetValue(pair.Key, out var value) && string.Equals(value, pair.Value, StringComparison.Ordinal)))
                    return false;
                var all = new JsonObject();
                foreach (var (key, value) in now.Labels.Concat(labels))
                    all[key] = value;
                var body = new JsonObject { ["resourceLabels"] = all, ["labelFingerprint"] = now.LabelFingerprint };
                var request = GoogleRequest.Post(GoogleApi.Container, $"v1/{cluster.Path}:setResourceLabels", cluster.Path, body);
                await RunAsync(cluster, request, $"set labels of {cluster.Path}", cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Turns Workload Identity on. Node pools that are there keep what they have.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GoogleApiException">The caller may not, or it failed.</exception>
    public Task EnableWorkloadIdentityAsync(GkeCluster cluster, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return UpdateAsync(
            cluster, new JsonObject { ["desiredWorkloadIdentityConfig"] = new JsonObject { ["workloadPool"] = cluster.ProjectId + ".svc.id.goog" } }, $"turn on Workload Identity of {cluster.Path}", cancellationToken);
    }

    /// <summary>Sends logs and metrics to Google's observability services.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GoogleApiException">The caller may not, or it failed.</exception>
    public Task EnableObservabilityAsync(GkeCluster cluster, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        // The one case where two fields go into one update, as gcloud does it.
        var update = new JsonObject { ["desiredLoggingService"] = "logging.googleapis.com/kubernetes", ["desiredMonitoringService"] = "monitoring.googleapis.com/kubernetes" };
        return UpdateAsync(cluster, update, $"turn on logging and monitoring of {cluster.Path}", cancellationToken);
    }

    private Task UpdateAsync(GkeCluster cluster, JsonObject update, string activity, CancellationToken cancellationToken) =>
        RunAsync(cluster, new GoogleRequest(HttpMethod.Put, GoogleApi.Container, "v1/" + cluster.Path) { Body = new JsonObject { ["update"] = update }, Resource = cluster.Path }, activity, cancellationToken);

    private async Task RunAsync(GkeCluster cluster, GoogleRequest request, string activity, CancellationToken cancellationToken)
    {
        var pause = _client.Options.FirstDelay;
        var location = $"projects/{cluster.ProjectId}/locations/{cluster.Location}";
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var operation = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
                await _client.Operations.ContainerAsync(operation, location, activity, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (GoogleApiException e) when (attempt < _client.Options.MaxRetries && e.Error.Message.Contains("incompatible operation", StringComparison.OrdinalIgnoreCase))
            {
                // Another operation holds the cluster; there is nothing to do but to let it end.
                _client.Options.OnProgress?.Invoke(new GoogleOperationProgress(activity, e.Error.Message, pause * attempt));
                await Task.Delay(pause, _client.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
                pause *= 2;
            }
        }
    }
}
