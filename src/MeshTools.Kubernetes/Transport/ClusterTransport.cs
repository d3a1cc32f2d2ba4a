using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace MeshTools.Kubernetes;

/// <summary>Sends requests to one API server, with its credentials, its limits and client-go's retries (rest/request.go, rest/with_retry.go).</summary>
internal sealed class ClusterTransport : IDisposable
{
    private const int MaxRedirects = 10;

    private readonly ClientConfiguration _configuration;
    private readonly KubernetesClientOptions _options;
    private readonly RequestBudget _budget;
    private readonly CredentialContext _credentialContext;
    private readonly string _prefix;
    private readonly object _gate = new();
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);
    private readonly List<HttpMessageInvoker> _retired = [];
    private ClientCertificate? _invokerCertificate;
    private HttpMessageInvoker? _invoker;
    private bool _disposed;
    private int _requestCount;

    internal ClusterTransport(ClientConfiguration configuration, KubernetesClientOptions options)
    {
        _configuration = configuration;
        _options = options;
        _budget = new RequestBudget(options.RequestsPerSecond, options.Burst, options.TimeProvider);
        _credentialContext = new CredentialContext(options.TimeProvider, options.OnCredentialPluginMessage);
        _prefix = configuration.Server.AbsolutePath.TrimEnd('/');
    }

    internal int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>Sends a request and reads its answer to the end.</summary>
    internal async Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var limit = request.Timeout ?? _options.RequestTimeout;
            using var response = await OpenAsync(request, attempt, cancellationToken).ConfigureAwait(false);
            try
            {
                var body = await ReadBodyAsync(response, limit, request, cancellationToken).ConfigureAwait(false);
                return new ApiResponse((int)response.StatusCode, body, response.Content.Headers.ContentType?.ToString());
            }
            catch (Exception e) when (IsRetried(e, request, attempt))
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends a request and returns the successful answer with its body still to be read.</summary>
    internal Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken cancellationToken) => OpenAsync(request, 0, cancellationToken);

    /// <summary>What a WebSocket needs: the address, the headers, and the handler that makes connections as every other request does.</summary>
    internal async Task<StreamingEndpoint> PrepareStreamingAsync(string pathAndQuery, CancellationToken cancellationToken)
    {
        var credential = await CredentialAsync(cancellationToken).ConfigureAwait(false);
        using var message = CreateMessage(HttpMethod.Get, new Uri(_configuration.Server, _prefix + pathAndQuery), credential);
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in message.Headers.NonValidated)
        {
            foreach (var value in values)
                headers.Add(new(name, value));
        }

        var address = new UriBuilder(message.RequestUri!) { Scheme = _configuration.Server.Scheme is "https" ? "wss" : "ws" };
        Interlocked.Increment(ref _requestCount);
        return new StreamingEndpoint(address.Uri, headers, Invoker(credential), credential);
    }

    internal bool Invalidate(Credential credential) => _configuration.Credentials.Invalidate(credential);

    private async Task<HttpResponseMessage> OpenAsync(ApiRequest request, int attempt, CancellationToken cancellationToken)
    {
        var refreshed = false;
        for (; ; attempt++)
        {
            await _budget.WaitAsync(cancellationToken).ConfigureAwait(false);
            var credential = await CredentialAsync(cancellationToken).ConfigureAwait(false);
            HttpResponseMessage response;
            try
            {
                response = await SendOnceAsync(request, credential, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsRetried(e, request, attempt))
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _options.TimeProvider, cancellationToken).ConfigureAwait(false);
                continue;
            }

            Warn(response);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                var retryAfter = RetryAfter(response);
                var body = await ReadFailureAsync(response, request, cancellationToken).ConfigureAwait(false);
                var code = (int)response.StatusCode;
                if (code == 401 && !refreshed && _configuration.Credentials.Invalidate(credential))
                {
                    // One more attempt with a new credential; client-go hands the 401 out and refreshes for the next call.
                    refreshed = true;
                    continue;
                }

                if (code is not 429 and < 500 || retryAfter is null || attempt >= _options.MaxRetries)
                    throw ApiFailure.From(_configuration, request, response.StatusCode, body, retryAfter, response.Headers.Location);
                _options.OnRetry?.Invoke($"{request.Describe()}: the server answered {code} and asks to wait {retryAfter.Value.TotalSeconds:0} s");
                await Task.Delay(retryAfter.Value, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private bool IsRetried(Exception error, ApiRequest request, int attempt) =>
        request.Method == HttpMethod.Get && attempt < _options.MaxRetries
        && error is EndpointUnreachableException { Kind: UnreachableKind.Reset, InnerException: { } inner } && ConnectionFailure.IsLostConnection(inner);

    private ValueTask<Credential> CredentialAsync(CancellationToken cancellationToken) =>
        _configuration.Server.Scheme is "https"
            ? WithContextAsync(_configuration.Credentials.GetAsync(_credentialContext, cancellationToken))
            : new ValueTask<Credential>(Credential.None);

    private async ValueTask<Credential> WithContextAsync(ValueTask<Credential> pending)
    {
        try
        {
            return await pending.ConfigureAwait(false);
        }
        catch (ExecPluginException e) when (e.ContextName is null)
        {
            // Shared by every client of the plugin, so it knows no context itself.
            throw new ExecPluginException(e.Command, e.Problem, e.Message, e.InnerException)
            {
                InstallHint = e.InstallHint, Stderr = e.Stderr, ContextName = _configuration.ContextName, Endpoint = _configuration.Server,
            };
        }
        catch (CredentialException e) when (e.ContextName is null)
        {
            throw new CredentialException(e.Message, e.InnerException)
            {
                Path = e.Path, ContextName = _configuration.ContextName, Endpoint = _configuration.Server,
            };
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(ApiRequest request, Credential credential, CancellationToken cancellationToken)
    {
        var invoker = Invoker(credential);
        var limit = request.Timeout ?? _options.RequestTimeout;
        using var timer = new CancellationTokenSource(limit, _options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        var address = new Uri(_configuration.Server, _prefix + request.PathAndQuery);
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                using var message = CreateMessage(request.Method, address, credential);
                message.Headers.TryAddWithoutValidation("Accept", request.Accept);
                if (request.Body is not null)
                {
                    message.Content = new ByteArrayContent(request.Body);
                    message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
                }

                Interlocked.Increment(ref _requestCount);
                var response = await invoker.SendAsync(message, both.Token).ConfigureAwait(false);
                if (redirects >= MaxRedirects || !TryFollow(request, response, ref address))
                    return response;
                response.Dispose();
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw timer.IsCancellationRequested
                ? ConnectionFailure.TimedOut(limit, request, e, _configuration)
                : ConnectionFailure.Map(e, _configuration);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw ConnectionFailure.Map(e, _configuration);
        }
    }

    /// <summary>Only a GET follows, and only to the same scheme, host and port: credentials go nowhere else.</summary>
    private static bool TryFollow(ApiRequest request, HttpResponseMessage response, ref Uri address)
    {
        if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || request.Method != HttpMethod.Get || response.Headers.Location is not { } location)
            return false;
        var target = new Uri(address, location);
        if (Uri.Compare(target, address, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) != 0)
            return false;
        address = target;
        return true;
    }

    private HttpRequestMessage CreateMessage(HttpMethod method, Uri address, Credential credential)
    {
        var message = new HttpRequestMessage(method, address)
        {
            Version = _configuration.Server.Scheme is "https" ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        if (credential.GetAuthorization() is { } authorization)
            message.Headers.Authorization = authorization;
        if (_configuration.Impersonation is { } impersonation && _configuration.Server.Scheme is "https")
        {
            foreach (var (name, value) in impersonation.Headers())
                message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    private HttpMessageInvoker Invoker(Credential credential)
    {
        var certificate = credential.GetCertificate();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_invoker is not null && ReferenceEquals(certificate, _invokerCertificate))
                return _invoker;

            // A plugin gave another certificate: new requests use new connections, running ones finish on the old.
            if (_invoker is not null)
                _retired.Add(_invoker);
            _invokerCertificate = certificate;
            return _invoker = CreateInvoker(certificate);
        }
    }

    private HttpMessageInvoker CreateInvoker(ClientCertificate? certificate)
    {
        var connector = new ClusterConnector(_configuration, certificate);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            AutomaticDecompression = _configuration.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip,
            ConnectTimeout = _options.ConnectTimeout,
            ConnectCallback = connector.ConnectAsync,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        return new HttpMessageInvoker(handler, disposeHandler: true);
    }

    private async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, TimeSpan limit, ApiRequest request, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, _options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            return await response.Content.ReadAsByteArrayAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw ConnectionFailure.TimedOut(limit, request, e, _configuration);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw ConnectionFailure.Map(e, _configuration);
        }
    }

    /// <summary>The explanation of a failure; its status counts even when the explanation cannot be read.</summary>
    private async Task<byte[]> ReadFailureAsync(HttpResponseMessage response, ApiRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadBodyAsync(response, _options.RequestTimeout, request, cancellationToken).ConfigureAwait(false);
        }
        catch (EndpointUnreachableException)
        {
            return [];
        }
    }

    /// <summary>As client-go, only the form in seconds counts.</summary>
    private static TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Retry-After", out var values)
        && int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private void Warn(HttpResponseMessage response)
    {
        if (_options.OnWarning is not { } report || !response.Headers.NonValidated.TryGetValues("Warning", out var values))
            return;
        foreach (var text in WarningHeader.Parse(values))
        {
            bool first;
            lock (_gate)
                first = _warned.Add(text);
            if (first)
                report(text);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _invoker?.Dispose();
            foreach (var invoker in _retired)
                invoker.Dispose();
        }
    }
}
