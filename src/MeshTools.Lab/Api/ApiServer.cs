using Microsoft.AspNetCore.Http;

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
}

/// <summary>The API of one cluster: every path of it.</summary>
public sealed class ApiServer
{
    private readonly ApiServerOptions _options;

    /// <summary>Creates the server; it holds no resources of its own beyond the store.</summary>
    public ApiServer(ApiServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>Who the request comes from, set once authentication is done: for request logs.</summary>
    public static object IdentityItem { get; } = new();

    /// <summary>What the request asks for (<see cref="AccessRequest"/>), set once the path is understood: for request logs and faults.</summary>
    public static object AccessRequestItem { get; } = new();

    /// <summary>Answers one request. Cancelled with the request; never throws for a bad request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _ = _options;
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("404 page not found\n", context.RequestAborted);
    }

    /// <summary>What a request asks for, from its method, path and query alone (as k8s.io/apiserver/pkg/endpoints/request/requestinfo.go).</summary>
    public static AccessRequest Describe(HttpRequest request) => RequestPath.Parse(request).ToAccessRequest();
}
