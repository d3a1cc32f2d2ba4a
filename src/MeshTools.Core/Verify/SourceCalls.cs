using MeshTools.Clusters;

namespace MeshTools.Verify;

/// <summary>What the calls of one cluster came to.</summary>
/// <param name="Source">The cluster that called.</param>
internal sealed class SourceCalls(MeshCluster source)
{
    private readonly object _gate = new();
    private readonly List<CallOutcome> _outcomes = [];

    internal MeshCluster Source { get; } = source;

    internal ClientPod? Client { get; set; }

    /// <summary>Why the client could not call; <see langword="null"/> when it could.</summary>
    internal string? ClientProblem { get; set; }

    /// <summary>What to do about it.</summary>
    internal string? ClientFix { get; set; }

    /// <summary>The endpoints at the client's proxy before the first call and after the last one.</summary>
    internal IReadOnlyList<ProxyEndpoint>? Before { get; set; }

    /// <inheritdoc cref="Before"/>
    internal IReadOnlyList<ProxyEndpoint>? After { get; set; }

    internal IReadOnlyList<CallOutcome> Outcomes
    {
        get
        {
            lock (_gate)
            {
                return [.. _outcomes];
            }
        }
    }

    internal int Add(CallOutcome outcome)
    {
        lock (_gate)
        {
            _outcomes.Add(outcome);
            return _outcomes.Count;
        }
    }

    /// <summary>What the proxy counted at an address during the calls.</summary>
    internal (long Succeeded, long Failed) CountedAt(IReadOnlySet<string> addresses)
    {
        if (After is null)
            return (0, 0);
        var (succeeded, failed) = (0L, 0L);
        foreach (var endpoint in After.Where(endpoint => addresses.Contains(endpoint.Address)))
        {
            var before = Before?.FirstOrDefault(known => known.Address.Same(endpoint.Address) && known.Port == endpoint.Port);
            succeeded += Math.Max(0, endpoint.Succeeded - (before?.Succeeded ?? 0));
            failed += Math.Max(0, endpoint.Failed - (before?.Failed ?? 0));
        }

        return (succeeded, failed);
    }
}
