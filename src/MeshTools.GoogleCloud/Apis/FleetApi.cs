using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>GKE Hub (cloud.google.com/kubernetes-engine/fleet-management/docs/reference/rest).</summary>
public sealed class FleetApi
{
    private const string MeshFeatureId = "servicemesh";

    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    private readonly GoogleCloudClient _client;

    internal FleetApi(GoogleCloudClient client) => _client = client;

    /// <summary>The memberships of a fleet, in all locations.</summary>
    /// <param name="fleet">The fleet's host project.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The memberships.</returns>
    /// <exception cref="GoogleApiException">The caller may not list them, the API is not enabled, or a location does not answer.</exception>
    public async Task<IReadOnlyList<Membership>> ListAsync(string fleet, CancellationToken cancellationToken)
    {
        var path = $"projects/{GoogleCloudClient.Segment(fleet)}/locations/-/memberships";
        var items = await _client.ListAsync(GoogleApi.Hub, "v1/" + path, "pageSize=500", path, "resources", cancellationToken).ConfigureAwait(false);
        return [.. items.Select(item => new Membership(item))];
    }

    /// <summary>A membership, or <see langword="null"/> when there is none of that name.</summary>
    /// <param name="resourceName"><c>projects/P/locations/L/memberships/M</c>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The membership.</returns>
    /// <exception cref="GoogleApiException">The caller may not see it.</exception>
    public async Task<Membership?> FindAsync(string resourceName, CancellationToken cancellationToken)
    {
        try
        {
            return new Membership(await _client.SendAsync(GoogleRequest.Get(GoogleApi.Hub, "v1/" + resourceName, resourceName), cancellationToken).ConfigureAwait(false));
        }
        catch (GoogleApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Registers a cluster of GKE with fleet workload identity. Needs no access to the cluster.</summary>
    /// <param name="fleet">The fleet's host project.</param>
    /// <param name="location"><c>global</c> or a region.</param>
    /// <param name="name">The membership's name.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="labels">Labels.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The membership.</returns>
    /// <exception cref="GoogleApiException">The caller may not, the cluster is registered elsewhere, or the name is taken.</exception>
    public Task<Membership> RegisterAsync(string fleet, string location, string name, GkeCluster cluster, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var body = new JsonObject
        {
            ["endpoint"] = new JsonObject { ["gkeCluster"] = new JsonObject { ["resourceLink"] = cluster.ResourceLink } },
            ["authority"] = new JsonObject { ["issuer"] = cluster.Issuer },
        };
        return CreateAsync(fleet, location, name, body, labels, cancellationToken);
    }

    /// <summary>Registers a cluster outside GKE. The cluster itself is not touched: what marks it as a member, and the Connect agent, are applied to it afterwards.</summary>
    /// <param name="fleet">The fleet's host project.</param>
    /// <param name="location"><c>global</c> or a region.</param>
    /// <param name="name">The membership's name.</param>
    /// <param name="cluster">What Google is told about the cluster.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The membership.</returns>
    /// <exception cref="GoogleApiException">The caller may not, the name is taken, the cluster is registered elsewhere, or Google cannot read the issuer's documents.</exception>
    public Task<Membership> RegisterOtherAsync(string fleet, string location, string name, OtherCluster cluster, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var body = new JsonObject { ["externalId"] = cluster.Uid, ["authority"] = Authority(cluster.Issuer, cluster.Keys) };
        if (cluster.KubernetesVersion is { } version)
            body["endpoint"] = new JsonObject { ["kubernetesResource"] = new JsonObject { ["resourceOptions"] = new JsonObject { ["k8sVersion"] = version } } };
        return CreateAsync(fleet, location, name, body, labels: null, cancellationToken);
    }

    /// <summary>Sets labels of a membership and keeps the others.</summary>
    /// <param name="resourceName"><c>projects/P/locations/L/memberships/M</c>.</param>
    /// <param name="labels">Labels to set.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GoogleApiException">The caller may not.</exception>
    public Task SetLabelsAsync(string resourceName, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(resourceName);
        return UpdateAsync(resourceName, "labels", new JsonObject { ["labels"] = Labels(labels) }, cancellationToken);
    }

    /// <summary>Gives a membership the authority that makes fleet workload identity of it.</summary>
    /// <param name="membership">The membership.</param>
    /// <param name="issuer">The issuer.</param>
    /// <param name="keys">The keys of that issuer (a JWKS document), when Google cannot fetch them itself; else <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GoogleApiException">The caller may not, or it has another issuer.</exception>
    public Task SetIssuerAsync(Membership membership, string issuer, string? keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(membership);
        return UpdateAsync(membership.ResourceName, "authority", new JsonObject { ["authority"] = Authority(issuer, keys) }, cancellationToken);
    }

    /// <summary>Takes a membership out of its fleet.</summary>
    /// <param name="resourceName"><c>projects/P/locations/L/memberships/M</c>.</param>
    /// <param name="force">Also when features still hold things of it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="GoogleApiException">The caller may not.</exception>
    public async Task<bool> DeleteAsync(string resourceName, bool force, CancellationToken cancellationToken)
    {
        try
        {
            var query = $"requestId={Guid.NewGuid()}" + (force ? "&force=true" : "");
            var request = new GoogleRequest(HttpMethod.Delete, GoogleApi.Hub, $"v1/{resourceName}?{query}") { Resource = resourceName, Repeatable = true };
            await CompleteAsync(request, $"remove {resourceName}", cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (GoogleApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>Asks whether a cluster with this membership object may be registered: another fleet may own it.</summary>
    /// <param name="fleet">The fleet's host project.</param>
    /// <param name="location"><c>global</c> or a region.</param>
    /// <param name="name">The membership's name.</param>
    /// <param name="membershipManifest">The cluster's own object <c>memberships.hub.gke.io/membership</c> as YAML or JSON; empty when it has none.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>Why it may not; <see langword="null"/> when it may.</returns>
    /// <exception cref="GoogleApiException">The caller may not ask.</exception>
    public async Task<string?> FindExclusivityConflictAsync(string fleet, string location, string name, string membershipManifest, CancellationToken cancellationToken)
    {
        // Only v1alpha and v1beta1 have it, and as a GET with the whole object in the query.
        var parent = $"projects/{GoogleCloudClient.Segment(fleet)}/locations/{GoogleCloudClient.Segment(location)}";
        var path = $"v1beta1/{parent}/memberships:validateExclusivity?intendedMembership={GoogleCloudClient.Segment(name)}&crManifest={Uri.EscapeDataString(membershipManifest)}";
        var answer = await _client.SendAsync(GoogleRequest.Get(GoogleApi.Hub, path, parent), cancellationToken).ConfigureAwait(false);
        return answer.Number("status", "code") == 0 ? null : answer.Text("status", "message") ?? "the cluster belongs to another fleet";
    }

    /// <summary>The objects that mark a cluster outside GKE as a member, so that no other fleet takes it: a definition and an object, as YAML; empty texts where nothing is to do.</summary>
    /// <param name="resourceName">The membership.</param>
    /// <param name="definition">The cluster's definition as it is, or empty.</param>
    /// <param name="membershipManifest">The cluster's own object as it is, or empty.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The manifests.</returns>
    /// <exception cref="GoogleApiException">The caller may not ask.</exception>
    public async Task<(string Definition, string Membership)> GetExclusivityManifestsAsync(string resourceName, string definition, string membershipManifest, CancellationToken cancellationToken)
    {
        var path = $"v1beta1/{resourceName}:generateExclusivityManifest?crdManifest={Uri.EscapeDataString(definition)}&crManifest={Uri.EscapeDataString(membershipManifest)}";
        var answer = await _client.SendAsync(GoogleRequest.Get(GoogleApi.Hub, path, resourceName), cancellationToken).ConfigureAwait(false);
        return (answer.Text("crdManifest") ?? "", answer.Text("crManifest") ?? "");
    }

    /// <summary>The objects of the Connect agent, by which Google reaches a cluster outside GKE. The membership must be there.</summary>
    /// <param name="resourceName">The membership.</param>
    /// <param name="ns">The namespace that the agent gets.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The objects as YAML, in the order in which they are to be applied.</returns>
    /// <exception cref="GoogleApiException">The caller may not ask, or the membership is not there.</exception>
    public async Task<IReadOnlyList<string>> GetConnectManifestAsync(string resourceName, string ns, CancellationToken cancellationToken)
    {
        var path = $"v1/{resourceName}:generateConnectManifest?namespace={Uri.EscapeDataString(ns)}";
        var answer = await _client.SendAsync(GoogleRequest.Get(GoogleApi.Hub, path, resourceName), cancellationToken).ConfigureAwait(false);
        return [.. answer.Objects("manifest").Select(item => item.Text("manifest")).OfType<string>()];
    }

    /// <summary>The fleet's service mesh feature; <see langword="null"/> when it is not enabled.</summary>
    /// <param name="fleet">The fleet's host project.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The feature.</returns>
    /// <exception cref="GoogleApiException">The caller may not see it, or the API is not enabled.</exception>
    public async Task<MeshFeature?> FindMeshFeatureAsync(string fleet, CancellationToken cancellationToken)
    {
        var path = FeaturePath(fleet);
        try
        {
            return new MeshFeature(await _client.SendAsync(GoogleRequest.Get(GoogleApi.Hub, $"v1/{path}?returnPartialSuccess=true", path), cancellationToken).ConfigureAwait(false));
        }
        catch (GoogleApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Enables the fleet's service mesh feature. One that is there is as it should be.</summary>
    /// <param name="fleet">The fleet's host project.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GoogleApiException">The caller may not, or the APIs are not enabled.</exception>
    public async Task EnableMeshFeatureAsync(string fleet, CancellationToken cancellationToken)
    {
        var parent = $"projects/{GoogleCloudClient.Segment(fleet)}/locations/global";
        var request = GoogleRequest.Post(GoogleApi.Hub, $"v1/{parent}/features?featureId={MeshFeatureId}&requestId={Guid.NewGuid()}", parent) with { Repeatable = true };
        var pause = _client.Options.FirstDelay;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await CompleteAsync(request, $"enable the service mesh feature of {parent}", cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (GoogleApiException e) when (e.IsAlreadyExists)
            {
                return;
            }
            catch (GoogleApiException e) when (attempt < 4 && e.Status is "FAILED_PRECONDITION" && e.Error.Message.Contains("is not enabled", StringComparison.Ordinal))
            {
                // An API that was enabled a moment ago is not known everywhere yet.
                await Task.Delay(pause, _client.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
                pause *= 1.75;
            }
        }
    }

    /// <summary>Tells the fleet to manage, or not, the mesh of a membership; what else is said about it stays.</summary>
    /// <param name="fleet">The fleet's host project.</param>
    /// <param name="location">The membership's location.</param>
    /// <param name="name">The membership's name.</param>
    /// <param name="management"><c>MANAGEMENT_AUTOMATIC</c>, <c>MANAGEMENT_MANUAL</c> or <c>MANAGEMENT_NOT_INSTALLED</c>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether anything had to change.</returns>
    /// <exception cref="GoogleApiException">The caller may not, or the feature is not enabled.</exception>
    public Task<bool> SetManagementAsync(string fleet, string location, string name, string management, CancellationToken cancellationToken) => _client.WhileConflictingAsync(
        async () =>
        {
            var feature = await FindMeshFeatureAsync(fleet, cancellationToken).ConfigureAwait(false);
            if (string.Equals(feature?.ManagementOf(location, name), management, StringComparison.Ordinal))
                return false;
            var spec = feature?.SpecOf(location, name)?.DeepClone() as JsonObject ?? [];
            var mesh = spec["mesh"] as JsonObject ?? [];
            mesh["management"] = management;
            // Replaced by the field above.
            mesh.Remove("controlPlane");
            spec["mesh"] = mesh.Parent is null ? mesh : mesh.DeepClone();
            spec.Remove("origin");
            // The same membership by the project's number and by its ID would keep one of the two at random, so the key that is there is the one to write.
            var key = feature?.SpecKeyOf(location, name) ?? $"projects/{fleet}/locations/{location}/memberships/{name}";
            var body = new JsonObject { ["membershipSpecs"] = new JsonObject { [key] = spec } };
            if (feature?.Etag is { } etag)
                body["etag"] = etag;
            await UpdateAsync(FeaturePath(fleet), "membershipSpecs", body, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Looks at what the fleet reports of a membership until that is what is waited for, or time is up. Nothing is changed.</summary>
    /// <param name="fleet">The fleet's host project.</param>
    /// <param name="location">The membership's location.</param>
    /// <param name="name">The membership's name.</param>
    /// <param name="isOver">Gets every state, <see langword="null"/> while there is none, and for how long it has been waited; says whether the wait is over.</param>
    /// <param name="timeout">How long to look.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The last state, and whether it was what was waited for.</returns>
    /// <exception cref="GoogleApiException">The caller may not see it.</exception>
    public async Task<(MembershipMeshState? State, bool IsOver)> WatchMeshAsync(
        string fleet, string location, string name, Func<MembershipMeshState?, TimeSpan, bool> isOver, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(isOver);
        var clock = _client.Options.TimeProvider;
        var started = clock.GetTimestamp();
        for (var pause = _client.Options.FirstDelay; ; pause = pause * 1.5 < s_longestPause ? pause * 1.5 : s_longestPause)
        {
            var state = (await FindMeshFeatureAsync(fleet, cancellationToken).ConfigureAwait(false))?.StateOf(location, name);
            var elapsed = clock.GetElapsedTime(started);
            if (isOver(state, elapsed))
                return (state, true);
            if (elapsed >= timeout)
                return (state, false);
            await Task.Delay(pause < timeout - elapsed ? pause : timeout - elapsed, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string FeaturePath(string fleet) => $"projects/{GoogleCloudClient.Segment(fleet)}/locations/global/features/{MeshFeatureId}";

    private async Task<Membership> CreateAsync(
        string fleet, string location, string name, JsonObject body, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        var parent = $"projects/{GoogleCloudClient.Segment(fleet)}/locations/{GoogleCloudClient.Segment(location)}/memberships";
        if (labels is { Count: > 0 })
            body["labels"] = Labels(labels);
        var query = $"membershipId={GoogleCloudClient.Segment(name)}&requestId={Guid.NewGuid()}";
        var request = GoogleRequest.Post(GoogleApi.Hub, $"v1/{parent}?{query}", $"{parent}/{name}", body) with { Repeatable = true };
        var response = await CompleteAsync(request, $"register {parent}/{name}", cancellationToken).ConfigureAwait(false);
        return response.Text("name") is null
            ? await FindAsync($"{parent}/{GoogleCloudClient.Segment(name)}", cancellationToken).ConfigureAwait(false) ?? new Membership(new JsonObject { ["name"] = $"{parent}/{name}" })
            : new Membership(response);
    }

    private Task<JsonObject> UpdateAsync(string resourceName, string mask, JsonObject body, CancellationToken cancellationToken)
    {
        var request = new GoogleRequest(HttpMethod.Patch, GoogleApi.Hub, $"v1/{resourceName}?updateMask={mask}&requestId={Guid.NewGuid()}") { Body = body, Resource = resourceName, Repeatable = true };
        return CompleteAsync(request, $"update {mask} of {resourceName}", cancellationToken);
    }

    private async Task<JsonObject> CompleteAsync(GoogleRequest request, string activity, CancellationToken cancellationToken)
    {
        var operation = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await _client.Operations.LongRunningAsync(GoogleApi.Hub, operation, activity, cancellationToken).ConfigureAwait(false);
    }

    private static JsonObject Authority(string issuer, string? keys)
    {
        var authority = new JsonObject { ["issuer"] = issuer };
        if (keys is not null)
            authority["oidcJwks"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(keys));
        return authority;
    }

    private static JsonObject Labels(IReadOnlyDictionary<string, string> labels) => new(labels.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
}
