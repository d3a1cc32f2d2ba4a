using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>OpenAPI of what is served, made from the same types that decode it: structure, lists and merge keys, without prose.</summary>
internal sealed class OpenApiDocuments(ResourceCatalog catalog)
{
    private readonly ConcurrentDictionary<(int Generation, string Path), byte[]> _made = [];

    internal async Task<bool> TryAnswerAsync(HttpContext context, string path)
    {
        switch (path.TrimEnd('/'))
        {
            case "/openapi/v3":
                await Responses.BytesAsync(context, 200, Made("v3", Index), "text/plain; charset=utf-8").ConfigureAwait(false);
                return true;
            case "/openapi/v2":
                if (WantsProtobufAlone(context.Request))
                {
                    throw new ApiStatusException(406, "NotAcceptable", "406: Not Acceptable\n\nAvailable representations: application/json", []);
                }

                await Responses.BytesAsync(context, 200, Made("v2", Swagger)).ConfigureAwait(false);
                return true;
            default:
                break;
        }

        const string Prefix = "/openapi/v3/";
        if (!path.StartsWith(Prefix, StringComparison.Ordinal) || GroupVersionOf(path[Prefix.Length..]) is not { } place)
        {
            return false;
        }

        await Responses.BytesAsync(context, 200, Made(path, () => Document(place.Group, place.Version))).ConfigureAwait(false);
        return true;
    }

    private static bool WantsProtobufAlone(HttpRequest request)
    {
        var accept = request.Headers.Accept.ToString();
        return accept.Contains("proto", StringComparison.Ordinal) && !accept.Contains("json", StringComparison.Ordinal) && !accept.Contains("*/*", StringComparison.Ordinal);
    }

    private byte[] Made(string path, Func<JsonObject> make)
    {
        var generation = catalog.Generation;
        foreach (var stale in _made.Keys.Where(key => key.Generation != generation))
        {
            _made.TryRemove(stale, out _);
        }

        return _made.GetOrAdd((generation, path), _ => JsonTree.ToUtf8(make()));
    }

    private (string Group, string Version)? GroupVersionOf(string place)
    {
        var parts = place.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["api", var version] when catalog.ServesGroupVersion("", version) => ("", version),
            ["apis", var group, var version] when catalog.ServesGroupVersion(group, version) => (group, version),
            _ => null,
        };
    }

    private JsonObject Index()
    {
        var paths = new JsonObject();
        foreach (var place in catalog.All.Select(resource => resource.Group.Length == 0 ? "api/" + resource.Version : $"apis/{resource.Group}/{resource.Version}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (group, version) = GroupVersionOf(place)!.Value;
            var hash = Convert.ToHexString(SHA512.HashData(Made("/openapi/v3/" + place, () => Document(group, version))));
            paths[place] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{place}?hash={hash}" };
        }

        return new JsonObject { ["paths"] = paths };
    }

    private JsonObject Document(string group, string version)
    {
        var resources = catalog.All.Where(r => string.Equals(r.Group, group, StringComparison.Ordinal) && string.Equals(r.Version, version, StringComparison.Ordinal)).ToArray();
        var writer = new OpenApiSchemas("#/components/schemas/");
        var paths = new JsonObject();
        foreach (var resource in resources)
        {
            AddPaths(paths, resource, withContent: true);
            writer.AddKind(resource);
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.36.2" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = writer.Schemas },
        };
    }

    private JsonObject Swagger()
    {
        var writer = new OpenApiSchemas("#/definitions/");
        var paths = new JsonObject();
        foreach (var resource in catalog.All)
        {
            AddPaths(paths, resource, withContent: false);
            writer.AddKind(resource);
        }

        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.36.2" },
            ["paths"] = paths,
            ["definitions"] = writer.Schemas,
        };
    }

    /// <summary>The paths of a resource, with what clients look for: which kind, and that a write takes <c>fieldValidation</c>, <c>dryRun</c> and <c>fieldManager</c>.</summary>
    private static void AddPaths(JsonObject paths, ServedResource resource, bool withContent)
    {
        var root = resource.Group.Length == 0 ? "/api/" + resource.Version : $"/apis/{resource.Group}/{resource.Version}";
        var collection = root + (resource.Namespaced ? "/namespaces/{namespace}/" : "/") + resource.Plural;
        var onCollection = new JsonObject();
        var onObject = new JsonObject();
        foreach (var verb in resource.Verbs)
        {
            switch (verb)
            {
                case "create":
                    onCollection["post"] = Operation(resource, "post", withContent);
                    break;
                case "list":
                    onCollection["get"] = Operation(resource, "list", withContent);
                    break;
                case "get":
                    onObject["get"] = Operation(resource, "get", withContent);
                    break;
                case "update":
                    onObject["put"] = Operation(resource, "put", withContent);
                    break;
                case "patch":
                    onObject["patch"] = Operation(resource, "patch", withContent);
                    break;
                case "delete":
                    onObject["delete"] = Operation(resource, "delete", withContent);
                    break;
                default:
                    break;
            }
        }

        paths[collection] = onCollection;
        if (onObject.Count > 0)
        {
            paths[collection + "/{name}"] = onObject;
        }
    }

    private static JsonObject Operation(ServedResource resource, string action, bool withContent)
    {
        var operation = new JsonObject
        {
            ["operationId"] = $"{action}{resource.Version}{resource.Kind}{resource.Group.Split('.')[0]}",
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = resource.Group, ["kind"] = resource.Kind, ["version"] = resource.Version },
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
        };
        if (action is "post" or "put" or "patch")
        {
            operation["parameters"] = new JsonArray([.. new[] { "dryRun", "fieldManager", "fieldValidation" }.Select(name => (JsonNode)Parameter(name, withContent))]);
        }

        if (action is "patch")
        {
            string[] types = resource.IsCustom
                ? ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"]
                : ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"];
            if (withContent)
            {
                var content = new JsonObject();
                foreach (var type in types)
                {
                    content[type] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "object" } };
                }

                operation["requestBody"] = new JsonObject { ["content"] = content, ["required"] = true };
            }
            else
            {
                operation["consumes"] = new JsonArray([.. types.Select(type => (JsonNode?)JsonValue.Create(type))]);
            }
        }

        return operation;
    }

    private static JsonObject Parameter(string name, bool withContent)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = "query" };
        if (withContent)
        {
            parameter["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true };
        }
        else
        {
            parameter["type"] = "string";
            parameter["uniqueItems"] = true;
        }

        return parameter;
    }
}
