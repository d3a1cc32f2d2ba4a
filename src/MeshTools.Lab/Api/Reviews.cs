using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>Who am I, what may I, what may they: the review kinds of authentication.k8s.io and authorization.k8s.io.</summary>
internal sealed class Reviews(ApiServerOptions options)
{
    internal async Task HandleAsync(HttpContext context, ServedResource resource, Identity identity)
    {
        var query = RequestOptions.Read(context.Request, "CreateOptions");
        var body = await ReviewBody.ReadAsync(context, resource.Schema.Name!, resource.Kind, resource.ApiVersion).ConfigureAwait(false);
        var spec = body.Decoded["spec"] as JsonObject ?? [];
        var answer = body.Answer(query, options.Store.Clock, "");
        switch (resource.Kind)
        {
            case "SelfSubjectReview":
                answer["metadata"] = new JsonObject { ["creationTimestamp"] = Metadata.Timestamp(options.Store.Clock) };
                answer["status"] = new JsonObject { ["userInfo"] = UserInfo(identity) };
                break;
            case "TokenReview":
                answer["status"] = ReviewToken(spec);
                break;
            case "SelfSubjectAccessReview":
                answer["status"] = Decide(resource, identity, spec);
                break;
            case "SubjectAccessReview":
                answer["status"] = Decide(resource, Subject(spec), spec);
                break;
            case "SelfSubjectRulesReview":
                // The answer does not say again what was asked.
                answer["spec"] = new JsonObject();
                answer["metadata"] = new JsonObject();
                answer["status"] = Rules(identity, JsonTree.Text(spec["namespace"]) ?? "");
                break;
            default:
                throw ApiStatusException.MethodNotAllowed();
        }

        await Responses.JsonAsync(context, 201, answer).ConfigureAwait(false);
    }

    private static JsonObject UserInfo(Identity identity)
    {
        var info = new JsonObject { ["username"] = identity.Name };
        if (identity.Uid.Length > 0)
        {
            info["uid"] = identity.Uid;
        }

        if (identity.Groups.Count > 0)
        {
            info["groups"] = Texts(identity.Groups);
        }

        if (identity.Extra.Count > 0)
        {
            var extra = new JsonObject();
            foreach (var (name, values) in identity.Extra)
            {
                extra[name] = Texts(values);
            }

            info["extra"] = extra;
        }

        return info;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode?)JsonValue.Create(text))]);

    private static Identity Subject(JsonObject spec) => new(
        JsonTree.Text(spec["user"]) ?? "",
        JsonTree.Text(spec["uid"]) ?? "",
        (spec["groups"] as JsonArray)?.Select(JsonTree.Text).OfType<string>().ToArray() ?? [],
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal));

    private JsonObject ReviewToken(JsonObject spec)
    {
        var wanted = (spec["audiences"] as JsonArray)?.Select(JsonTree.Text).OfType<string>().ToArray();
        var verified = options.Tokens.Verify(JsonTree.Text(spec["token"]) ?? "", wanted is { Length: > 0 } ? wanted : null);
        return verified is null
            ? new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" }
            : new JsonObject { ["authenticated"] = true, ["user"] = UserInfo(verified.Identity), ["audiences"] = Texts(verified.Audiences) };
    }

    private JsonObject Decide(ServedResource resource, Identity identity, JsonObject spec)
    {
        var byResource = spec["resourceAttributes"] as JsonObject;
        var byPath = spec["nonResourceAttributes"] as JsonObject;
        if (byResource is null == byPath is null)
        {
            throw ApiStatusException.Invalid(
                resource.Group,
                "",
                "",
                [
                    new StatusCause(
                        "FieldValueInvalid",
                        $"Invalid value: {(byPath is null ? "null" : byPath.ToJsonString(Wire.SerializerOptions))}: {(byPath is null ? "exactly one of nonResourceAttributes or resourceAttributes must be specified" : "cannot be specified in combination with resourceAttributes")}",
                        byPath is null ? "spec.resourceAttributes" : "spec.nonResourceAttributes"),
                ]);
        }

        var request = byResource is not null
            ? new AccessRequest(
                Text(byResource, "verb"),
                Text(byResource, "group"),
                Text(byResource, "resource"),
                Text(byResource, "subresource"),
                Text(byResource, "namespace"),
                Text(byResource, "name"),
                null,
                Text(byResource, "version"))
            : new AccessRequest(Text(byPath!, "verb"), "", "", "", "", "", Text(byPath!, "path"));
        return new JsonObject { ["allowed"] = options.Authorizer.IsAllowed(identity, request) };

        static string Text(JsonObject attributes, string name) => JsonTree.Text(attributes[name]) ?? "";
    }

    private JsonObject Rules(Identity identity, string @namespace)
    {
        var resourceRules = new JsonArray();
        var pathRules = new JsonArray();
        var granted = new RbacAuthorizer(options.Store).RulesFor(identity, @namespace).Select(rule => rule.Rule)
            .OrderBy(rule => (rule["verbs"] as JsonArray)?.Any(verb => JsonTree.Text(verb) is "*") == true ? 1 : 0);
        foreach (var rule in granted)
        {
            var isPath = rule["nonResourceURLs"] is JsonArray { Count: > 0 };
            var shown = new JsonObject { ["verbs"] = JsonTree.Clone(rule["verbs"]) };
            foreach (var field in isPath ? new[] { "nonResourceURLs" } : ["apiGroups", "resources", "resourceNames"])
            {
                if (rule[field] is { } value)
                {
                    shown[field] = JsonTree.Clone(value);
                }
            }

            (isPath ? pathRules : resourceRules).Add((JsonNode)shown);
        }

        return new JsonObject { ["resourceRules"] = resourceRules, ["nonResourceRules"] = pathRules, ["incomplete"] = false };
    }
}
