using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>CA Service (cloud.google.com/certificate-authority-service/docs/reference/rest). A resource is a pool or a certificate template.</summary>
public sealed class CertificateAuthorityApi
{
    private readonly GoogleCloudClient _client;
    private readonly IamApi _iam;

    internal CertificateAuthorityApi(GoogleCloudClient client)
    {
        _client = client;
        _iam = new IamApi(client, GoogleApi.PrivateCa, readsByPost: false);
    }

    /// <summary>A pool or template as it is.</summary>
    /// <param name="resourceName"><c>projects/P/locations/L/caPools/N</c> or <c>.../certificateTemplates/T</c>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>Its JSON; <see langword="null"/> when it is not there.</returns>
    /// <exception cref="GoogleApiException">The caller may not see it.</exception>
    public async Task<JsonObject?> FindAsync(string resourceName, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(GoogleRequest.Get(GoogleApi.PrivateCa, "v1/" + resourceName, resourceName), cancellationToken).ConfigureAwait(false);
        }
        catch (GoogleApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>The authorities in a pool.</summary>
    /// <param name="pool">The pool's name.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The authorities; none also for a pool that has none yet.</returns>
    /// <exception cref="GoogleApiException">The caller may not list them, or the pool is not there.</exception>
    public async Task<IReadOnlyList<PoolAuthority>> ListAuthoritiesAsync(string pool, CancellationToken cancellationToken)
    {
        var items = await _client.ListAsync(GoogleApi.PrivateCa, $"v1/{pool}/certificateAuthorities", "pageSize=100", pool, "certificateAuthorities", cancellationToken).ConfigureAwait(false);
        return [.. items.Select(item => new PoolAuthority(item.Text("name")?.Split('/')[^1] ?? "", item.Text("state") ?? "", item.Text("type") is "SELF_SIGNED"))];
    }

    /// <summary>The IAM policy of a pool or template.</summary>
    /// <param name="resourceName">Its name.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="GoogleApiException">The caller may not read it.</exception>
    public Task<IamPolicy> GetPolicyAsync(string resourceName, CancellationToken cancellationToken) => _iam.GetAsync(resourceName, cancellationToken);

    /// <summary>Gives roles on a pool or template, unconditionally; writes only what is missing.</summary>
    /// <param name="resourceName">Its name.</param>
    /// <param name="grants">Roles and members.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>Whether anything was missing.</returns>
    /// <exception cref="GoogleApiException">The caller may not.</exception>
    public Task<bool> GrantAsync(string resourceName, IReadOnlyList<(string Role, string Member)> grants, CancellationToken cancellationToken) => _iam.GrantAsync(resourceName, grants, cancellationToken);

    /// <summary>Which of some permissions the caller has on a pool or template.</summary>
    /// <param name="resourceName">Its name.</param>
    /// <param name="permissions">Permissions.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>What the caller has.</returns>
    /// <exception cref="GoogleApiException">Google does not answer.</exception>
    public Task<PermissionTest> TestPermissionsAsync(string resourceName, IReadOnlyCollection<string> permissions, CancellationToken cancellationToken) =>
        _iam.TestAsync(resourceName, permissions, cancellationToken);

    /// <summary>Replaces the issuance policy of a pool.</summary>
    /// <param name="pool">The pool's name.</param>
    /// <param name="policy">The policy (privateca/v1, IssuancePolicy).</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GoogleApiException">The caller may not, or the policy cannot be.</exception>
    public async Task SetIssuancePolicyAsync(string pool, JsonObject policy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var request = new GoogleRequest(HttpMethod.Patch, GoogleApi.PrivateCa, $"v1/{pool}?updateMask=issuancePolicy&requestId={Guid.NewGuid()}")
        {
            Body = new JsonObject { ["issuancePolicy"] = policy.DeepClone() }, Resource = pool, Repeatable = true,
        };
        var operation = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await _client.Operations.LongRunningAsync(GoogleApi.PrivateCa, operation, $"set the issuance policy of {pool}", cancellationToken).ConfigureAwait(false);
    }
}
