namespace MeshTools.Kubernetes;

/// <summary>A token bucket: so many requests a second, with a burst (client-go util/flowcontrol). Waiting is first come, first served.</summary>
internal sealed class RequestBudget
{
    private readonly object _gate = new();
    private readonly TimeProvider _clock;
    private readonly double _perSecond;
    private readonly double _burst;
    private double _tokens;
    private long _stamp;

    internal RequestBudget(double perSecond, int burst, TimeProvider clock)
    {
        _perSecond = perSecond;
        _burst = burst;
        _tokens = burst;
        _clock = clock;
        _stamp = clock.GetTimestamp();
    }

    internal Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan delay;
        lock (_gate)
        {
            var now = _clock.GetTimestamp();
            _tokens = Math.Min(_burst, _tokens + (_clock.GetElapsedTime(_stamp, now).TotalSeconds * _perSecond));
            _stamp = now;

            // Below zero is a debt: each later caller waits behind the earlier ones.
            _tokens--;
            if (_tokens >= 0)
                return Task.CompletedTask;
            delay = TimeSpan.FromSeconds(-_tokens / _perSecond);
        }

        return Task.Delay(delay, _clock, cancellationToken);
    }
}
