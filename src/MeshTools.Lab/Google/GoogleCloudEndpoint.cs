using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace MeshTools.Lab;

/// <summary>
/// One listener on loopback that answers like the Google Cloud APIs that this module speaks, each below a path of its own, with state behind it. A rehearsal: it knows the calls that are
/// needed here, refuses others with 404, and charges nobody.
/// </summary>
public sealed class GoogleCloudEndpoint : IAsyncDisposable
{
    private static readonly string[] Apis = ["cloudresourcemanager", "serviceusage", "container", "gkehub", "meshconfig", "privateca", "iamcredentials", "oauth2"];

    private const string Issuers = "issuers";

    private readonly WebApplication application;
    private readonly GoogleCloudState state;

    private GoogleCloudEndpoint(GoogleCloudOptions options, IReadOnlyList<LabCluster> clusters)
    {
        state = new GoogleCloudState(options, clusters);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        application = builder.Build();
        application.Run(HandleAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(((IApplicationBuilder)application).ServerFeatures.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>An access token that it, and the lab's clusters that look like GKE's, take.</summary>
    public string Token { get; } = "ya29.lab-" + Convert.ToHexString(RandomNumberGenerator.GetBytes(24)).ToLowerInvariant();

    /// <summary>Who the token stands for.</summary>
    public string Account => state.Options.Account;

    /// <summary>The clusters' project.</summary>
    public string Project => state.Options.Project;

    /// <summary>The fleet's own project.</summary>
    public string FleetProject => state.Options.FleetProject;

    /// <summary>How it misbehaves.</summary>
    public GoogleFaults Faults => state.Faults;

    /// <summary>What was asked of it: method and path, in order.</summary>
    public IReadOnlyList<string> Requests => state.Requests;

    /// <summary>Requests that were meant to change something.</summary>
    public int WriteCount => state.Writes;

    /// <summary>The version of the Connect agent that it gives out. May change at any time.</summary>
    public string ConnectAgentVersion
    {
        get => state.Connect.AgentVersion;
        set => state.Connect.AgentVersion = value;
    }

    /// <summary>The state of the authority in each pool of CA Service, such as <c>ENABLED</c> or <c>STAGED</c>. May change at any time.</summary>
    public string AuthorityState
    {
        get => state.AuthorityState;
        set => state.AuthorityState = value;
    }

    /// <summary>Where the OpenID documents of a cluster are for everybody, as if its owner had published them: an issuer that Google can reach.</summary>
    /// <param name="cluster">The cluster's name.</param>
    public Uri PublicIssuer(string cluster) => new($"{Address}{Issuers}/{cluster}");

    /// <summary>Makes a cluster outside GKE an attached cluster: another product's API makes its membership, in the clusters' project.</summary>
    /// <param name="cluster">The cluster's name.</param>
    public void Attach(string cluster) => state.Attach(cluster);

    /// <summary>The environment variables that lead clients here, but for the token.</summary>
    public IReadOnlyDictionary<string, string> Environment => Apis.Select(api => ("CLOUDSDK_API_ENDPOINT_OVERRIDES_" + api.ToUpperInvariant(), $"{Address}{api}/"))
        .Append(("CLOUDSDK_CORE_PROJECT", Project)).ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);

    /// <summary>Starts it.</summary>
    internal static async Task<GoogleCloudEndpoint> StartAsync(GoogleCloudOptions options, IReadOnlyList<LabCluster> clusters, CancellationToken cancellationToken)
    {
        var endpoint = new GoogleCloudEndpoint(options, clusters);
        await endpoint.application.StartAsync(cancellationToken).ConfigureAwait(false);
        endpoint.state.Connect.PublishedBelow = $"{endpoint.Address}{Issuers}/";
        foreach (var cluster in clusters)
        {
            cluster.AcceptToken(endpoint.Token, () => endpoint.state.KubernetesIdentity());
        }

        return endpoint;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await application.StopAsync(soon.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await application.DisposeAsync().ConfigureAwait(false);
    }

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context, 200, await DispatchAsync(context).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (GoogleFailure failure)
        {
            if (failure.RetryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            await AnswerAsync(context, failure.Status, failure.Body()).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to be told.
        }
    }

    private async Task<JsonObject> DispatchAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (path.Split('/') is ["", Issuers, var cluster, .., ".well-known", "openid-configuration"])
        {
            return state.Connect.Published(cluster, PublicIssuer(cluster).ToString()) ?? throw new GoogleFailure(404, "NOT_FOUND", "The requested URL was not found on this server.");
        }

        var api = Apis.FirstOrDefault(name => path.StartsWith($"/{name}/", StringComparison.Ordinal)) ?? throw new GoogleFailure(404, "NOT_FOUND", "The requested URL was not found on this server.");
        state.Note(context.Request.Method, context.Request.Path + context.Request.QueryString, IsWrite(context.Request.Method, path));
        await state.Faults.HitAsync(api, context).ConfigureAwait(false);
        Authenticate(context);
        var call = new GoogleCall(context.Request.Method, path[(api.Length + 2)..], context.Request.Query, await BodyAsync(context).ConfigureAwait(false));
        return state.Answer(api, call);
    }

    private void Authenticate(HttpContext context)
    {
        var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
        if (CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes("Bearer " + Token)))
        {
            return;
        }

        var failure = new GoogleFailure(
            401, "UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.");
        failure.Info(given.Length == 0 ? "CREDENTIALS_MISSING" : "ACCESS_TOKEN_EXPIRED", "googleapis.com");
        throw failure;
    }

    private static bool IsWrite(string method, string path) =>
        !HttpMethods.IsGet(method) && !path.EndsWith(":getIamPolicy", StringComparison.Ordinal) && !path.EndsWith(":testIamPermissions", StringComparison.Ordinal);

    private static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) || context.Request.ContentLength is 0)
        {
            return [];
        }

        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted).ConfigureAwait(false) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return HttpMethods.IsDelete(context.Request.Method) ? [] : throw GoogleFailure.Invalid("Invalid JSON payload received.");
        }
    }

    private static Task AnswerAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=UTF-8";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}

/// <summary>One call of an API.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path after the API's own, with its version.</param>
/// <param name="Query">The query.</param>
/// <param name="Body">The body; empty for none.</param>
internal sealed record GoogleCall(string Method, string Path, IQueryCollection Query, JsonObject Body)
{
    /// <summary>The path without version, in parts; a verb after a colon is apart.</summary>
    public string[] Parts { get; } = [.. Path.Split(':')[0].Split('/').Skip(1).Select(Uri.UnescapeDataString)];

    /// <summary>What follows a colon; empty for none.</summary>
    public string Verb { get; } = Path.Split(':') is [_, var verb] ? verb : string.Empty;

    /// <summary>Whether it was asked of a version before 1, which has methods that 1 lacks.</summary>
    public bool IsPreview => Path.StartsWith("v1beta1/", StringComparison.Ordinal) || Path.StartsWith("v1alpha/", StringComparison.Ordinal);

    /// <summary>Refuses query parameters that the method does not have, as Google does.</summary>
    public void Allow(params string[] names)
    {
        foreach (var name in Query.Keys.Where(key => !names.Contains(key, StringComparer.Ordinal)))
        {
            throw GoogleFailure.Invalid($"Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. Field '{name}' could not be found in request message.");
        }
    }
}
