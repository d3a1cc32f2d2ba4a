using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>A project.</summary>
/// <param name="ProjectId">Its ID.</param>
/// <param name="Number">Its number, in digits.</param>
/// <param name="State"><c>ACTIVE</c>, or on its way out.</param>
public sealed record GoogleProject(string ProjectId, string Number, string State);

/// <summary>Resource Manager (cloud.google.com/resource-manager/reference/rest).</summary>
public sealed class ProjectsApi
{
    private readonly GoogleCloudClient _client;
    private readonly IamApi _iam;

    internal ProjectsApi(GoogleCloudClient client)
    {
        _client = client;
        _iam = new IamApi(client, GoogleApi.ResourceManager, readsByPost: true);
    }

    /// <summary>A project.</summary>
    /// <param name="project">Its ID or number.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The project.</returns>
    /// <exception cref="GoogleApiException">It is not there, or the caller may not see it; Google does not tell which.</exception>
    public async Task<GoogleProject> GetAsync(string project, CancellationToken cancellationToken)
    {
        var answer = await _client.SendAsync(GoogleRequest.Get(GoogleApi.ResourceManager, $"v1/projects/{GoogleCloudClient.Segment(project)}", $"projects/{project}"), cancellationToken).ConfigureAwait(false);
        return new GoogleProject(answer.Text("projectId") ?? project, answer.Text("projectNumber") ?? "", answer.Text("lifecycleState") ?? "");
    }

    /// <summary>A project's IAM policy.</summary>
    /// <param name="project">Its ID or number.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="GoogleApiException">The caller may not read it.</exception>
    public Task<IamPolicy> GetPolicyAsync(string project, CancellationToken cancellationToken) => _iam.GetAsync($"projects/{GoogleCloudClient.Segment(project)}", cancellationToken);

    /// <summary>Gives roles to members, unconditionally. Reads the policy again when somebody else writes it at the same time, and writes only what is missing.</summary>
    /// <param name="project">The project's ID or number.</param>
    /// <param name="grants">Roles and members.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>Whether anything was missing.</returns>
    /// <exception cref="GoogleApiException">The caller may not, or a member does not exist.</exception>
    public Task<bool> GrantAsync(string project, IReadOnlyList<(string Role, string Member)> grants, CancellationToken cancellationToken) =>
        _iam.GrantAsync($"projects/{GoogleCloudClient.Segment(project)}", grants, cancellationToken);

    /// <summary>Which of some permissions the caller has.</summary>
    /// <param name="project">The project's ID or number.</param>
    /// <param name="permissions">Permissions, for example <c>gkehub.memberships.create</c>.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>What the caller has.</returns>
    /// <exception cref="GoogleApiException">Google does not answer.</exception>
    public Task<PermissionTest> TestPermissionsAsync(string project, IReadOnlyCollection<string> permissions, CancellationToken cancellationToken) =>
        _iam.TestAsync($"projects/{GoogleCloudClient.Segment(project)}", permissions, cancellationToken);
}
