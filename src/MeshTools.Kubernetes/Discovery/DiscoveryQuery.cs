using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>Asks a server once what it serves (client-go discovery/discovery_client.go).</summary>
internal sealed class DiscoveryQuery(ClusterTransport transport)
{
    // The order g, v, as matters to servers that compare the parameters as text.
    private const string Aggregated =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(32);

    private readonly List<ResourceType> _types = [];
    private readonly List<string> _failures = [];

    internal async Task<DiscoverySnapshot> RunAsync(CancellationToken cancellationToken)
    {
        var core = GetAsync("/api", Aggregated, cancellationToken);
        var groups = GetAsync("/apis", Aggregated, cancellationToken);
        await AddAsync(await OptionalAsync(core, "/api").ConfigureAwait(false), core: true, cancellationToken).ConfigureAwait(false);
        await AddAsync(await OptionalAsync(groups, "/apis").ConfigureAwait(false), core: false, cancellationToken).ConfigureAwait(false);
        return new DiscoverySnapshot(_types, _failures);
    }

    private async Task<JsonObject> GetAsync(string path, string accept, CancellationToken cancellationToken)
    {
        var request = new ApiRequest { Method = HttpMethod.Get, PathAndQuery = path, Verb = "get", Accept = accept, Timeout = Timeout };
        var response = await transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return JsonAccess.TryParseObject(response.Body) ?? [];
    }

    /// <summary>A server may lack /api or /apis, or forbid one of them; that is no failure of the other (client-go: 404 and 403).</summary>
    private async Task<JsonObject?> OptionalAsync(Task<JsonObject> request, string path)
    {
        try
        {
            return await request.ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsNotFound || e.IsForbidden)
        {
            if (e.IsForbidden)
                _failures.Add($"{path}: {e.Message}");
            return null;
        }
    }

    private async Task AddAsync(JsonObject? answer, bool core, CancellationToken cancellationToken)
    {
        switch (answer?.FindString("kind"))
        {
            case "APIGroupDiscoveryList":
                foreach (var group in answer.FindArray("items") ?? [])
                    AddAggregated(group);
                break;
            case "APIVersions" when core:
                foreach (var version in answer.FindStrings("versions"))
                    await AddLegacyAsync("", version, $"/api/{version}", cancellationToken).ConfigureAwait(false);
                break;
            case "APIGroupList" when !core:
                await AddLegacyGroupsAsync(answer, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private void AddAggregated(JsonNode? group)
    {
        var name = group.FindString("metadata", "name") ?? "";
        foreach (var version in group.FindArray("versions") ?? [])
        {
            var label = version.FindString("version") ?? "";
            if (version.FindString("freshness") is "Stale")
                _failures.Add($"{name}/{label}: its API service does not answer");
            foreach (var resource in version.FindArray("resources") ?? [])
            {
                // A resource without a kind of its own (responseKind empty) only has subresources.
                var kind = resource.FindString("responseKind", "kind");
                var plural = resource.FindString("resource");
                if (string.IsNullOrEmpty(kind) || string.IsNullOrEmpty(plural))
                    continue;
                _types.Add(new ResourceType(name, label, kind, plural, resource.FindString("scope") is "Namespaced")
                {
                    Singular = resource.FindString("singularResource") is { Length: > 0 } singular ? singular : kind.ToLowerInvariant(),
                    ShortNames = resource.FindStrings("shortNames"),
                    Verbs = resource.FindStrings("verbs"),
                    Categories = resource.FindStrings("categories"),
                    Subresources = NamesOf(resource.FindArray("subresources")),
                });
            }
        }
    }

    private static string[] NamesOf(JsonArray? subresources)
    {
        var names = new List<string>();
        foreach (var item in subresources ?? [])
        {
            if (item.FindString("subresource") is { } name)
                names.Add(name);
        }

        return [.. names];
    }

    private async Task AddLegacyGroupsAsync(JsonObject answer, CancellationToken cancellationToken)
    {
        foreach (var group in answer.FindArray("groups") ?? [])
        {
            var name = group.FindString("name") ?? "";
            var preferred = group.FindString("preferredVersion", "version");
            var versions = new List<string>();
            foreach (var version in group.FindArray("versions") ?? [])
            {
                if (version.FindString("version") is { } label)
                    versions.Insert(string.Equals(label, preferred, StringComparison.Ordinal) ? 0 : versions.Count, label);
            }

            foreach (var version in versions)
                await AddLegacyAsync(name, version, $"/apis/{name}/{version}", cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AddLegacyAsync(string group, string version, string path, CancellationToken cancellationToken)
    {
        JsonObject list;
        try
        {
            list = await GetAsync(path, ApiRequest.Json, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e)
        {
            // One broken API service must not hide all the others.
            _failures.Add($"{(group.Length == 0 ? version : $"{group}/{version}")}: {e.Message}");
            return;
        }

        var resources = list.FindArray("resources") ?? [];
        foreach (var resource in resources)
        {
            var plural = resource.FindString("name") ?? "";
            var kind = resource.FindString("kind") ?? "";
            if (plural.Length == 0 || kind.Length == 0 || plural.Contains('/', StringComparison.Ordinal))
                continue;
            _types.Add(new ResourceType(
                resource.FindString("group") is { Length: > 0 } ownGroup ? ownGroup : group,
                resource.FindString("version") is { Length: > 0 } ownVersion ? ownVersion : version,
                kind, plural, resource.FindBoolean("namespaced") ?? false)
            {
                Singular = resource.FindString("singularName") is { Length: > 0 } singular ? singular : kind.ToLowerInvariant(),
                ShortNames = resource.FindStrings("shortNames"),
                Verbs = resource.FindStrings("verbs"),
                Categories = resource.FindStrings("categories"),
                Subresources = SubresourcesOf(plural, resources),
            });
        }
    }

    private static string[] SubresourcesOf(string plural, JsonArray resources)
    {
        var names = new List<string>();
        foreach (var resource in resources)
        {
            if (resource.FindString("name") is { } name && name.StartsWith(plural + "/", StringComparison.Ordinal))
                names.Add(name[(plural.Length + 1)..]);
        }

        return [.. names];
    }
}
