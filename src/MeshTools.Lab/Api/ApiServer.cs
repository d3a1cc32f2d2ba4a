using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MeshTools.Lab;

/// <summary>What an <see cref="ApiServer"/> is made of.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The objects.</summary>
    public required ObjectStore Store { get; init; }

    /// <summary>Tried in order; a request that none knows is anonymous, one that any rejects (and none accepts) is 401.</summary>
    public required IReadOnlyList<IAuthenticator> Authenticators { get; init; }

    /// <summary>Who may do what.</summary>
    public required IAuthorizer Authorizer { get; init; }

    /// <summary>Issues and checks the tokens of service accounts.</summary>
    public required ServiceAccountTokens Tokens { get; init; }

    /// <summary>The kubelets, or null where pods run nowhere: exec, port-forward and log then fail as for a node that is away.</summary>
    public IPodStreams? PodStreams { get; init; }

    /// <summary>The version it says it is.</summary>
    public string Version { get; init; } = ServerVersion.Default;
}

/// <summary>The API of one cluster: every path of it.</summary>
public sealed class ApiServer
{
    private readonly ApiServerOptions _options;
    private readonly DiscoveryDocuments _discovery;
    private readonly OpenApiDocuments _openApi;
    private readonly ResourceRequests _resources;
    private readonly SubresourceRequests _subresources;

    /// <summary>Creates the server, and in its store the roles that every cluster has. It holds no resources beyond the store.</summary>
    public ApiServer(ApiServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        DefaultRoles.Seed(options.Store);
        _discovery = new DiscoveryDocuments(options.Store.Catalog);
        _openApi = new OpenApiDocuments(options.Store.Catalog);
        _resources = new ResourceRequests(options.Store);
        _subresources = new SubresourceRequests(options, _resources);
    }

    /// <summary>Key in <see cref="HttpContext.Items"/> of who the request comes from (<see cref="Identity"/>), set once authentication is done.</summary>
    public static object IdentityItem { get; } = new();

    /// <summary>Key in <see cref="HttpContext.Items"/> of what the request asks for (<see cref="AccessRequest"/>), set once the path is understood.</summary>
    public static object AccessRequestItem { get; } = new();

    /// <summary>What a request asks for, from its method, path and query alone (as k8s.io/apiserver/pkg/endpoints/request/requestinfo.go).</summary>
    public static AccessRequest Describe(HttpRequest request) => RequestPath.Parse(request).ToAccessRequest();

    /// <summary>Answers one request. Never throws for a bad request; throws <see cref="OperationCanceledException"/> when the client goes away.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            await AnswerAsync(context).ConfigureAwait(false);
        }
        catch (ApiStatusException failure) when (!context.Response.HasStarted)
        {
            await Responses.FailAsync(context, failure).ConfigureAwait(false);
        }
        catch (FormatException failure) when (!context.Response.HasStarted)
        {
            await Responses.FailAsync(context, ApiStatusException.BadRequest(failure.Message)).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache, private";
        var identity = Impersonation.Apply(context.Request, Authenticate(context), _options.Authorizer);
        context.Items[IdentityItem] = identity;
        var path = RequestPath.Parse(context.Request);
        var access = path.ToAccessRequest();
        context.Items[AccessRequestItem] = access;
        if (!_options.Authorizer.IsAllowed(identity, access))
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            throw Denied(identity, access);
        }

        if (path.IsResource)
        {
            await AnswerResourceAsync(context, path, identity).ConfigureAwait(false);
        }
        else
        {
            await AnswerPathAsync(context, path.Path).ConfigureAwait(false);
        }
    }

    private static ApiStatusException Denied(Identity identity, AccessRequest access)
    {
        if (access.Path is { } path)
        {
            return new ApiStatusException(
                403,
                "Forbidden",
                $"forbidden: User \"{identity.Name}\" cannot {access.Verb} path \"{path}\"",
                []);
        }

        var resource = access.Subresource.Length == 0 ? access.Resource : access.Resource + "/" + access.Subresource;
        var where = access.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{access.Namespace}\"";
        return ApiStatusException.Forbidden(
            access.Group,
            access.Resource,
            access.Name,
            $"User \"{identity.Name}\" cannot {access.Verb} resource \"{resource}\" in API group \"{access.Group}\" {where}");
    }

    private Identity Authenticate(HttpContext context)
    {
        var rejected = false;
        foreach (var authenticator in _options.Authenticators)
        {
            switch (authenticator.TryAuthenticate(context, out var identity))
            {
                case AuthenticationResult.Authenticated:
                    return identity!;
                case AuthenticationResult.Rejected:
                    rejected = true;
                    break;
                default:
                    break;
            }
        }

        return rejected ? throw new ApiStatusException(401, "Unauthorized", "Unauthorized") : Identity.Anonymous;
    }

    private async Task AnswerResourceAsync(HttpContext context, RequestPath path, Identity identity)
    {
        var catalog = _options.Store.Catalog;
        if (catalog.Find(path.Group, path.Version, path.Resource) is not { } resource)
        {
            if (catalog.ServesGroup(path.Group))
            {
                throw ApiStatusException.ResourceNotServed();
            }

            await Responses.PageNotFoundAsync(context).ConfigureAwait(false);
            return;
        }

        var hasNamespace = path.Namespace is not null && resource is not { QualifiedPlural: "namespaces" };
        if (resource is { QualifiedPlural: "namespaces" } && path.Namespace is not null && !string.Equals(path.Namespace, path.Name, StringComparison.Ordinal))
        {
            throw ApiStatusException.ResourceNotServed();
        }

        if ((hasNamespace && !resource.Namespaced) || (!hasNamespace && resource.Namespaced && path.Name.Length > 0))
        {
            throw ApiStatusException.ResourceNotServed();
        }

        if (resource.Namespaced && !hasNamespace && !HttpMethods.IsGet(context.Request.Method))
        {
            throw ApiStatusException.MethodNotAllowed();
        }

        if (path.Subresource.Length > 0 || resource.Verbs is ["create"])
        {
            await _subresources.HandleAsync(context, resource, path, identity).ConfigureAwait(false);
        }
        else
        {
            await _resources.HandleAsync(context, resource, path).ConfigureAwait(false);
        }
    }

    private async Task AnswerPathAsync(HttpContext context, string path)
    {
        var isGet = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        switch (path.Length > 1 ? path.TrimEnd('/') : path)
        {
            case "/healthz" or "/livez" or "/readyz" or "/healthz/ping" or "/livez/ping" or "/readyz/ping" when isGet:
                await Responses.TextAsync(context, 200, "ok").ConfigureAwait(false);
                return;
            case "/version" when isGet:
                await Responses.JsonAsync(context, 200, ServerVersion.Document(_options.Version)).ConfigureAwait(false);
                return;
            case "/.well-known/openid-configuration" when isGet:
                await Responses.JsonAsync(context, 200, new JsonObject
                {
                    ["issuer"] = _options.Tokens.Issuer,
                    ["jwks_uri"] = _options.Tokens.Issuer.TrimEnd('/') + "/openid/v1/jwks",
                    ["response_types_supported"] = new JsonArray("id_token"),
                    ["subject_types_supported"] = new JsonArray("public"),
                    ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
                }).ConfigureAwait(false);
                return;
            case "/openid/v1/jwks" when isGet:
                await Responses.JsonAsync(context, 200, _options.Tokens.KeySet()).ConfigureAwait(false);
                return;
            default:
                break;
        }

        if (path.StartsWith("/openapi/", StringComparison.Ordinal) && isGet && await _openApi.TryAnswerAsync(context, path).ConfigureAwait(false))
        {
            return;
        }

        if (isGet && await _discovery.TryAnswerAsync(context, path).ConfigureAwait(false))
        {
            return;
        }

        await Responses.PageNotFoundAsync(context).ConfigureAwait(false);
    }
}
