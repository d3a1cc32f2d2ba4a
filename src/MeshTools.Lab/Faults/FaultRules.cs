namespace MeshTools.Lab;

/// <summary>The faults of one cluster. Safe for use from many threads; a change holds from the next request on.</summary>
public sealed class FaultRules
{
    private readonly object gate = new();
    private readonly List<Entry> entries = [];

    /// <summary>The rules that still apply, in the order they were added.</summary>
    public IReadOnlyList<Fault> Active
    {
        get
        {
            lock (gate)
            {
                return entries.ConvertAll(entry => entry.Fault);
            }
        }
    }

    /// <summary>True while new connections are to be dropped before TLS: an endless <see cref="FaultKind.Down"/> for everything.</summary>
    internal bool RefusesConnections
    {
        get
        {
            lock (gate)
            {
                return entries.Exists(entry => entry.Fault is { Kind: FaultKind.Down, Verb: null, Resource: null, Times: null });
            }
        }
    }

    /// <summary>Adds a rule.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A count, delay or status code that means nothing.</exception>
    public void Add(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentOutOfRangeException.ThrowIfLessThan(fault.Times ?? 1, 1, nameof(fault));
        ArgumentOutOfRangeException.ThrowIfLessThan(fault.Delay, TimeSpan.Zero, nameof(fault));
        ArgumentOutOfRangeException.ThrowIfNegative(fault.RetryAfterSeconds ?? 0, nameof(fault));
        if (fault.StatusCode is not (500 or 503))
        {
            throw new ArgumentOutOfRangeException(nameof(fault), fault.StatusCode, "A server error is 500 or 503.");
        }

        lock (gate)
        {
            entries.Add(new Entry(fault) { Remaining = fault.Times });
        }
    }

    /// <summary>Removes a rule; false when it was not there or is spent.</summary>
    public bool Remove(Fault fault)
    {
        lock (gate)
        {
            var index = entries.FindIndex(entry => entry.Fault.Equals(fault));
            if (index < 0)
            {
                return false;
            }

            entries.RemoveAt(index);
            return true;
        }
    }

    /// <summary>Removes every rule: the cluster is well again.</summary>
    public void Clear()
    {
        lock (gate)
        {
            entries.Clear();
        }
    }

    /// <summary>
    /// The faults that hit one request, each counted once. <see cref="FaultKind.Slow"/> may come together with one other
    /// kind; of the other kinds the first rule wins and later ones are not counted.
    /// </summary>
    internal IReadOnlyList<Fault> Take(string verb, string resource)
    {
        lock (gate)
        {
            List<Fault>? hit = null;
            foreach (var entry in entries.ToArray())
            {
                if (!IsOfAdmission(entry.Fault) && !IsOfTraffic(entry.Fault) && Matches(entry.Fault, verb, resource) &&
                    (entry.Fault.Kind is FaultKind.Slow || hit?.Exists(fault => fault.Kind is not FaultKind.Slow) != true))
                {
                    (hit ??= []).Add(Spend(entry));
                }
            }

            return hit ?? (IReadOnlyList<Fault>)[];
        }
    }

    /// <summary>The refusal that a write meets, counted once; null for none.</summary>
    /// <param name="operation">create, update or delete, however the request was worded.</param>
    /// <param name="resource">The plural resource name.</param>
    internal Fault? TakeRefusal(string operation, string resource)
    {
        lock (gate)
        {
            var entry = entries.Find(candidate => IsOfAdmission(candidate.Fault) && Matches(candidate.Fault, operation, resource) &&
                (candidate.Fault.Kind is not FaultKind.QuotaExceeded || operation is "create"));
            return entry is null ? null : Spend(entry);
        }
    }

    /// <summary>What a call between workloads meets, counted once; null for nothing.</summary>
    internal Fault? TakeOfTraffic(FaultKind kind)
    {
        lock (gate)
        {
            return entries.Find(candidate => candidate.Fault.Kind == kind) is { } entry ? Spend(entry) : null;
        }
    }

    private static bool IsOfTraffic(Fault fault) => fault.Kind is FaultKind.GatewayBlocked or FaultKind.AppError;

    private static bool IsOfAdmission(Fault fault) => fault.Kind is FaultKind.QuotaExceeded or FaultKind.AdmissionRefused;

    private Fault Spend(Entry entry)
    {
        if (entry.Remaining is { } left)
        {
            entry.Remaining = left - 1;
            if (left == 1)
            {
                entries.Remove(entry);
            }
        }

        return entry.Fault;
    }

    internal static bool Matches(Fault fault, string verb, string resource) =>
        (fault.Verb is null || string.Equals(fault.Verb, verb, StringComparison.OrdinalIgnoreCase)) &&
        (fault.Resource is null || string.Equals(fault.Resource, resource, StringComparison.OrdinalIgnoreCase));

    private sealed class Entry(Fault fault)
    {
        public Fault Fault { get; } = fault;

        public int? Remaining { get; set; }
    }
}
