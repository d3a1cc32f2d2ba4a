using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>Watches over HTTP: one JSON document a line, as things happen (k8s.io/apiserver/pkg/endpoints/handlers/watch.go).</summary>
internal sealed class WatchRequests(ObjectStore store)
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWatch = TimeSpan.FromMinutes(45);
    private static readonly byte[] EndOfEvent = "}\n"u8.ToArray();

    internal async Task HandleAsync(HttpContext context, ServedResource resource, RequestPath path)
    {
        var accepted = Accepted.Read(context.Request);
        var query = ListQuery.Read(resource, context.Request);
        var bookmarks = RequestPath.IsTrue(context.Request.Query["allowWatchBookmarks"]);
        var initialEvents = context.Request.Query.ContainsKey("sendInitialEvents") ? RequestPath.IsTrue(context.Request.Query["sendInitialEvents"]) : (bool?)null;
        CheckInitialEvents(context, initialEvents);
        if (query.ResourceVersion > store.ResourceVersion)
        {
            throw ResourceRequests.VersionTooLarge(query.ResourceVersion.Value, store.ResourceVersion);
        }

        var scope = resource.Namespaced ? path.Namespace : null;
        var writer = new EventWriter(context, resource, accepted);
        var from = query.ResourceVersion ?? 0;
        StoreList? initial = null;
        if (initialEvents == true || (initialEvents is null && from == 0))
        {
            initial = store.List(resource.StorageGroup, resource.Plural, scope);
            from = initial.ResourceVersion;
        }
        else if (from == 0)
        {
            from = store.ResourceVersion;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        ending.CancelAfter(RequestOptions.Timeout(context.Request) ?? LongestWatch);
        StoreWatch watch;
        try
        {
            watch = store.OpenWatch(resource.StorageGroup, resource.Plural, scope, from);
        }
        catch (ApiStatusException expired) when (expired.Code == 410)
        {
            await writer.StartAsync().ConfigureAwait(false);
            await writer.WriteAsync("ERROR", expired.ToStatus()).ConfigureAwait(false);
            return;
        }

        using (watch)
        {
            await writer.StartAsync().ConfigureAwait(false);
            if (initial is not null)
            {
                foreach (var item in initial.Items.Where(item => query.Matches(item.Json)))
                {
                    await writer.WriteAsync("ADDED", item).ConfigureAwait(false);
                }

                // A real server ends the initial events of any watch from no version with a bookmark when bookmarks are allowed.
                if (bookmarks)
                {
                    await writer.BookmarkAsync(initial.ResourceVersion, endsInitialEvents: true).ConfigureAwait(false);
                }
            }

            await writer.FlushAsync().ConfigureAwait(false);
            await FollowAsync(watch, writer, query, bookmarks, ending.Token, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static void CheckInitialEvents(HttpContext context, bool? initialEvents)
    {
        if (initialEvents is not null && context.Request.Query["resourceVersionMatch"].ToString() is not "NotOlderThan")
        {
            throw ApiStatusException.Invalid(
                "meta.k8s.io",
                "ListOptions",
                "",
                [new StatusCause("FieldValueForbidden", "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan", "resourceVersionMatch")]);
        }
    }

    private async Task FollowAsync(
        StoreWatch watch,
        EventWriter writer,
        ListQuery query,
        bool bookmarks,
        CancellationToken ending,
        CancellationToken aborted)
    {
        var reader = watch.Events;
        try
        {
            while (true)
            {
                if (!reader.TryPeek(out _))
                {
                    await writer.FlushAsync().ConfigureAwait(false);
                    using var quiet = CancellationTokenSource.CreateLinkedTokenSource(ending);
                    if (bookmarks)
                    {
                        quiet.CancelAfter(BookmarkInterval);
                    }

                    // Everything up to here has been delivered once nothing is waiting, so this version is safe to resume from.
                    var version = store.ResourceVersion;
                    try
                    {
                        await reader.WaitToReadAsync(quiet.Token).ConfigureAwait(false);
                    }
                    catch (OperationCanceledException) when (!ending.IsCancellationRequested)
                    {
                        if (!reader.TryPeek(out _))
                        {
                            await writer.BookmarkAsync(version, endsInitialEvents: false).ConfigureAwait(false);
                        }

                        continue;
                    }
                }

                while (reader.TryRead(out var storeEvent))
                {
                    await WriteAsync(writer, query, storeEvent).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            // The time the client asked for is up: the answer ends as it should.
        }
    }

    private static ValueTask WriteAsync(EventWriter writer, ListQuery query, StoreEvent storeEvent)
    {
        var matches = query.Matches(storeEvent.Object.Json);
        var matched = storeEvent.Previous is not null && query.Matches(storeEvent.Previous.Json);
        return storeEvent.Type switch
        {
            StoreEventType.Added when matches => writer.WriteAsync("ADDED", storeEvent.Object),
            StoreEventType.Modified when matches && matched => writer.WriteAsync("MODIFIED", storeEvent.Object),
            StoreEventType.Modified when matches => writer.WriteAsync("ADDED", storeEvent.Object),
            StoreEventType.Modified when matched => writer.WriteAsync("DELETED", storeEvent.Object),
            StoreEventType.Deleted when matched => writer.WriteAsync("DELETED", storeEvent.Object),
            _ => ValueTask.CompletedTask,
        };
    }

    private sealed class EventWriter(HttpContext context, ServedResource resource, Accepted accepted)
    {
        private bool _firstTable = true;

        internal async Task StartAsync()
        {
            context.Response.StatusCode = 200;
            context.Response.ContentType = Responses.JsonType;
            context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.StartAsync(context.RequestAborted).ConfigureAwait(false);
        }

        internal async Task FlushAsync() => await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);

        internal async ValueTask WriteAsync(string type, StoredObject stored)
        {
            if (accepted.Representation == Representation.Whole && Representations.IsKeptAs(resource, stored))
            {
                await WriteAsync(type, stored.Utf8).ConfigureAwait(false);
                return;
            }

            await WriteShapedAsync(type, Representations.FromStored(resource, stored.Json)).ConfigureAwait(false);
        }

        internal Task BookmarkAsync(long version, bool endsInitialEvents)
        {
            var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
            if (endsInitialEvents)
            {
                metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
            }

            var bookmark = new JsonObject { ["kind"] = resource.Kind, ["apiVersion"] = resource.ApiVersion, ["metadata"] = metadata };
            return WriteAndFlushAsync(bookmark);

            async Task WriteAndFlushAsync(JsonObject value)
            {
                if (accepted.Representation == Representation.MetadataOnly)
                {
                    value = TableDocuments.MetadataOnly(value, accepted.Version);
                }

                await WriteAsync("BOOKMARK", value).ConfigureAwait(false);
                await FlushAsync().ConfigureAwait(false);
            }
        }

        internal ValueTask WriteAsync(string type, JsonObject value) => WriteAsync(type, JsonTree.ToUtf8(value));

        private ValueTask WriteShapedAsync(string type, JsonObject value)
        {
            var shown = accepted.Representation switch
            {
                Representation.Table => TableDocuments.ForObject(resource, value, accepted.Version, ResourceRequests.IncludeObject(context), DateTimeOffset.UtcNow),
                Representation.MetadataOnly => TableDocuments.MetadataOnly(value, accepted.Version),
                _ => value,
            };
            if (accepted.Representation == Representation.Table)
            {
                // Only the first table of a watch says what its columns are.
                if (!_firstTable)
                {
                    shown["columnDefinitions"] = null;
                }

                _firstTable = false;
            }

            return WriteAsync(type, shown);
        }

        private async ValueTask WriteAsync(string type, ReadOnlyMemory<byte> value)
        {
            var body = context.Response.Body;
            await body.WriteAsync(Encoding.ASCII.GetBytes("{\"type\":\"" + type + "\",\"object\":"), context.RequestAborted).ConfigureAwait(false);
            await body.WriteAsync(value, context.RequestAborted).ConfigureAwait(false);
            await body.WriteAsync(EndOfEvent, context.RequestAborted).ConfigureAwait(false);
        }
    }
}
