using MeshTools.Operations;
using Xunit;

namespace MeshTools.Tests.Operations;

public sealed class FanOutTests
{
    [Fact]
    public async Task No_more_steps_run_at_once_than_allowed()
    {
        var running = 0;
        var most = 0;
        var full = new TaskCompletionSource();
        var results = await FanOut.RunAsync([.. Enumerable.Range(0, 50)], 4, async (item, token) =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (now == 4)
                full.TrySetResult();
            // Nobody leaves before the limit has been reached once, so that it is tested.
            await full.Task.WaitAsync(TimeSpan.FromSeconds(20), token);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return item;
        }).ToListAsync();
        Assert.Equal(4, most);
        Assert.Equal(Enumerable.Range(0, 50), results.Order());
    }

    [Fact]
    public async Task Results_come_in_the_order_in_which_they_finish()
    {
        TaskCompletionSource[] gates = [new(), new(), new()];
        var order = new List<int>();
        gates[2].SetResult();
        await foreach (var item in FanOut.RunAsync([0, 1, 2], 3, async (item, token) =>
        {
            await gates[item].Task.WaitAsync(token);
            return item;
        }))
        {
            order.Add(item);
            gates[item == 2 ? 0 : 1].TrySetResult();
        }

        Assert.Equal([2, 0, 1], order);
    }

    [Fact]
    public async Task Leaving_early_cancels_the_rest_and_waits_for_it()
    {
        var waiting = 0;
        var ended = 0;
        var bothWait = new TaskCompletionSource();
        await foreach (var item in FanOut.RunAsync([0, 1, 2], 3, async (item, token) =>
        {
            if (item == 0)
            {
                await bothWait.Task.WaitAsync(token);
                return item;
            }

            try
            {
                if (Interlocked.Increment(ref waiting) == 2)
                    bothWait.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return item;
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
        }))
        {
            Assert.Equal(0, item);
            break;
        }

        Assert.Equal(2, ended);
    }

    [Fact]
    public async Task A_step_that_throws_ends_the_whole()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => FanOut.RunAsync<int, int>([0, 1], 2, async (item, token) =>
        {
            if (item == 0)
                throw new InvalidOperationException("step 0");
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return item;
        }).ToListAsync().AsTask());
        Assert.Equal("step 0", error.Message);
    }

    [Fact]
    public async Task Cancelling_ends_all_steps()
    {
        using var stop = new CancellationTokenSource();
        var run = FanOut.RunAsync([0, 1], 1, async (item, token) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return item;
        }, stop.Token).ToListAsync().AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Nothing_to_do_gives_nothing() => Assert.Empty(await FanOut.RunAsync(Array.Empty<int>(), 1, (item, _) => Task.FromResult(item)).ToListAsync());

    [Fact]
    public async Task A_limit_below_one_is_refused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => FanOut.RunAsync([1], 0, (item, _) => Task.FromResult(item)).ToListAsync().AsTask());

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; value > seen; seen = target)
            Interlocked.CompareExchange(ref target, value, seen);
    }
}
