using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>Mesh Config, the part of Cloud Service Mesh's backend that has no published reference; asmcli calls it with curl (asmcli, init_meshconfig).</summary>
public sealed class MeshConfigApi
{
    private const int ServerSeconds = 600;

    private readonly GoogleCloudClient _client;

    internal MeshConfigApi(GoogleCloudClient client) => _client = client;

    /// <summary>Prepares a project for the mesh. Pools replace those of an earlier call, so all of them have to be given. There is no way to ask whether it has been done.</summary>
    /// <param name="project">The project's ID or number.</param>
    /// <param name="workloadIdentityPools">The pools whose workloads belong to the mesh; empty for the project's own.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="GoogleApiException">The caller may not, the API is not enabled, or a pool does not exist.</exception>
    public async Task InitializeAsync(string project, IReadOnlyList<string> workloadIdentityPools, CancellationToken cancellationToken)
    {
        var body = workloadIdentityPools.Count == 0 ? [] : new JsonObject { ["workloadIdentityPools"] = new JsonArray([.. workloadIdentityPools.Select(pool => (JsonNode)pool)]) };
        var request = GoogleRequest.Post(GoogleApi.MeshConfig, $"v1alpha1/projects/{GoogleCloudClient.Segment(project)}:initialize", $"Mesh Config of projects/{project}", body) with
        {
            Repeatable = true, ServerTimeout = ServerSeconds, Timeout = TimeSpan.FromSeconds(ServerSeconds + 20),
        };
        await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
