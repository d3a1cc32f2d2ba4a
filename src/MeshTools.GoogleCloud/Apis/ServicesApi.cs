using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>Service Usage (cloud.google.com/service-usage/docs/reference/rest).</summary>
public sealed class ServicesApi
{
    private const int LargestRead = 30;
    private const int LargestEnable = 20;

    private readonly GoogleCloudClient _client;

    internal ServicesApi(GoogleCloudClient client) => _client = client;

    /// <summary>Which of some APIs a project has enabled.</summary>
    /// <param name="project">The project's ID or number.</param>
    /// <param name="services">APIs, for example <c>mesh.googleapis.com</c>.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>Those that are enabled.</returns>
    /// <exception cref="GoogleApiException">The caller may not read it.</exception>
    public async Task<IReadOnlySet<string>> GetEnabledAsync(string project, IReadOnlyCollection<string> services, CancellationToken cancellationToken)
    {
        var enabled = new HashSet<string>(StringComparer.Ordinal);
        var parent = $"projects/{GoogleCloudClient.Segment(project)}";
        foreach (var part in services.Distinct(StringComparer.Ordinal).Chunk(LargestRead))
        {
            var names = string.Join('&', part.Select(service => $"names={parent}/services/{GoogleCloudClient.Segment(service)}"));
            var answer = await _client.SendAsync(GoogleRequest.Get(GoogleApi.ServiceUsage, $"v1/{parent}/services:batchGet?{names}", $"APIs of {parent}"), cancellationToken).ConfigureAwait(false);
            // Names come back with the project's number.
            enabled.UnionWith(answer.Objects("services").Where(service => service.Text("state") is "ENABLED").Select(service => service.Text("config", "name") ?? service.Text("name")?.Split('/')[^1]).OfType<string>());
        }

        return enabled;
    }

    /// <summary>Enables APIs, and waits until they say that they are. Those that are enabled already are left alone.</summary>
    /// <param name="project">The project's ID or number.</param>
    /// <param name="services">APIs.</param>
    /// <param name="cancellationToken">Cancels the wait; what Google has begun goes on.</param>
    /// <returns>Those that were not enabled before.</returns>
    /// <exception cref="GoogleApiException">The caller may not, or Google could not.</exception>
    public async Task<IReadOnlyList<string>> EnableAsync(string project, IReadOnlyCollection<string> services, CancellationToken cancellationToken)
    {
        var enabled = await GetEnabledAsync(project, services, cancellationToken).ConfigureAwait(false);
        string[] missing = [.. services.Where(service => !enabled.Contains(service)).Distinct(StringComparer.Ordinal)];
        foreach (var part in missing.Chunk(LargestEnable))
            await EnableAllAsync(project, part, cancellationToken).ConfigureAwait(false);
        return missing;
    }

    private async Task EnableAllAsync(string project, string[] services, CancellationToken cancellationToken)
    {
        var parent = $"projects/{GoogleCloudClient.Segment(project)}";
        var activity = $"enable {string.Join(", ", services)} in {parent}";
        // A batch of one is refused.
        var request = services is [var only]
            ? GoogleRequest.Post(GoogleApi.ServiceUsage, $"v1/{parent}/services/{GoogleCloudClient.Segment(only)}:enable", activity)
            : GoogleRequest.Post(GoogleApi.ServiceUsage, $"v1/{parent}/services:batchEnable", activity, new JsonObject { ["serviceIds"] = new JsonArray([.. services.Select(name => (JsonNode)name)]) });
        var operation = await _client.SendAsync(request with { Repeatable = true }, cancellationToken).ConfigureAwait(false);
        var response = await _client.Operations.LongRunningAsync(GoogleApi.ServiceUsage, operation, activity, cancellationToken).ConfigureAwait(false);
        if (response.Objects("failures").FirstOrDefault() is { } failure)
        {
            var error = new GoogleError { Status = "FAILED_PRECONDITION", Message = $"{failure.Text("serviceId")}: {failure.Text("errorMessage")}" };
            throw new GoogleApiException(error, $"{activity}: {error.Message}") { Api = GoogleApi.ServiceUsage, Resource = parent };
        }
    }
}
