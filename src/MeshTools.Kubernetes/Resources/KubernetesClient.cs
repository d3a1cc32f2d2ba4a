using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>
/// One cluster's API, for objects of every kind. Safe for parallel use; all requests share one connection where the server offers HTTP/2.
/// </summary>
/// <remarks>
/// Every method throws, besides what it names: <see cref="KubernetesApiException"/> for an answer that is a failure,
/// <see cref="KindNotServedException"/> when the server does not serve the kind, <see cref="EndpointUnreachableException"/> and
/// <see cref="TlsVerificationException"/> when there is no answer, <see cref="CredentialException"/> and <see cref="ExecPluginException"/>
/// when there is no credential, and <see cref="OperationCanceledException"/>.
/// </remarks>
public sealed partial class KubernetesClient : IDisposable
{
    private readonly ClusterTransport _transport;
    private readonly KubernetesClientOptions _options;

    /// <summary>Makes a client. Nothing is read or sent until the first request.</summary>
    /// <param name="configuration">How to reach the cluster.</param>
    /// <param name="options">How the client behaves.</param>
    public KubernetesClient(ClientConfiguration configuration, KubernetesClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Configuration = configuration;
        _options = options ?? new KubernetesClientOptions();
        _transport = new ClusterTransport(configuration, _options);
        Discovery = new ResourceDiscovery(_transport, configuration, _options.TimeProvider);
    }

    /// <summary>How the cluster is reached.</summary>
    public ClientConfiguration Configuration { get; }

    /// <summary>What the cluster serves.</summary>
    public ResourceDiscovery Discovery { get; }

    /// <summary>The requests sent so far, repetitions included.</summary>
    public int RequestCount => _transport.RequestCount;

    /// <summary>The server's version.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The version.</returns>
    public async Task<ServerVersion> GetVersionAsync(CancellationToken cancellationToken = default)
    {
        var json = await SendJsonAsync(Raw("/version"), cancellationToken).ConfigureAwait(false);
        return new ServerVersion(
            json.FindString("major") ?? "", json.FindString("minor") ?? "", json.FindString("gitVersion") ?? "", json.FindString("platform") ?? "");
    }

    /// <summary>An object, or <see langword="null"/> when it is not there.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace; <see langword="null"/> for cluster-scoped types.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object or <see langword="null"/>.</returns>
    public async Task<KubernetesObject?> FindAsync(ResourceType type, string? ns, string name, CancellationToken cancellationToken = default)
    {
        try
        {
            return await GetAsync(type, ns, name, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>An object.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace; <see langword="null"/> for cluster-scoped types.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object.</returns>
    public async Task<KubernetesObject> GetAsync(ResourceType type, string? ns, string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var request = new ApiRequest
        {
            Method = HttpMethod.Get, PathAndQuery = ResourcePath.Of(type, ns, name), Verb = "get", ResourceType = type, Namespace = ns, Name = name,
        };
        return new KubernetesObject(await SendJsonAsync(request, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>One page of a list.</summary>
    /// <param name="type">The type.</param>
    /// <param name="ns">The namespace; <see langword="null"/> for all.</param>
    /// <param name="options">Which objects.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The page.</returns>
    public async Task<KubernetesList> ListPageAsync(
        ResourceType type, string? ns, ListOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ListOptions();
        var query = new QueryText(ResourcePath.Of(type, ns))
            .Add("labelSelector", options.LabelSelector)
            .Add("fieldSelector", options.FieldSelector)
            .AddIf(options.PageSize > 0, "limit", options.PageSize.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .Add("continue", options.Continue)
            .Add("resourceVersion", options.ResourceVersion)
            .Add("resourceVersionMatch", options.ResourceVersionMatch);
        var request = new ApiRequest { Method = HttpMethod.Get, PathAndQuery = query.ToString(), Verb = "list", ResourceType = type, Namespace = ns };
        return ReadList(await SendJsonAsync(request, cancellationToken).ConfigureAwait(false), type);
    }

    /// <summary>
    /// All objects of a list, page after page. When the list expires on the way (410), the rest comes from one full list, as client-go's pager falls
    /// back to it; objects that were returned already are not returned again.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="ns">The namespace; <see langword="null"/> for all.</param>
    /// <param name="options">Which objects.</param>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    /// <returns>The objects.</returns>
    public async IAsyncEnumerable<KubernetesObject> ListAsync(
        ResourceType type, string? ns, ListOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= new ListOptions();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var restarted = false;
        while (true)
        {
            KubernetesList page;
            try
            {
                page = await ListPageAsync(type, ns, options, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesApiException e) when (e.IsExpired && options.Continue is not null && !restarted)
            {
                restarted = true;
                options = options with { Continue = null, PageSize = 0 };
                continue;
            }

            foreach (var item in page.Items)
            {
                if (seen.Add(item.Uid ?? $"{item.Namespace}/{item.Name}"))
                    yield return item;
            }

            if (page.Continue is null)
                yield break;
            options = options with { Continue = page.Continue, ResourceVersion = null, ResourceVersionMatch = null };
        }
    }

    /// <summary>Creates an object.</summary>
    /// <param name="obj">The object; its type comes from the built-in ones or from discovery, its namespace from the object or the configuration.</param>
    /// <param name="options">How to write.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as created.</returns>
    public async Task<KubernetesObject> CreateAsync(KubernetesObject obj, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        var type = await TypeOfAsync(obj, cancellationToken).ConfigureAwait(false);
        options ??= new WriteOptions();
        var ns = NamespaceOf(obj, type);
        var path = options.Subresource is null ? ResourcePath.Of(type, ns) : ResourcePath.Of(type, ns, obj.Name, options.Subresource);
        var request = Write(HttpMethod.Post, path, "create", type, ns, obj.Name, options, ApiRequest.Utf8(obj.Json), ApiRequest.Json);
        return new KubernetesObject(await SendJsonAsync(request, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Replaces an object. With its <c>resourceVersion</c> set, only if it has not changed since.</summary>
    /// <param name="obj">The whole object.</param>
    /// <param name="options">How to write.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as it is now.</returns>
    public async Task<KubernetesObject> UpdateAsync(KubernetesObject obj, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        var type = await TypeOfAsync(obj, cancellationToken).ConfigureAwait(false);
        options ??= new WriteOptions();
        RequireName(obj);
        var ns = NamespaceOf(obj, type);
        var path = ResourcePath.Of(type, ns, obj.Name, options.Subresource);
        var request = Write(HttpMethod.Put, path, "update", type, ns, obj.Name, options, ApiRequest.Utf8(obj.Json), ApiRequest.Json);
        return new KubernetesObject(await SendJsonAsync(request, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Applies an object on the server: what it says becomes so and belongs to the field manager; a field applied before and missing now is removed.
    /// <c>metadata.resourceVersion</c> (unless <see cref="ApplyOptions.OptimisticLock"/>), <c>uid</c>, <c>creationTimestamp</c>, <c>generation</c>,
    /// <c>selfLink</c>, <c>deletionTimestamp</c>, <c>deletionGracePeriodSeconds</c> and (unless a subresource is applied) <c>status</c> are not sent.
    /// </summary>
    /// <param name="obj">The complete intent. It is not changed.</param>
    /// <param name="options">How to apply.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as it is now, and whether it is new.</returns>
    /// <exception cref="ArgumentException">The object has no name, or has <c>metadata.managedFields</c>, which is never an intent.</exception>
    public async Task<ApplyResult> ApplyAsync(KubernetesObject obj, ApplyOptions? options = null, CancellationToken cancellationToken = default)
    {
        var type = await TypeOfAsync(obj, cancellationToken).ConfigureAwait(false);
        options ??= new ApplyOptions();
        RequireName(obj);
        if (obj.Find("metadata", "managedFields") is not null)
            throw new ArgumentException("an object with metadata.managedFields cannot be applied; WithoutServerFields() removes them", nameof(obj));
        ArgumentException.ThrowIfNullOrEmpty(options.FieldManager, nameof(options));

        var ns = NamespaceOf(obj, type);
        var path = new QueryText(ResourcePath.Of(type, ns, obj.Name, options.Subresource)).Add("force", options.ForceConflicts ? "true" : "false");
        var body = ApiRequest.Utf8(ApplyIntent(obj, options));
        var request = Write(HttpMethod.Patch, path.ToString(), "patch", type, ns, obj.Name, options, body, "application/apply-patch+yaml");
        var response = await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return new ApplyResult(new KubernetesObject(ReadObject(response)), response.StatusCode == 201);
    }

    /// <summary>Changes an object.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace; <see langword="null"/> for cluster-scoped types.</param>
    /// <param name="name">Its name.</param>
    /// <param name="patch">The change.</param>
    /// <param name="options">How to write.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as it is now.</returns>
    public async Task<KubernetesObject> PatchAsync(
        ResourceType type, string? ns, string name, Patch patch, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(patch);
        options ??= new WriteOptions();
        var path = ResourcePath.Of(type, ns, name, options.Subresource);
        var request = Write(HttpMethod.Patch, path, "patch", type, ns, name, options, ApiRequest.Utf8(patch.Body), patch.ContentType);
        return new KubernetesObject(await SendJsonAsync(request, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Deletes an object.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace; <see langword="null"/> for cluster-scoped types.</param>
    /// <param name="name">Its name.</param>
    /// <param name="options">How to delete.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>
    /// The object as the server last showed it (while it waits for finalizers, the object; when it is gone at once, its metadata);
    /// <see langword="null"/> when it was not there.
    /// </returns>
    public async Task<KubernetesObject?> DeleteAsync(
        ResourceType type, string? ns, string name, DeleteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var request = new ApiRequest
        {
            Method = HttpMethod.Delete,
            PathAndQuery = ResourcePath.Of(type, ns, name),
            Verb = "delete",
            ResourceType = type,
            Namespace = ns,
            Name = name,
            Body = ApiRequest.Utf8(DeleteBody(options ?? new DeleteOptions())),
        };
        JsonObject json;
        try
        {
            json = await SendJsonAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }

        if (json.FindString("kind") is not "Status")
            return new KubernetesObject(json);
        var gone = KubernetesObject.Create(type.ApiVersion, type.Kind, name, ns);
        if (json.FindString("details", "uid") is { } uid)
            gone.Json["metadata"]!["uid"] = uid;
        return gone;
    }

    /// <summary>Reads a path of the API that is no resource, for example <c>/readyz?verbose</c>.</summary>
    /// <param name="path">Path and query, starting with a slash.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The answer as text.</returns>
    public async Task<string> GetRawAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path[0] != '/')
            throw new ArgumentException("the path must start with a slash", nameof(path));
        var response = await _transport.SendAsync(Raw(path, "*/*"), cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(response.Body);
    }

    /// <summary>Closes the connections. Watches and streams that are still open end.</summary>
    public void Dispose()
    {
        _transport.Dispose();
        Discovery.Dispose();
    }

    /// <summary>The type of an object: a built-in one without a request, any other by discovery.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The type.</returns>
    public ValueTask<ResourceType> TypeOfAsync(KubernetesObject obj, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj.ApiVersion.Length == 0 || obj.Kind.Length == 0)
            throw new ArgumentException("the object has no apiVersion or no kind", nameof(obj));
        return ResourceTypes.Find(obj.ApiVersion, obj.Kind) is { } type
            ? new ValueTask<ResourceType>(type)
            : new ValueTask<ResourceType>(Discovery.ResolveAsync(obj.ApiVersion, obj.Kind, cancellationToken));
    }

    private static ApiRequest Raw(string path, string accept = ApiRequest.Json) =>
        new() { Method = HttpMethod.Get, PathAndQuery = path, Verb = "get", Accept = accept };

    private static ApiRequest Write(
        HttpMethod method, string path, string verb, ResourceType type, string? ns, string name, WriteOptions options, byte[] body, string contentType) => new()
        {
            Method = method,
            PathAndQuery = new QueryText(path)
                .Add("fieldManager", options.FieldManager)
                .AddIf(options.DryRun, "dryRun", "All")
                .Add("fieldValidation", options.FieldValidation.ToString())
                .ToString(),
            Verb = verb,
            ResourceType = type,
            Namespace = ns,
            Name = name.Length == 0 ? null : name,
            Body = body,
            ContentType = contentType,
        };

    private static JsonObject ApplyIntent(KubernetesObject obj, ApplyOptions options)
    {
        var intent = (JsonObject)obj.Json.DeepClone();
        if (intent["metadata"] is JsonObject metadata)
        {
            foreach (var field in KubernetesObject.ServerMetadata)
            {
                if (!options.OptimisticLock || field is not "resourceVersion")
                    metadata.Remove(field);
            }

            // Present but null: nothing is meant, and the server would refuse the field.
            metadata.Remove("managedFields");
        }

        if (options.Subresource is null)
            intent.Remove("status");
        return intent;
    }

    private static JsonObject DeleteBody(DeleteOptions options)
    {
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions" };
        if (options.Propagation != DeletionPropagation.Default)
            body["propagationPolicy"] = options.Propagation.ToString();
        if (options.GracePeriod is { } grace)
            body["gracePeriodSeconds"] = (long)grace.TotalSeconds;
        if (options.DryRun)
            body["dryRun"] = JsonAccess.ToJsonArray(["All"]);
        if (options.Preconditions is { } preconditions)
        {
            var wanted = new JsonObject();
            if (preconditions.Uid is not null)
                wanted["uid"] = preconditions.Uid;
            if (preconditions.ResourceVersion is not null)
                wanted["resourceVersion"] = preconditions.ResourceVersion;
            body["preconditions"] = wanted;
        }

        return body;
    }

    private static void RequireName(KubernetesObject obj)
    {
        if (obj.Name.Length == 0)
            throw new ArgumentException("the object has no metadata.name", nameof(obj));
    }

    private string? NamespaceOf(KubernetesObject obj, ResourceType type) => type.Namespaced ? obj.Namespace ?? Configuration.Namespace : null;

    private static KubernetesList ReadList(JsonObject json, ResourceType type)
    {
        var items = new List<KubernetesObject>();
        if (json["items"] is JsonArray array)
        {
            var nodes = new List<JsonNode?>(array);
            array.Clear();
            foreach (var node in nodes)
            {
                if (node is JsonObject item)
                    items.Add(new KubernetesObject(ListItem.WithKind(item, type.ApiVersion, type.Kind)));
            }
        }

        return new KubernetesList(
            items, json.FindString("metadata", "resourceVersion"), json.FindString("metadata", "continue") is { Length: > 0 } next ? next : null);
    }

    private async Task<JsonObject> SendJsonAsync(ApiRequest request, CancellationToken cancellationToken) =>
        ReadObject(await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false));

    private JsonObject ReadObject(ApiResponse response) =>
        JsonAccess.TryParseObject(response.Body) ?? throw new KubernetesApiException(
            (System.Net.HttpStatusCode)response.StatusCode,
            new Status(response.StatusCode, "", $"{Configuration.Server.Authority} answered {response.StatusCode} with something that is no JSON object ({response.ContentType ?? "no content type"})"))
        {
            Endpoint = Configuration.Server, ContextName = Configuration.ContextName,
        };
}
