using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace MeshTools.Operations;

/// <summary>Runs one step for many items at a time and hands the results out as they finish.</summary>
public static class FanOut
{
    /// <summary>Runs a step for every item.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <typeparam name="TResult">The results.</typeparam>
    /// <param name="items">The items.</param>
    /// <param name="limit">Steps that may run at once; at least 1.</param>
    /// <param name="step">The step. An exception ends the whole; a step that may fail alone returns its failure as a result.</param>
    /// <param name="cancellationToken">Ends all steps. So does leaving the enumeration.</param>
    /// <returns>The results, in the order in which they finish.</returns>
    public static async IAsyncEnumerable<TResult> RunAsync<T, TResult>(
        IReadOnlyCollection<T> items,
        int limit,
        Func<T, CancellationToken, Task<TResult>> step,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(step);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var results = Channel.CreateUnbounded<TResult>(new UnboundedChannelOptions { SingleReader = true });
        var options = new ParallelOptions { MaxDegreeOfParallelism = limit, CancellationToken = stop.Token };
        var work = Complete();
        try
        {
            await foreach (var result in results.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return result;
            await work.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            // Steps that are still running use the token source; they end before it goes.
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task Complete()
        {
            try
            {
                await Parallel.ForEachAsync(items, options, async (item, token) =>
                    results.Writer.TryWrite(await step(item, token).ConfigureAwait(false))).ConfigureAwait(false);
            }
            finally
            {
                results.Writer.Complete();
            }
        }
    }
}
