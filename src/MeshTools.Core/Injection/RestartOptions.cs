namespace MeshTools.Injection;

/// <summary>Which workloads are restarted, and how.</summary>
public sealed record RestartOptions
{
    /// <summary>Which workloads, by <c>NAME</c> or <c>Kind/NAME</c>; <see langword="null"/> for all.</summary>
    public Func<string, string, bool>? Matches { get; init; }

    /// <summary>Only those that run another revision's proxy, or none, or one too many, compared with what new pods would get.</summary>
    public bool OutdatedOnly { get; init; }

    /// <summary>Whether to wait for each; then nothing more is restarted in a cluster after one that does not come up.</summary>
    public bool Wait { get; init; }

    /// <summary>How long one workload may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a problem that does not go away by itself may last before the wait ends.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many workloads of one cluster are restarted at a time; at least 1.</summary>
    public int AtATime { get; init; } = 1;
}
