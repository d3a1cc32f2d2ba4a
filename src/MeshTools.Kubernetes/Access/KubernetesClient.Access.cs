using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <content>Tokens and permissions.</content>
public sealed partial class KubernetesClient
{
    /// <summary>Asks for a short-lived token of a service account (<c>authentication.k8s.io/v1 TokenRequest</c>).</summary>
    /// <param name="ns">The account's namespace.</param>
    /// <param name="serviceAccount">The account.</param>
    /// <param name="options">Audiences and lifetime.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The token, and until when it is good; the server may give less time than asked for.</returns>
    public async Task<TokenRequestResult> RequestTokenAsync(
        string ns, string serviceAccount, TokenRequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new TokenRequestOptions();
        var spec = new JsonObject { ["audiences"] = JsonAccess.ToJsonArray(options.Audiences) };
        if (options.Lifetime is { } lifetime)
            spec["expirationSeconds"] = (long)lifetime.TotalSeconds;
        if (options.BoundObject is { } bound)
        {
            var reference = new JsonObject { ["apiVersion"] = bound.ApiVersion, ["kind"] = bound.Kind, ["name"] = bound.Name };
            if (options.BoundObjectUid is not null)
                reference["uid"] = options.BoundObjectUid;
            spec["boundObjectRef"] = reference;
        }

        var type = ResourceTypes.ServiceAccount;
        var json = await SendJsonAsync(
            new ApiRequest
            {
                Method = HttpMethod.Post,
                PathAndQuery = ResourcePath.Of(type, ns, serviceAccount, "token"),
                Verb = "create",
                ResourceType = type,
                Namespace = ns,
                Name = serviceAccount,
                Body = ApiRequest.Utf8(new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = spec }),
            },
            cancellationToken).ConfigureAwait(false);
        var token = json.FindString("status", "token");
        if (string.IsNullOrEmpty(token))
            throw new CredentialException($"the server gave no token for the service account {ns}/{serviceAccount}") { Endpoint = Configuration.Server, ContextName = Configuration.ContextName };
        return new TokenRequestResult(token, JsonAccess.AsTime(json.FindString("status", "expirationTimestamp")));
    }

    /// <summary>Asks whether oneself may do something (<c>authorization.k8s.io/v1 SelfSubjectAccessReview</c>).</summary>
    /// <param name="query">What.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The answer.</returns>
    public async Task<AccessReviewResult> CanIAsync(AccessQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var json = await PostReviewAsync("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews", query.ToSpec(), cancellationToken)
            .ConfigureAwait(false);
        return new AccessReviewResult(
            json.FindBoolean("status", "allowed") ?? false,
            json.FindBoolean("status", "denied") ?? false,
            json.FindString("status", "reason"),
            json.FindString("status", "evaluationError"));
    }

    /// <summary>Asks who the server thinks one is (<c>authentication.k8s.io/v1 SelfSubjectReview</c>, Kubernetes 1.28).</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The user.</returns>
    public async Task<UserIdentity> WhoAmIAsync(CancellationToken cancellationToken = default)
    {
        var json = await PostReviewAsync("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews", spec: null, cancellationToken)
            .ConfigureAwait(false);
        var user = json.Find("status", "userInfo");
        return new UserIdentity(user.FindString("username") ?? "", user.FindString("uid"), user.FindStrings("groups"));
    }

    private Task<JsonObject> PostReviewAsync(string group, string kind, string plural, JsonObject? spec, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["apiVersion"] = group + "/v1", ["kind"] = kind };
        if (spec is not null)
            body["spec"] = spec;
        var type = new ResourceType(group, "v1", kind, plural, Namespaced: false);
        return SendJsonAsync(
            new ApiRequest { Method = HttpMethod.Post, PathAndQuery = ResourcePath.Of(type, null), Verb = "create", ResourceType = type, Body = ApiRequest.Utf8(body) },
            cancellationToken);
    }
}
