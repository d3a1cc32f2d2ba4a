using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>Subresources of objects, and the kinds that can only be created: reviews.</summary>
internal sealed class SubresourceRequests(ApiServerOptions options, ResourceRequests resources)
{
    private readonly Reviews _reviews = new(options);
    private readonly ScaleRequests _scale = new(options.Store);

    internal Task HandleAsync(HttpContext context, ServedResource resource, RequestPath path, Identity identity)
    {
        if (path.Subresource.Length == 0)
        {
            return path.Verb is "create" && path.Name.Length == 0
                ? _reviews.HandleAsync(context, resource, identity)
                : throw ApiStatusException.MethodNotAllowed();
        }

        if (!resource.Subresources.Contains(path.Subresource) || path.Rest.Length > 0)
        {
            throw ApiStatusException.ResourceNotServed();
        }

        // A GET of a subresource is "get" whatever its query; the verbs are those of discovery.
        if (!Subresource.Of(resource, path.Subresource).Verbs.Contains(path.Verb))
        {
            throw ApiStatusException.MethodNotAllowed();
        }

        return path.Subresource switch
        {
            "status" or "finalize" => path.Verb switch
            {
                "get" => resources.GetAsync(context, resource, path),
                "update" => resources.UpdateAsync(context, resource, path, path.Subresource),
                _ => resources.PatchAsync(context, resource, path, path.Subresource),
            },
            "scale" => _scale.HandleAsync(context, resource, path),
            "token" => TokenAsync(context, path),
            "eviction" => EvictAsync(context, resource, path),
            "exec" => Streams().ExecAsync(context, path.Namespace!, path.Name, resources.Require(resource, path.Namespace, path.Name)),
            "portforward" => Streams().PortForwardAsync(context, path.Namespace!, path.Name, resources.Require(resource, path.Namespace, path.Name)),
            "log" => Streams().LogAsync(context, path.Namespace!, path.Name, resources.Require(resource, path.Namespace, path.Name)),
            _ => throw ApiStatusException.ResourceNotServed(),
        };
    }

    private IPodStreams Streams() => options.PodStreams
        ?? throw new ApiStatusException(500, "InternalError", "Internal error occurred: error dialing backend: no node runs this pod", []);

    private async Task EvictAsync(HttpContext context, ServedResource resource, RequestPath path)
    {
        var body = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        var eviction = RequestBody.ParseObject(RequestBody.MediaType(context.Request), body.Span, null);
        var grace = JsonTree.Integer(JsonTree.Find(eviction, "deleteOptions", "gracePeriodSeconds"));
        var dryRun = RequestOptions.Read(context.Request, "CreateOptions").DryRun;
        resources.Require(resource, path.Namespace, path.Name);
        new WriteSteps(options.Store).Delete(resource, resource.Key(path.Namespace, path.Name), new DeleteWish(null, null, grace, dryRun));
        await Responses.JsonAsync(context, 201, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = 201 }).ConfigureAwait(false);
    }

    /// <summary>TokenRequest (k8s.io/kubernetes/pkg/registry/core/serviceaccount/storage/token.go).</summary>
    private async Task TokenAsync(HttpContext context, RequestPath path)
    {
        var store = options.Store;
        var query = RequestOptions.Read(context.Request, "CreateOptions");
        var review = await ReviewBody.ReadAsync(context, "authentication.v1.TokenRequest", "TokenRequest", "authentication.k8s.io/v1").ConfigureAwait(false);
        var account = store.Find(new ResourceKey("", "serviceaccounts", path.Namespace, path.Name)) ?? throw ApiStatusException.NotFound("", "serviceaccounts", path.Name);
        var spec = review.Decoded["spec"] as JsonObject ?? [];
        var seconds = JsonTree.Integer(spec["expirationSeconds"]) ?? 3600;
        if (seconds is < 600 or > 4294967296)
        {
            throw ApiStatusException.Invalid(
                "authentication.k8s.io",
                "TokenRequest",
                "",
                [
                    new StatusCause(
                        "FieldValueInvalid",
                        string.Create(CultureInfo.InvariantCulture, $"Invalid value: {seconds}: may not specify a duration {(seconds < 600 ? "less than 10 minutes" : "larger than 2^32 seconds")}"),
                        "spec.expirationSeconds"),
                ]);
        }

        var bound = Bound(spec["boundObjectRef"] as JsonObject, path.Namespace!);
        var audiences = (spec["audiences"] as JsonArray)?.Select(JsonTree.Text).OfType<string>().ToArray() ?? [];
        var issued = options.Tokens.IssueRequestedToken(path.Namespace!, path.Name, account.Uid, TimeSpan.FromSeconds(seconds), audiences, bound);
        var answer = review.Answer(query, store.Clock, "token");
        var metadata = Metadata.Of(answer);
        metadata["name"] = path.Name;
        metadata["namespace"] = path.Namespace;
        metadata["uid"] = account.Uid;
        metadata["creationTimestamp"] = Metadata.Timestamp(store.Clock);
        var answered = Defaults.Child(answer, "spec");
        answered["audiences"] = new JsonArray([.. issued.Audiences.Select(audience => (JsonNode?)JsonValue.Create(audience))]);
        answered["expirationSeconds"] = seconds;
        answered["boundObjectRef"] = JsonTree.Clone(spec["boundObjectRef"]);
        answer["status"] = new JsonObject
        {
            ["token"] = issued.Token,
            ["expirationTimestamp"] = issued.ExpiresAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        await Responses.JsonAsync(context, 201, answer).ConfigureAwait(false);
    }

    private BoundObject? Bound(JsonObject? reference, string @namespace)
    {
        if (reference is null)
        {
            return null;
        }

        var kind = JsonTree.Text(reference["kind"]) ?? "";
        var name = JsonTree.Text(reference["name"]) ?? "";
        var plural = kind switch { "Pod" => "pods", "Secret" => "secrets", "Node" => "nodes", _ => throw ApiStatusException.BadRequest($"cannot bind token for serviceaccount to object of type {kind}") };
        var found = options.Store.Find(new ResourceKey("", plural, kind is "Node" ? null : @namespace, name)) ?? throw ApiStatusException.NotFound("", plural, name);
        if (JsonTree.Text(reference["uid"]) is { Length: > 0 } uid && !string.Equals(uid, found.Uid, StringComparison.Ordinal))
        {
            throw ApiStatusException.Conflict("", plural, name, $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }

        return new BoundObject(kind, name, found.Uid);
    }
}
