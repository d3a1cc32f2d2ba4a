using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace MeshTools.Lab;

/// <summary>
/// The objects of one cluster, with one ever-growing resource version, optimistic locking, finalizers and watches: what etcd and the
/// generic registry (k8s.io/apiserver/pkg/registry/generic/registry/store.go) are together. Safe for any number of threads.
/// </summary>
public sealed class ObjectStore
{
    /// <summary>In place of a resource: a watch on all of them, in the order of their writes, which controllers need.</summary>
    internal const string EveryResource = "*";

    private readonly object _gate = new();
    private readonly Dictionary<(string Group, string Plural), SortedDictionary<(string Namespace, string Name), StoredObject>> _objects = [];
    private readonly List<Watcher> _watchers = [];
    private readonly EventHistory _history;
    private long _resourceVersion = 1;

    /// <summary>Creates an empty store.</summary>
    /// <param name="clock">Where times come from; the system's when null.</param>
    /// <param name="historyCapacity">How many writes a watch can look back, at least 1.</param>
    public ObjectStore(TimeProvider? clock = null, int historyCapacity = 4096)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(historyCapacity, 1);
        Clock = clock ?? TimeProvider.System;
        _history = new EventHistory(historyCapacity);
    }

    /// <summary>Where creation, deletion and field times come from.</summary>
    public TimeProvider Clock { get; }

    /// <summary>What the cluster serves, custom resources included.</summary>
    internal ResourceCatalog Catalog { get; } = new();

    /// <summary>The webhooks that pods pass before they are made, whoever makes them.</summary>
    internal IPodAdmission? PodAdmission { get; set; }

    /// <summary>What may refuse writes of clients, and pods whoever makes them.</summary>
    internal IWriteAdmission? WriteAdmission { get; set; }

    /// <summary>The version of the latest write.</summary>
    public long ResourceVersion => Interlocked.Read(ref _resourceVersion);

    /// <summary>The object, or null when there is none.</summary>
    public StoredObject? Find(ResourceKey key)
    {
        lock (_gate)
        {
            return _objects.TryGetValue((key.Group, key.Plural), out var table) && table.TryGetValue((key.Namespace ?? "", key.Name), out var found) ? found : null;
        }
    }

    /// <summary>The object.</summary>
    /// <exception cref="ApiStatusException">404 when there is none.</exception>
    public StoredObject Get(ResourceKey key) => Find(key) ?? throw ApiStatusException.NotFound(key);

    /// <summary>All objects of a resource, of one namespace or (null) of all.</summary>
    public StoreList List(string group, string plural, string? @namespace = null)
    {
        lock (_gate)
        {
            if (!_objects.TryGetValue((group, plural), out var table))
            {
                return new StoreList([], _resourceVersion);
            }

            var items = @namespace is null
                ? table.Values.ToArray()
                : table.Where(entry => string.Equals(entry.Key.Namespace, @namespace, StringComparison.Ordinal)).Select(entry => entry.Value).ToArray();
            return new StoreList(items, _resourceVersion);
        }
    }

    /// <summary>Every object of one namespace, of whatever resource.</summary>
    public IReadOnlyList<StoredObject> ListNamespace(string @namespace)
    {
        lock (_gate)
        {
            return _objects.Values
                .SelectMany(table => table.Where(entry => string.Equals(entry.Key.Namespace, @namespace, StringComparison.Ordinal)).Select(entry => entry.Value))
                .ToArray();
        }
    }

    /// <summary>
    /// Creates an object for a program inside the cluster: fills in what the server fills in (type, name, UID, times, defaults) and records
    /// the fields under <paramref name="manager"/>. Unlike a create over the API it may carry a status.
    /// </summary>
    /// <exception cref="ApiStatusException">409 AlreadyExists.</exception>
    public StoredObject Create(ResourceKey key, JsonObject value, string manager)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentException.ThrowIfNullOrEmpty(manager);
        var resource = ResourceOf(key, value);
        if (resource is { QualifiedKind: "Pod" } && PodAdmission?.Admit(key.Namespace!, value) is { } admitted)
        {
            value = admitted;
        }

        if (resource is { QualifiedKind: "Pod" })
        {
            WriteAdmission?.Check("create", key.Group, key.Plural, key.Name);
        }

        var prepared = Strategy.Decode(resource, value);
        Metadata.CompleteForCreate(prepared, key, Clock);
        var tracked = FieldOwnership.RecordUpdate(resource, ObjectDecoder.Empty(resource), prepared, manager, "", FieldSet.Empty, Clock.GetUtcNow());
        Strategy.PrepareForCreate(resource, tracked, keepStatus: value["status"] is not null);
        if (resource is { QualifiedKind: "Service" })
        {
            ServiceAddresses.Allocate(this, tracked);
        }

        var stored = Insert(key, tracked);
        return DefinitionNames.IsDefinition(key) ? DefinitionNames.Establish(this, key) ?? stored : stored;
    }

    /// <summary>
    /// Changes an object for a program inside the cluster, as often as needed until no other write comes between, and records the changed
    /// fields under <paramref name="manager"/> with operation Update.
    /// </summary>
    /// <param name="key">The object.</param>
    /// <param name="change">Gets a copy it may change; returns what to store, or null for no write.</param>
    /// <param name="manager">The field manager, e.g. <c>kube-controller-manager</c>.</param>
    /// <param name="subresource">The subresource written to (<c>status</c>), for the record in <c>managedFields</c>.</param>
    /// <returns>The object as it is now, or null when there is none (any more). A change that changes nothing writes nothing.</returns>
    public StoredObject? Mutate(ResourceKey key, Func<JsonObject, JsonObject?> change, string manager, string? subresource = null)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentException.ThrowIfNullOrEmpty(manager);
        while (true)
        {
            var current = Find(key);
            if (current is null)
            {
                return null;
            }

            var changed = change(current.ToJson());
            if (changed is null || JsonTree.AreEqual(changed, current.Json))
            {
                return current;
            }

            var resource = ResourceOf(key, changed);
            var next = Strategy.PrepareForUpdate(resource, current.Json, Strategy.Decode(resource, changed), subresource is "status" ? "" : subresource ?? "", inCluster: true);
            next = FieldOwnership.RecordUpdate(resource, current.Json, next, manager, subresource ?? "", FieldSet.Empty, Clock.GetUtcNow());
            if (Strategy.IsSame(current.Json, next))
            {
                return current;
            }

            if (TryReplace(current, next, out var stored))
            {
                return stored;
            }
        }
    }

    /// <summary>
    /// Deletes an object: removes it, or, when finalizers hold it (for a namespace also <c>spec.finalizers</c>), marks it with a
    /// <c>deletionTimestamp</c>. It is removed by the write that takes the last finalizer away.
    /// </summary>
    /// <exception cref="ApiStatusException">404, or 409 when a precondition fails.</exception>
    public DeleteOutcome Delete(ResourceKey key, DeletePreconditions? preconditions = null)
    {
        while (true)
        {
            var current = Get(key);
            Metadata.Check(current, preconditions);
            if (Metadata.HeldByFinalizers(current.Json))
            {
                if (current.IsTerminating)
                {
                    return new DeleteOutcome(current, Removed: false);
                }

                var marked = current.ToJson();
                Metadata.MarkForDeletion(marked, key, Clock);
                if (TryReplace(current, marked, out var terminating))
                {
                    return new DeleteOutcome(terminating, Removed: false);
                }
            }
            else if (TryRemove(current, out var last))
            {
                return new DeleteOutcome(last, Removed: true);
            }
        }
    }

    /// <summary>
    /// The writes to a resource after a version, as they come, until cancelled.
    /// </summary>
    /// <param name="group">API group.</param>
    /// <param name="plural">Resource.</param>
    /// <param name="namespace">Namespace, or null for all.</param>
    /// <param name="fromResourceVersion">The version to start after: that of a list, or of the last event seen.</param>
    /// <param name="cancellationToken">Ends the watch without an exception from the enumeration other than cancellation.</param>
    /// <exception cref="ApiStatusException">410 Expired when the version is compacted away.</exception>
    public async IAsyncEnumerable<StoreEvent> WatchAsync(
        string group,
        string plural,
        string? @namespace,
        long fromResourceVersion,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var watch = OpenWatch(group, plural, @namespace, fromResourceVersion);
        await foreach (var storeEvent in watch.Events.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return storeEvent;
        }
    }

    /// <summary>Forgets all events up to a version, as etcd's compaction does: watches from before it get 410.</summary>
    public void CompactThrough(long resourceVersion)
    {
        lock (_gate)
        {
            _history.CompactThrough(Math.Min(resourceVersion, _resourceVersion));
        }
    }

    /// <summary>The objects of a resource as they were at a version, put together from what is there now and the events since.</summary>
    /// <exception cref="ApiStatusException">410 when the events since are no longer known.</exception>
    internal StoreList ListAt(string group, string plural, string? @namespace, long resourceVersion)
    {
        lock (_gate)
        {
            if (resourceVersion < _history.CompactedThrough)
            {
                throw ApiStatusException.Expired(
                    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.");
            }

            var list = List(group, plural, @namespace);
            var watcher = new Watcher(group, plural, @namespace);
            var since = _history.After(resourceVersion).Where(watcher.Matches).Reverse().ToArray();
            if (since.Length == 0)
            {
                return list with { ResourceVersion = resourceVersion };
            }

            var objects = new SortedDictionary<(string, string), StoredObject>(OrdinalOrder.Instance);
            foreach (var item in list.Items)
            {
                objects.Add((item.Key.Namespace ?? "", item.Key.Name), item);
            }

            foreach (var storeEvent in since)
            {
                var place = (storeEvent.Object.Key.Namespace ?? "", storeEvent.Object.Key.Name);
                if (storeEvent.Previous is null)
                {
                    objects.Remove(place);
                }
                else
                {
                    objects[place] = storeEvent.Previous;
                }
            }

            return new StoreList([.. objects.Values], resourceVersion);
        }
    }

    internal ServedResource ResourceOf(ResourceKey key, JsonObject? value) =>
        Catalog.Find(key, JsonTree.Text(value?["apiVersion"])) ?? throw ApiStatusException.ResourceNotServed();

    internal StoreWatch OpenWatch(string group, string plural, string? @namespace, long fromResourceVersion)
    {
        lock (_gate)
        {
            if (fromResourceVersion < _history.CompactedThrough)
            {
                throw ApiStatusException.Expired(string.Create(
                    CultureInfo.InvariantCulture,
                    $"too old resource version: {fromResourceVersion} ({_history.CompactedThrough + 1})"));
            }

            var watcher = new Watcher(group, plural, @namespace);
            foreach (var past in _history.After(fromResourceVersion).Where(watcher.Matches))
            {
                watcher.Channel.Writer.TryWrite(past);
            }

            _watchers.Add(watcher);
            return new StoreWatch(watcher.Channel.Reader, () => Close(watcher));
        }
    }

    internal StoredObject Insert(ResourceKey key, JsonObject prepared)
    {
        lock (_gate)
        {
            if (!_objects.TryGetValue((key.Group, key.Plural), out var table))
            {
                table = new SortedDictionary<(string, string), StoredObject>(OrdinalOrder.Instance);
                _objects.Add((key.Group, key.Plural), table);
            }

            var place = (key.Namespace ?? "", key.Name);
            if (table.ContainsKey(place))
            {
                throw ApiStatusException.AlreadyExists(key);
            }

            var stored = Stamp(key, prepared);
            table.Add(place, stored);
            Publish(new StoreEvent(StoreEventType.Added, stored, null));
            return stored;
        }
    }

    /// <summary>Writes the next version of an object unless another write came first. Removes it when it is terminating and nothing holds it.</summary>
    internal bool TryReplace(StoredObject current, JsonObject next, out StoredObject stored)
    {
        lock (_gate)
        {
            if (!IsCurrent(current))
            {
                stored = current;
                return false;
            }

            var table = _objects[(current.Key.Group, current.Key.Plural)];
            stored = Stamp(current.Key, next);
            if (stored.IsTerminating && !Metadata.HeldByFinalizers(next) && !Metadata.InGracePeriod(next))
            {
                table.Remove((current.Key.Namespace ?? "", current.Key.Name));
                Publish(new StoreEvent(StoreEventType.Deleted, stored, current));
                return true;
            }

            table[(current.Key.Namespace ?? "", current.Key.Name)] = stored;
            Publish(new StoreEvent(StoreEventType.Modified, stored, current));
            return true;
        }
    }

    internal bool TryRemove(StoredObject current, out StoredObject last)
    {
        lock (_gate)
        {
            if (!IsCurrent(current))
            {
                last = current;
                return false;
            }

            _objects[(current.Key.Group, current.Key.Plural)].Remove((current.Key.Namespace ?? "", current.Key.Name));
            last = Stamp(current.Key, current.ToJson());
            Publish(new StoreEvent(StoreEventType.Deleted, last, current));
            return true;
        }
    }

    private bool IsCurrent(StoredObject candidate) =>
        _objects.TryGetValue((candidate.Key.Group, candidate.Key.Plural), out var table)
        && table.TryGetValue((candidate.Key.Namespace ?? "", candidate.Key.Name), out var current)
        && ReferenceEquals(current, candidate);

    private StoredObject Stamp(ResourceKey key, JsonObject json)
    {
        var version = Interlocked.Increment(ref _resourceVersion);
        Metadata.SetResourceVersion(json, version);
        return new StoredObject(key, version, json);
    }

    private void Publish(StoreEvent storeEvent)
    {
        var key = storeEvent.Object.Key;
        if (DefinitionNames.IsDefinition(key))
        {
            var isGone = storeEvent.Type == StoreEventType.Deleted;
            Catalog.Define(key.Name, isGone ? null : storeEvent.Object.Json);
            if (isGone)
            {
                RemoveAll(JsonTree.FindText(storeEvent.Object.Json, "spec", "group") ?? "", JsonTree.FindText(storeEvent.Object.Json, "spec", "names", "plural") ?? "");
            }
        }

        _history.Add(storeEvent);
        foreach (var watcher in _watchers)
        {
            if (watcher.Matches(storeEvent))
            {
                watcher.Channel.Writer.TryWrite(storeEvent);
            }
        }
    }

    /// <summary>The objects of a resource that is served no longer go with it.</summary>
    private void RemoveAll(string group, string plural)
    {
        if (!_objects.Remove((group, plural), out var table))
        {
            return;
        }

        foreach (var orphan in table.Values)
        {
            Publish(new StoreEvent(StoreEventType.Deleted, Stamp(orphan.Key, orphan.ToJson()), orphan));
        }
    }

    private void Close(Watcher watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
        }

        watcher.Channel.Writer.TryComplete();
    }

    private sealed class Watcher(string group, string plural, string? @namespace)
    {
        internal Channel<StoreEvent> Channel { get; } = System.Threading.Channels.Channel.CreateUnbounded<StoreEvent>(new UnboundedChannelOptions { SingleReader = true });

        internal bool Matches(StoreEvent storeEvent)
        {
            var key = storeEvent.Object.Key;
            return (plural is EveryResource || (string.Equals(key.Plural, plural, StringComparison.Ordinal)
                && string.Equals(key.Group, group, StringComparison.Ordinal)))
                && (@namespace is null || string.Equals(key.Namespace, @namespace, StringComparison.Ordinal));
        }
    }

    private sealed class OrdinalOrder : IComparer<(string Namespace, string Name)>
    {
        internal static readonly OrdinalOrder Instance = new();

        public int Compare((string Namespace, string Name) x, (string Namespace, string Name) y)
        {
            var byNamespace = string.CompareOrdinal(x.Namespace, y.Namespace);
            return byNamespace != 0 ? byNamespace : string.CompareOrdinal(x.Name, y.Name);
        }
    }
}

/// <summary>One open watch on the store.</summary>
internal sealed class StoreWatch(ChannelReader<StoreEvent> events, Action close) : IDisposable
{
    internal ChannelReader<StoreEvent> Events { get; } = events;

    public void Dispose() => close();
}
