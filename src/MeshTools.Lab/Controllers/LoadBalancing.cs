namespace MeshTools.Lab;

/// <summary>How Services of type LoadBalancer get their address.</summary>
public sealed record LoadBalancing
{
    private LoadBalancing(TimeSpan? delay, bool hostname, string? failure = null) => (Delay, Hostname, Failure) = (delay, hostname, failure);

    /// <summary>An IP address at once.</summary>
    public static LoadBalancing Immediate { get; } = new(TimeSpan.Zero, false);

    /// <summary>No address ever and not a word, as on a bare cluster without a load balancer.</summary>
    public static LoadBalancing Never { get; } = new(null, false);

    /// <summary>A host name at once and no IP address, as on AWS.</summary>
    public static LoadBalancing ByHostName { get; } = new(TimeSpan.Zero, true);

    /// <summary>How long it takes, or null for never.</summary>
    public TimeSpan? Delay { get; }

    /// <summary>True for a host name in place of an IP address.</summary>
    public bool Hostname { get; }

    /// <summary>Why there is no address, as the Service's events tell it; null where nobody tells anything.</summary>
    public string? Failure { get; }

    /// <summary>An IP address after a while.</summary>
    public static LoadBalancing After(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new LoadBalancing(delay, false);
    }

    /// <summary>No address, and events of the Service that say why.</summary>
    /// <param name="reason">What the provider says; null for a quota that is used up.</param>
    public static LoadBalancing Failing(string? reason = null) => new(null, false, reason ?? "no more addresses: quota 'IN_USE_ADDRESSES' exceeded, limit 8 in region lab");

    /// <summary>Reads a way from the command line: <c>immediate</c>, <c>never</c>, <c>failing</c>, <c>hostname</c> or a duration.</summary>
    /// <returns>The way; null when the text is none.</returns>
    internal static LoadBalancing? Parse(string text) => text switch
    {
        "immediate" => Immediate,
        "never" => Never,
        "failing" => Failing(),
        "hostname" => ByHostName,
        _ => GoDuration.TryParse(text, out var delay) && delay >= TimeSpan.Zero ? After(delay) : null,
    };
}
