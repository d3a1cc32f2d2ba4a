using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>What the cluster serves, as clients ask for it: aggregated (apidiscovery.k8s.io v2 and v2beta1) and as separate lists.</summary>
internal sealed class DiscoveryDocuments(ResourceCatalog catalog)
{
    private static readonly string[] GroupOrder =
    [
        "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "networking.k8s.io", "policy", "rbac.authorization.k8s.io",
        "storage.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io", "discovery.k8s.io",
    ];

    private volatile Aggregated? _aggregated;

    internal async Task<bool> TryAnswerAsync(HttpContext context, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (parts)
        {
            case ["api"] or ["apis"]:
                var version = AggregatedVersion(context.Request);
                if (version is not null)
                {
                    await AnswerAggregatedAsync(context, parts[0] is "api", version).ConfigureAwait(false);
                }
                else
                {
                    await Responses.JsonAsync(context, 200, parts[0] is "api" ? CoreVersions(context) : GroupList()).ConfigureAwait(false);
                }

                return true;
            case ["api", "v1"]:
                await Responses.JsonAsync(context, 200, ResourceList("", "v1")).ConfigureAwait(false);
                return true;
            case ["apis", var group] when catalog.ServesGroup(group):
                await Responses.JsonAsync(context, 200, GroupDocument(group, withType: true)).ConfigureAwait(false);
                return true;
            case ["apis", var group, var groupVersion] when catalog.ServesGroupVersion(group, groupVersion):
                await Responses.JsonAsync(context, 200, ResourceList(group, groupVersion)).ConfigureAwait(false);
                return true;
            case ["apis", var group, _] when catalog.ServesGroup(group):
                throw ApiStatusException.ResourceNotServed();
            default:
                return false;
        }
    }

    private static string? AggregatedVersion(HttpRequest request)
    {
        foreach (var clause in request.Headers.Accept.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = clause.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not "application/json")
            {
                continue;
            }

            if (parts.Contains("g=apidiscovery.k8s.io") && parts.Contains("as=APIGroupDiscoveryList"))
            {
                if (parts.Contains("v=v2"))
                {
                    return "v2";
                }

                if (parts.Contains("v=v2beta1"))
                {
                    return "v2beta1";
                }
            }
            else if (parts.Length == 1)
            {
                return null;
            }
        }

        return null;
    }

    private static JsonObject CoreVersions(HttpContext context) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = context.Request.Host.Value }),
    };

    private async Task AnswerAggregatedAsync(HttpContext context, bool core, string version)
    {
        var aggregated = _aggregated;
        var generation = catalog.Generation;
        if (aggregated is null || aggregated.Generation != generation)
        {
            aggregated = new Aggregated(generation, Build([""]), Build(Groups()));
            _aggregated = aggregated;
        }

        var (body, tag) = (core, version) switch
        {
            (true, "v2") => aggregated.Core,
            (false, "v2") => aggregated.Named,
            (true, _) => Older(aggregated.Core),
            _ => Older(aggregated.Named),
        };
        context.Response.Headers.CacheControl = "public";
        context.Response.Headers.ETag = "\"" + tag + "\"";
        context.Response.Headers.Vary = "Accept";
        if (context.Request.Headers.IfNoneMatch.ToString().Trim('"') is { Length: > 0 } known && string.Equals(known, tag, StringComparison.Ordinal))
        {
            context.Response.StatusCode = 304;
            return;
        }

        await Responses.BytesAsync(context, 200, body, $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList").ConfigureAwait(false);
    }

    private static (byte[] Body, string Tag) Older((byte[] Body, string Tag) current)
    {
        var text = Encoding.UTF8.GetString(current.Body).Replace("apidiscovery.k8s.io/v2\"", "apidiscovery.k8s.io/v2beta1\"", StringComparison.Ordinal);
        return (Encoding.UTF8.GetBytes(text), current.Tag);
    }

    private IEnumerable<string> Groups()
    {
        var served = catalog.All.Select(resource => resource.Group).Where(group => group.Length > 0).Distinct(StringComparer.Ordinal).ToArray();
        return GroupOrder.Where(served.Contains).Concat(served.Where(group => !GroupOrder.Contains(group)).Order(StringComparer.Ordinal));
    }

    private IEnumerable<string> Versions(string group) => catalog.All
        .Where(resource => string.Equals(resource.Group, group, StringComparison.Ordinal))
        .Select(resource => resource.Version)
        .Distinct(StringComparer.Ordinal)
        .OrderBy(VersionRank)
        .ThenByDescending(version => version, StringComparer.Ordinal);

    /// <summary>Stable before beta before alpha, newer first (k8s.io/apimachinery/pkg/version).</summary>
    private static int VersionRank(string version) =>
        version.Contains("alpha", StringComparison.Ordinal) ? 2 : version.Contains("beta", StringComparison.Ordinal) ? 1 : 0;

    private IEnumerable<ServedResource> Resources(string group, string version) => catalog.All
        .Where(resource => string.Equals(resource.Group, group, StringComparison.Ordinal) && string.Equals(resource.Version, version, StringComparison.Ordinal));

    private (byte[] Body, string Tag) Build(IEnumerable<string> groups)
    {
        var items = new JsonArray();
        foreach (var group in groups)
        {
            var versions = new JsonArray();
            foreach (var version in Versions(group))
            {
                var resources = new JsonArray([.. Resources(group, version).OrderBy(r => r.Plural, StringComparer.Ordinal).Select(resource => (JsonNode)Describe(resource))]);
                versions.Add((JsonNode)new JsonObject { ["version"] = version, ["resources"] = resources, ["freshness"] = "Current" });
            }

            items.Add((JsonNode)new JsonObject { ["metadata"] = group.Length == 0 ? [] : new JsonObject { ["name"] = group }, ["versions"] = versions });
        }

        var body = JsonTree.ToUtf8(new JsonObject { ["kind"] = "APIGroupDiscoveryList", ["apiVersion"] = "apidiscovery.k8s.io/v2", ["metadata"] = new JsonObject(), ["items"] = items });
        return (body, Convert.ToHexString(SHA512.HashData(body)));
    }

    private static JsonObject Describe(ServedResource resource)
    {
        var description = new JsonObject
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = new JsonObject { ["group"] = resource.IsCustom ? resource.Group : "", ["version"] = resource.IsCustom ? resource.Version : "", ["kind"] = resource.Kind },
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = Texts(resource.Verbs),
        };
        if (resource.ShortNames.Count > 0)
        {
            description["shortNames"] = Texts(resource.ShortNames);
        }

        if (resource.Categories.Count > 0)
        {
            description["categories"] = Texts(resource.Categories);
        }

        if (resource.Subresources.Count > 0)
        {
            description["subresources"] = new JsonArray([.. resource.Subresources.Select(name =>
            {
                var subresource = Subresource.Of(resource, name);
                return (JsonNode)new JsonObject
                {
                    ["subresource"] = name,
                    ["responseKind"] = new JsonObject { ["group"] = subresource.Group, ["version"] = subresource.Version, ["kind"] = subresource.Kind },
                    ["verbs"] = Texts(subresource.Verbs),
                };
            })]);
        }

        return description;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode?)JsonValue.Create(text))]);

    private JsonObject GroupList() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. Groups().Select(group => (JsonNode)GroupDocument(group, withType: false))]),
    };

    private JsonObject GroupDocument(string group, bool withType)
    {
        var document = new JsonObject();
        if (withType)
        {
            document["kind"] = "APIGroup";
            document["apiVersion"] = "v1";
        }

        JsonObject Version(string version) => new() { ["groupVersion"] = group + "/" + version, ["version"] = version };
        var versions = Versions(group).ToArray();
        document["name"] = group;
        document["versions"] = new JsonArray([.. versions.Select(version => (JsonNode)Version(version))]);
        document["preferredVersion"] = Version(versions[0]);
        return document;
    }

    private JsonObject ResourceList(string group, string version)
    {
        var list = new JsonArray();
        foreach (var resource in Resources(group, version))
        {
            var item = new JsonObject
            {
                ["name"] = resource.Plural,
                ["singularName"] = resource.Singular,
                ["namespaced"] = resource.Namespaced,
                ["kind"] = resource.Kind,
                ["verbs"] = Texts(resource.Verbs),
            };
            if (resource.ShortNames.Count > 0)
            {
                item["shortNames"] = Texts(resource.ShortNames);
            }

            if (resource.Categories.Count > 0)
            {
                item["categories"] = Texts(resource.Categories);
            }

            if (resource.Verbs.Contains("list"))
            {
                item["storageVersionHash"] = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{resource.Group}/{resource.Version}/{resource.Kind}")).AsSpan(0, 8));
            }

            list.Add((JsonNode)item);
            foreach (var name in resource.Subresources)
            {
                var subresource = Subresource.Of(resource, name);
                var entry = new JsonObject { ["name"] = resource.Plural + "/" + name, ["singularName"] = "", ["namespaced"] = resource.Namespaced };
                if (subresource.Group.Length > 0 && !string.Equals(subresource.Group, resource.Group, StringComparison.Ordinal))
                {
                    entry["group"] = subresource.Group;
                    entry["version"] = subresource.Version;
                }

                entry["kind"] = subresource.Kind;
                entry["verbs"] = Texts(subresource.Verbs);
                list.Add((JsonNode)entry);
            }
        }

        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : group + "/" + version,
            ["resources"] = list,
        };
    }

    private sealed record Aggregated(int Generation, (byte[] Body, string Tag) Core, (byte[] Body, string Tag) Named);
}

/// <summary>A subresource as discovery describes it.</summary>
internal sealed record Subresource(string Group, string Version, string Kind, IReadOnlyList<string> Verbs)
{
    internal static Subresource Of(ServedResource resource, string name) => name switch
    {
        "scale" => new("autoscaling", "v1", "Scale", ["get", "patch", "update"]),
        "token" => new("authentication.k8s.io", "v1", "TokenRequest", ["create"]),
        "eviction" => new("policy", "v1", "Eviction", ["create"]),
        "exec" => new("", "v1", "PodExecOptions", ["create", "get"]),
        "portforward" => new("", "v1", "PodPortForwardOptions", ["create", "get"]),
        "log" => new("", "v1", resource.Kind, ["get"]),
        "finalize" => new(resource.Group, resource.Version, resource.Kind, ["update"]),
        _ => new(resource.IsCustom ? resource.Group : "", resource.IsCustom ? resource.Version : "", resource.Kind, ["get", "patch", "update"]),
    };
}
