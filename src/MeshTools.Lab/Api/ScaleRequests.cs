using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>The subresource <c>scale</c> of workloads and of custom resources that declare one.</summary>
internal sealed class ScaleRequests(ObjectStore store)
{
    private static readonly ServedResource ScaleResource = new()
    {
        Group = "autoscaling",
        Version = "v1",
        Plural = "scales",
        Singular = "scale",
        Kind = "Scale",
        Namespaced = true,
        Verbs = ["get", "patch", "update"],
        Schema = BuiltInTypes.Instance.Get("autoscaling.v1.Scale"),
    };

    private readonly WriteSteps _writes = new(store);

    internal async Task HandleAsync(HttpContext context, ServedResource resource, RequestPath path)
    {
        var key = resource.Key(path.Namespace, path.Name);
        var current = store.Find(key) ?? throw ApiStatusException.NotFound(resource.Group, resource.Plural, path.Name);
        if (path.Verb is "get")
        {
            await Responses.JsonAsync(context, 200, Show(resource, current.Json)).ConfigureAwait(false);
            return;
        }

        var options = RequestOptions.Read(context.Request, path.Verb is "update" ? "UpdateOptions" : "PatchOptions");
        Func<JsonObject, JsonObject> wanted;
        if (path.Verb is "update")
        {
            var given = await ResourceRequests.ReadObjectAsync(context, ScaleResource, options).ConfigureAwait(false);
            wanted = _ => given;
        }
        else
        {
            var body = await RequestBody.ReadAsync(context).ConfigureAwait(false);
            var patch = RequestBody.ParseYaml(body.Span, null, "error decoding patch: ");
            wanted = RequestBody.MediaType(context.Request) switch
            {
                "application/merge-patch+json" or "application/strategic-merge-patch+json" or "application/apply-patch+yaml" when patch is JsonObject merge => before => MergePatch.Apply(before, merge),
                "application/json-patch+json" when patch is JsonArray operations => before => (JsonObject)JsonPatch.Apply(before, operations)!,
                _ => throw new ApiStatusException(415, "UnsupportedMediaType", "415: Unsupported Media Type", []),
            };
        }

        var result = _writes.Patch(
            resource,
            key,
            before =>
            {
                var scale = wanted(Show(resource, before));
                var replicas = JsonTree.Integer(JsonTree.Find(scale, "spec", "replicas")) ?? 0;
                if (replicas < 0)
                {
                    throw ApiStatusException.Invalid(
                        "autoscaling",
                        "Scale",
                        key.Name,
                        [new StatusCause("FieldValueInvalid", $"Invalid value: {replicas}: must be greater than or equal to 0", "spec.replicas")]);
                }

                var after = JsonTree.CloneObject(before);
                var steps = (resource.Custom?.SpecReplicasPath ?? ".spec.replicas").Split('.', StringSplitOptions.RemoveEmptyEntries);
                var parent = after;
                foreach (var step in steps.AsSpan(0, steps.Length - 1))
                {
                    parent = Defaults.Child(parent, step);
                }

                parent[steps[^1]] = replicas;
                if (JsonTree.FindText(scale, "metadata", "resourceVersion") is { } version)
                {
                    Metadata.Of(after)["resourceVersion"] = version;
                }

                return after;
            },
            options,
            "scale",
            static _ => { });
        await Responses.JsonAsync(context, 200, Show(resource, result)).ConfigureAwait(false);
    }

    private static JsonObject Show(ServedResource resource, JsonObject value)
    {
        if (resource.Custom?.SpecReplicasPath is { } declared && JsonPath.Find(value, declared) is null)
        {
            var problem = $"the spec replicas field \"{declared}\" does not exist";
            throw new ApiStatusException(500, "InternalError", "Internal error occurred: " + problem, new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = problem }) });
        }

        var metadata = new JsonObject();
        foreach (var field in new[] { "name", "namespace", "uid", "resourceVersion", "creationTimestamp" })
        {
            if (JsonTree.Find(value, "metadata", field) is { } known)
            {
                metadata[field] = JsonTree.Clone(known);
            }
        }

        var status = new JsonObject { ["replicas"] = JsonTree.Integer(JsonPath.Find(value, resource.Custom?.StatusReplicasPath ?? ".status.replicas")) ?? 0 };
        var selector = SelectorOf(resource, value);
        if (selector.Length > 0)
        {
            status["selector"] = selector;
        }

        var spec = new JsonObject();
        if (JsonTree.Integer(JsonPath.Find(value, resource.Custom?.SpecReplicasPath ?? ".spec.replicas")) is { } replicas and not 0)
        {
            spec["replicas"] = replicas;
        }

        return new JsonObject { ["kind"] = "Scale", ["apiVersion"] = "autoscaling/v1", ["metadata"] = metadata, ["spec"] = spec, ["status"] = status };
    }

    private static string SelectorOf(ServedResource resource, JsonObject value)
    {
        if (resource.IsCustom)
        {
            return resource.Custom!.LabelSelectorPath is { } path ? JsonTree.Text(JsonPath.Find(value, path)) ?? "" : "";
        }

        var labels = JsonTree.Find(value, "spec", "selector", "matchLabels") as JsonObject ?? (resource.Kind is "ReplicationController" ? value["spec"]?["selector"] as JsonObject : null);
        return string.Join(',', (labels ?? []).Select(label => label.Key + "=" + JsonTree.Text(label.Value)));
    }
}
