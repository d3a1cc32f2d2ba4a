using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>The three IAM methods of a resource, which are the same for all but for how the policy is asked for.</summary>
internal sealed class IamApi(GoogleCloudClient client, GoogleApi api, bool readsByPost)
{
    private const int LargestTest = 100;

    internal async Task<IamPolicy> GetAsync(string resource, CancellationToken cancellationToken)
    {
        var path = $"v1/{resource}:getIamPolicy";
        var request = readsByPost
            ? GoogleRequest.Post(api, path, resource, new JsonObject { ["options"] = new JsonObject { ["requestedPolicyVersion"] = 3 } }) with { Repeatable = true }
            : GoogleRequest.Get(api, path + "?options.requestedPolicyVersion=3", resource);
        return new IamPolicy(await client.SendAsync(request, cancellationToken).ConfigureAwait(false));
    }

    internal Task<bool> GrantAsync(string resource, IReadOnlyList<(string Role, string Member)> grants, CancellationToken cancellationToken) => client.WhileConflictingAsync(
        async () =>
        {
            var policy = await GetAsync(resource, cancellationToken).ConfigureAwait(false);
            var changed = policy;
            foreach (var (role, member) in grants)
            {
                if (!changed.Grants(role, member))
                    changed = new IamPolicy(changed.With(role, member));
            }

            if (ReferenceEquals(changed, policy))
                return false;
            var body = new JsonObject { ["policy"] = changed.ToJson() };
            if (readsByPost)
                body["updateMask"] = "bindings,etag,version";
            await client.SendAsync(GoogleRequest.Post(api, $"v1/{resource}:setIamPolicy", resource, body) with { Repeatable = policy.Etag.Length > 0 }, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    internal async Task<PermissionTest> TestAsync(string resource, IReadOnlyCollection<string> permissions, CancellationToken cancellationToken)
    {
        var granted = new HashSet<string>(StringComparer.Ordinal);
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in permissions.Distinct(StringComparer.Ordinal).Chunk(LargestTest))
            await TestAsync(resource, part, granted, unknown, cancellationToken).ConfigureAwait(false);
        return new PermissionTest(granted, unknown);
    }

    private async Task TestAsync(string resource, string[] permissions, HashSet<string> granted, HashSet<string> unknown, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["permissions"] = new JsonArray([.. permissions.Select(name => (JsonNode)name)]) };
        try
        {
            var request = GoogleRequest.Post(api, $"v1/{resource}:testIamPermissions", resource, body) with { Repeatable = true };
            granted.UnionWith((await client.SendAsync(request, cancellationToken).ConfigureAwait(false)).Texts("permissions"));
        }
        catch (GoogleApiException e) when (e.StatusCode is System.Net.HttpStatusCode.BadRequest)
        {
            // One that cannot be tested here spoils the whole call.
            if (permissions.Length == 1)
            {
                unknown.Add(permissions[0]);
                return;
            }

            foreach (var permission in permissions)
                await TestAsync(resource, [permission], granted, unknown, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>What the caller may do on a resource, inherited roles, groups and custom roles included.</summary>
/// <param name="Granted">The permissions that it has.</param>
/// <param name="Unknown">Those that cannot be tested there.</param>
public sealed record PermissionTest(IReadOnlySet<string> Granted, IReadOnlySet<string> Unknown);
