namespace MeshTools.Tests.Kubernetes;

/// <summary>A clock on which delays pass at once and are noted, while long time-outs never come.</summary>
internal sealed class EagerClock : TimeProvider
{
    internal static readonly TimeSpan Long = TimeSpan.FromHours(1);

    internal System.Collections.Concurrent.ConcurrentQueue<TimeSpan> Delays { get; } = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= Long || dueTime < TimeSpan.Zero)
            return System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Delays.Enqueue(dueTime);
        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
