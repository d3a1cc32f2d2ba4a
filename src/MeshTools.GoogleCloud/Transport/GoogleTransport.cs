using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>Sends requests: a token on each, repetition where it can help, and Google's errors as exceptions.</summary>
internal sealed class GoogleTransport : IDisposable
{
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(32);

    private readonly GoogleCloudOptions _options;
    private readonly GoogleEndpoints _endpoints;
    private readonly IGoogleTokenSource _tokens;
    private readonly HttpClient _client;

    internal GoogleTransport(GoogleCloudOptions options, IGoogleTokenSource tokens)
    {
        _options = options;
        _endpoints = options.Environment.Endpoints();
        _tokens = tokens;
        var handler = new SocketsHttpHandler
        {
            // A redirect would carry the token to wherever it points.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            Proxy = GoogleProxy.From(options.Environment),
            UseCookies = false,
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("meshtools", typeof(GoogleTransport).Assembly.GetName().Version?.ToString(3)));
    }

    /// <summary>Whether a token may go there: only over TLS, or to this machine.</summary>
    internal static bool MayCarryToken(Uri uri) => uri.Scheme is "https" || (uri.Scheme is "http" && uri.IsLoopback);

    /// <summary>Sends a request, and again while that may help.</summary>
    /// <exception cref="GoogleApiException">Google says no, or does not answer.</exception>
    /// <exception cref="GoogleCredentialException">There is no token, or it may not be sent there.</exception>
    internal async Task<JsonObject> SendAsync(GoogleRequest request, CancellationToken cancellationToken)
    {
        var delay = _options.FirstDelay;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (GoogleApiException e) when (attempt < _options.MaxRetries && MayHelpToRepeat(e, request))
            {
                var wait = e.Error.RetryDelay is { } told && told > delay ? told : Jittered(delay);
                _options.OnRetry?.Invoke(string.Create(
                    CultureInfo.InvariantCulture, $"{request.Method} {request.Resource}: {e.Error.Message}; trying again in {wait.TotalSeconds:0.#} s ({attempt + 1} of {_options.MaxRetries})"));
                await Task.Delay(wait, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
                delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
            }
        }
    }

    public void Dispose() => _client.Dispose();

    // 429 has done nothing yet, whatever was asked; after the others a write may have been done.
    private static bool MayHelpToRepeat(GoogleApiException e, GoogleRequest request) =>
        e.StatusCode is HttpStatusCode.TooManyRequests || e.Reason is "RATE_LIMIT_EXCEEDED" or "CONCURRENT_OPERATIONS_QUOTA_EXCEEDED"
        || (request.Repeatable && e.StatusCode is (null or HttpStatusCode.RequestTimeout or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout));

    private static TimeSpan Jittered(TimeSpan delay) => delay * (0.75 + (0.5 * Random.Shared.NextDouble()));

    private async Task<JsonObject> SendOnceAsync(GoogleRequest request, CancellationToken cancellationToken)
    {
        var uri = new Uri(_endpoints[request.Api], request.Path);
        if (!MayCarryToken(uri))
        {
            throw new GoogleCredentialException(
                GoogleCredentialProblem.Unencrypted, $"{GoogleEndpoints.VariableOf(request.Api)} is http and not on this machine; no token is sent there");
        }

        var token = await _tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        using var message = new HttpRequestMessage(request.Method, uri);
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        if (token.QuotaProject is { } project)
            message.Headers.TryAddWithoutValidation("X-Goog-User-Project", project);
        if (request.ServerTimeout is { } seconds)
            message.Headers.TryAddWithoutValidation("X-Server-Timeout", seconds.ToString(CultureInfo.InvariantCulture));
        if (request.Body is not null)
            message.Content = new StringContent(request.Body.ToJsonString(), Encoding.UTF8, "application/json");

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(request.Timeout ?? _options.RequestTimeout);
        try
        {
            using var response = await _client.SendAsync(message, limit.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? Read(body, request, uri) : throw Failure(response, body, request);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw NoAnswer(request, uri, $"did not answer within {request.Timeout ?? _options.RequestTimeout:g}", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw NoAnswer(request, uri, $"cannot be reached: {e.GetBaseException().Message}", e);
        }
    }

    private static JsonObject Read(string body, GoogleRequest request, Uri uri)
    {
        try
        {
            return body.Length == 0 ? [] : JsonNode.Parse(body) as JsonObject ?? [];
        }
        catch (JsonException e)
        {
            throw NoAnswer(request, uri, "answered something that is no JSON", e);
        }
    }

    private static GoogleApiException Failure(HttpResponseMessage response, string body, GoogleRequest request)
    {
        var error = GoogleError.Parse(response.StatusCode, body);
        var retryAfter = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - DateTimeOffset.UtcNow,
            _ => (TimeSpan?)null,
        };
        if (retryAfter > (error.RetryDelay ?? TimeSpan.Zero))
            error = error with { RetryDelay = retryAfter };
        var code = error.Status.Length > 0 ? error.Status : string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)response.StatusCode}");
        return new GoogleApiException(error, Text(request.Resource, error, code)) { Api = request.Api, Resource = request.Resource };
    }

    internal static string Text(string resource, GoogleError error, string code)
    {
        var reason = error.Reason.Length > 0 ? $"{code}, {error.Reason}" : code;
        var violations = error.Violations.Where(text => !error.Message.Contains(text, StringComparison.Ordinal)).ToList();
        return $"{resource}: {error.Message} ({reason})" + (violations.Count > 0 ? "; " + string.Join("; ", violations) : "");
    }

    private static GoogleApiException NoAnswer(GoogleRequest request, Uri uri, string what, Exception inner)
    {
        var error = new GoogleError { Message = $"{uri.Host} {what}" };
        return new GoogleApiException(error, $"{request.Resource}: {error.Message}", inner) { Api = request.Api, Resource = request.Resource };
    }
}
