namespace MeshTools.Lab;

/// <summary>The latest writes of a cluster, oldest first, bounded: what a watch can still be started from.</summary>
internal sealed class EventHistory(int capacity)
{
    private readonly Queue<StoreEvent> _events = new();

    /// <summary>A watch from a version below this one has lost events.</summary>
    internal long CompactedThrough { get; private set; }

    internal void Add(StoreEvent storeEvent)
    {
        _events.Enqueue(storeEvent);
        while (_events.Count > capacity)
        {
            CompactedThrough = _events.Dequeue().ResourceVersion;
        }
    }

    internal void CompactThrough(long resourceVersion)
    {
        while (_events.TryPeek(out var oldest) && oldest.ResourceVersion <= resourceVersion)
        {
            _events.Dequeue();
        }

        CompactedThrough = Math.Max(CompactedThrough, resourceVersion);
    }

    internal IEnumerable<StoreEvent> After(long resourceVersion) => _events.SkipWhile(e => e.ResourceVersion <= resourceVersion);
}
