namespace MeshTools.Lab;

/// <summary>How Services of type LoadBalancer get their address.</summary>
public sealed record LoadBalancing
{
    private LoadBalancing(TimeSpan? delay, bool hostname) => (Delay, Hostname) = (delay, hostname);

    /// <summary>An IP address at once.</summary>
    public static LoadBalancing Immediate { get; } = new(TimeSpan.Zero, false);

    /// <summary>No address ever, as on a bare cluster without a load balancer.</summary>
    public static LoadBalancing Never { get; } = new(null, false);

    /// <summary>A host name at once and no IP address, as on AWS.</summary>
    public static LoadBalancing ByHostName { get; } = new(TimeSpan.Zero, true);

    /// <summary>How long it takes, or null for never.</summary>
    public TimeSpan? Delay { get; }

    /// <summary>True for a host name in place of an IP address.</summary>
    public bool Hostname { get; }

    /// <summary>An IP address after a while.</summary>
    public static LoadBalancing After(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new LoadBalancing(delay, false);
    }
}
