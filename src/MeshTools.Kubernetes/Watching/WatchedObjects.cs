namespace MeshTools.Kubernetes;

/// <summary>
/// What a watch has delivered. It turns a new list into the events that lead from there to it, and drops events that say nothing new, so that
/// neither a new list nor a reconnect makes an event twice or loses one.
/// </summary>
internal sealed class WatchedObjects
{
    private readonly Dictionary<(string? Namespace, string Name), KubernetesObject> _known = [];

    // Before the first list there may be objects that nobody has told of, and their end is news.
    private bool _listed;

    internal List<WatchEvent> Replace(IReadOnlyList<KubernetesObject> items)
    {
        _listed = true;
        var events = new List<WatchEvent>();
        var present = new HashSet<(string?, string)>();
        foreach (var item in items)
            present.Add(KeyOf(item));
        foreach (var (key, old) in _known.ToList())
        {
            if (!present.Contains(key))
            {
                _known.Remove(key);
                events.Add(new WatchEvent(WatchEventType.Deleted, old));
            }
        }

        foreach (var item in items)
        {
            if (_known.TryGetValue(KeyOf(item), out var old) && !SameObject(old, item))
                events.Add(new WatchEvent(WatchEventType.Deleted, old));
            if (Put(item) is { } change)
                events.Add(change);
        }

        return events;
    }

    /// <summary>The event as the consumer should see it; null when it has seen that state already.</summary>
    internal WatchEvent? Take(WatchEventType type, KubernetesObject item)
    {
        if (type != WatchEventType.Deleted)
            return Put(item);
        return _known.Remove(KeyOf(item)) || !_listed ? new WatchEvent(WatchEventType.Deleted, item) : null;
    }

    private WatchEvent? Put(KubernetesObject item)
    {
        var key = KeyOf(item);
        var had = _known.TryGetValue(key, out var old);
        _known[key] = item;
        if (!had || !SameObject(old!, item))
            return new WatchEvent(WatchEventType.Added, item);
        return string.Equals(old!.ResourceVersion, item.ResourceVersion, StringComparison.Ordinal) && item.ResourceVersion is not null
            ? null
            : new WatchEvent(WatchEventType.Modified, item);
    }

    private static (string?, string) KeyOf(KubernetesObject item) => (item.Namespace, item.Name);

    private static bool SameObject(KubernetesObject one, KubernetesObject other) => string.Equals(one.Uid, other.Uid, StringComparison.Ordinal);
}
