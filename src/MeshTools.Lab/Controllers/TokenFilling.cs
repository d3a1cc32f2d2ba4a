namespace MeshTools.Lab;

/// <summary>When the token controller fills a token Secret.</summary>
public sealed record TokenFilling
{
    private TokenFilling(TimeSpan? delay) => Delay = delay;

    /// <summary>As soon as the Secret is seen.</summary>
    public static TokenFilling Immediate { get; } = new(TimeSpan.Zero);

    /// <summary>Not at all: the token controller is broken or switched off.</summary>
    public static TokenFilling Never { get; } = new((TimeSpan?)null);

    /// <summary>How long it takes, or null for never.</summary>
    public TimeSpan? Delay { get; }

    /// <summary>After a while.</summary>
    public static TokenFilling After(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new TokenFilling(delay);
    }
}
