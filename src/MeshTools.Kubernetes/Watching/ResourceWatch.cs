using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>
/// List, then watch from there, for as long as the consumer wants (client-go tools/cache/reflector.go and tools/watch/retrywatcher.go):
/// the server ends watches every few minutes, forgets old versions (410), and connections break.
/// </summary>
internal sealed class ResourceWatch
{
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    // Servers were seen that close watches on a forgotten version without saying 410; after so many in a row the list is read again.
    private const int EmptyClosesBeforeList = 3;

    private readonly KubernetesClient _client;
    private readonly ClusterTransport _transport;
    private readonly TimeProvider _clock;
    private readonly ResourceType _type;
    private readonly string? _namespace;
    private readonly ListOptions _options;
    private readonly WatchedObjects _known = new();
    private string? _version;
    private int _emptyCloses;
    private TimeSpan _delay = ReconnectDelay;

    internal ResourceWatch(KubernetesClient client, ClusterTransport transport, TimeProvider clock, ResourceType type, string? ns, ListOptions options)
    {
        _client = client;
        _transport = transport;
        _clock = clock;
        _type = type;
        _namespace = ns;
        _options = options;
        _version = options.ResourceVersion;
    }

    internal async IAsyncEnumerable<WatchEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = true;
        while (true)
        {
            if (_version is null)
            {
                var listed = await ListAsync(first, cancellationToken).ConfigureAwait(false);
                if (listed is not null)
                {
                    foreach (var change in listed)
                        yield return change;
                    if (first)
                        yield return new WatchEvent(WatchEventType.Bookmark, BookmarkAt(_version ?? ""));
                    first = false;
                }
            }

            if (_version is not null)
            {
                await foreach (var change in WatchOnceAsync(cancellationToken).ConfigureAwait(false))
                    yield return change;
            }

            await Task.Delay(_delay, _clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The changes from what is known to the list of now; null when the server could not be asked and it is worth trying again.</summary>
    private async Task<List<WatchEvent>?> ListAsync(bool first, CancellationToken cancellationToken)
    {
        try
        {
            var list = await ListAllAsync(cancellationToken).ConfigureAwait(false);
            _version = list.ResourceVersion;
            _delay = ReconnectDelay;
            return _known.Replace(list.Items);
        }
        catch (EndpointUnreachableException) when (!first)
        {
            SlowDown(null);
            return null;
        }
        catch (KubernetesApiException e) when (!first && (e.IsServerError || e.IsThrottled || e.IsExpired))
        {
            SlowDown(e.Status.RetryAfter);
            return null;
        }
    }

    private async Task<KubernetesList> ListAllAsync(CancellationToken cancellationToken)
    {
        var options = _options with { Continue = null, ResourceVersion = null, ResourceVersionMatch = null };
        var items = new List<KubernetesObject>();
        while (true)
        {
            KubernetesList page;
            try
            {
                page = await _client.ListPageAsync(_type, _namespace, options, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesApiException e) when (e.IsExpired && options.Continue is not null)
            {
                // Half a list of the past is worth nothing; one full list is always consistent.
                items.Clear();
                options = options with { Continue = null, PageSize = 0 };
                continue;
            }

            items.AddRange(page.Items);
            if (page.Continue is null)
                return page with { Items = items };
            options = options with { Continue = page.Continue };
        }
    }

    private async IAsyncEnumerable<WatchEvent> WatchOnceAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(cancellationToken).ConfigureAwait(false);
        if (response is null)
            yield break;

        var lines = new JsonLines(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        var any = false;
        while (await NextAsync(lines, cancellationToken).ConfigureAwait(false) is { } line)
        {
            var item = line["object"] as JsonObject;
            var type = line.FindString("type");
            if (type is "ERROR" || item is null)
            {
                if (!Recover(item))
                    throw Failure(item);
                yield break;
            }

            any = true;
            if (Take(type, item) is { } change)
                yield return change;
        }

        _emptyCloses = any ? 0 : _emptyCloses + 1;
        if (_emptyCloses >= EmptyClosesBeforeList)
            ListAgain();
    }

    private WatchEvent? Take(string? type, JsonObject item)
    {
        var obj = new KubernetesObject(item);
        _version = obj.ResourceVersion ?? _version;
        _delay = ReconnectDelay;
        return type switch
        {
            "ADDED" => _known.Take(WatchEventType.Added, obj),
            "MODIFIED" => _known.Take(WatchEventType.Modified, obj),
            "DELETED" => _known.Take(WatchEventType.Deleted, obj),
            "BOOKMARK" => new WatchEvent(WatchEventType.Bookmark, obj),
            _ => null,
        };
    }

    /// <summary>Opens the watch; null when it could not be opened and it is worth trying again.</summary>
    private async Task<HttpResponseMessage?> OpenAsync(CancellationToken cancellationToken)
    {
        // A little different for everybody, so that a server's watches do not all end at once; five to ten minutes, as client-go.
        var seconds = 300 + Random.Shared.Next(300);
        var query = new QueryText(ResourcePath.Of(_type, _namespace))
            .Add("labelSelector", _options.LabelSelector)
            .Add("fieldSelector", _options.FieldSelector)
            .Add("watch", "true")
            .Add("allowWatchBookmarks", "true")
            .Add("resourceVersion", _version)
            .Add("timeoutSeconds", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var request = new ApiRequest { Method = HttpMethod.Get, PathAndQuery = query.ToString(), Verb = "watch", ResourceType = _type, Namespace = _namespace };
        try
        {
            var response = await _transport.OpenAsync(request, cancellationToken).ConfigureAwait(false);
            _delay = ReconnectDelay;
            return response;
        }
        catch (EndpointUnreachableException)
        {
            SlowDown(null);
            return null;
        }
        catch (KubernetesApiException e) when (e.IsExpired)
        {
            ListAgain();
            return null;
        }
        catch (KubernetesApiException e) when (e.IsServerError || e.IsThrottled)
        {
            SlowDown(e.Status.RetryAfter);
            return null;
        }
    }

    private static async ValueTask<JsonObject?> NextAsync(JsonLines lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // The connection broke; what was delivered is delivered, and the next watch begins behind it.
            return null;
        }
    }

    /// <summary>Whether an ERROR event is one to go on after; sets what to do next.</summary>
    private bool Recover(JsonObject? status)
    {
        var code = status.FindInt64("code") ?? 0;
        var reason = status.FindString("reason");
        if (code == 410 || reason is "Expired" or "Gone")
        {
            ListAgain();
            return true;
        }

        if (code is 500 or 504 or 429 or 503 || reason is "InternalError" or "Timeout" or "ServerTimeout" or "TooManyRequests")
        {
            var seconds = status.FindInt64("details", "retryAfterSeconds") ?? 0;
            SlowDown(seconds > 0 ? TimeSpan.FromSeconds(seconds) : null);
            return true;
        }

        return false;
    }

    private KubernetesApiException Failure(JsonObject? status)
    {
        var parsed = status is null ? new Status(0, "", "the watch sent an event without an object") : Status.FromJson(status, 0, retryAfter: null);
        return new KubernetesApiException((HttpStatusCode)parsed.Code, parsed)
        {
            Endpoint = _client.Configuration.Server,
            ContextName = _client.Configuration.ContextName,
            Verb = "watch",
            ResourceType = _type,
            Namespace = _namespace,
        };
    }

    private void ListAgain()
    {
        _version = null;
        _emptyCloses = 0;
    }

    private void SlowDown(TimeSpan? asked)
    {
        if (asked is { } delay)
            _delay = delay > ReconnectDelay ? delay : ReconnectDelay;
        else
            _delay = _delay * 2 < LongestDelay ? _delay * 2 : LongestDelay;
    }

    private KubernetesObject BookmarkAt(string version) => new(new JsonObject
    {
        ["apiVersion"] = _type.ApiVersion,
        ["kind"] = _type.Kind,
        ["metadata"] = new JsonObject { ["resourceVersion"] = version },
    });
}
