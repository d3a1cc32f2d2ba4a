namespace MeshTools.Lab;

/// <summary>Every request of one cluster, oldest first. A watch is entered when it starts. Safe for use from many threads.</summary>
public sealed class RequestLog
{
    // A rehearsal may run for days with watches that reconnect; a test never comes near this.
    private const int Capacity = 50_000;

    private readonly object gate = new();
    private readonly Queue<RequestLogEntry> entries = new();

    /// <summary>A copy of what has been seen (the last 50 000 requests).</summary>
    public IReadOnlyList<RequestLogEntry> Entries
    {
        get
        {
            lock (gate)
            {
                return [.. entries];
            }
        }
    }

    /// <summary>Writes that were meant to be stored: no dry runs, reviews or token requests.</summary>
    public int MutatingCount => Count(entry => entry.IsMutating);

    /// <summary>TokenRequests, which are neither reads nor stored writes.</summary>
    public int TokenRequestCount => Count(entry => entry.IsTokenRequest);

    /// <summary>How many requests fit.</summary>
    public int Count(Func<RequestLogEntry, bool> predicate)
    {
        lock (gate)
        {
            return entries.Count(predicate);
        }
    }

    /// <summary>How many requests there were.</summary>
    public int Count()
    {
        lock (gate)
        {
            return entries.Count;
        }
    }

    /// <summary>Forgets everything, so that the next step can be counted from zero.</summary>
    public void Clear()
    {
        lock (gate)
        {
            entries.Clear();
        }
    }

    internal void Add(RequestLogEntry entry)
    {
        lock (gate)
        {
            if (entries.Count == Capacity)
            {
                entries.Dequeue();
            }

            entries.Enqueue(entry);
        }
    }
}
