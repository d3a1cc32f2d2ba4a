using Microsoft.Extensions.Logging;

namespace MeshTools.Lab;

/// <summary>
/// What kube-controller-manager, the scheduler and the kubelets are together: feeds every write of a cluster to its controllers, each of
/// which works through its own queue, one key at a time.
/// </summary>
internal sealed partial class ControllerLoop : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);

    private readonly ObjectStore store;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> tasks = [];

    public ControllerLoop(ObjectStore store, ILogger logger)
    {
        this.store = store;
        this.logger = logger;
    }

    /// <summary>Starts the controllers. To be called on a store that nothing was written to, so that they see everything.</summary>
    public void Start(IReadOnlyList<IController> controllers)
    {
        var queues = controllers.Select(_ => new WorkQueue()).ToArray();
        var watch = store.OpenWatch(ObjectStore.EveryResource, ObjectStore.EveryResource, null, 0);
        tasks.Add(DispatchAsync(watch, controllers, queues));
        tasks.AddRange(controllers.Select((controller, index) => WorkAsync(controller, queues[index])));
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(tasks).ConfigureAwait(false);
        stopping.Dispose();
    }

    private async Task DispatchAsync(StoreWatch watch, IReadOnlyList<IController> controllers, WorkQueue[] queues)
    {
        // Starting must not run on the caller's thread until the first write.
        await Task.Yield();
        using (watch)
        {
            try
            {
                await foreach (var change in watch.Events.ReadAllAsync(stopping.Token).ConfigureAwait(false))
                {
                    for (var i = 0; i < controllers.Count; i++)
                    {
                        foreach (var key in controllers[i].KeysFor(change))
                        {
                            queues[i].Add(key);
                        }
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The cluster stops.
            }
        }
    }

    private async Task WorkAsync(IController controller, WorkQueue queue)
    {
        var failures = new Dictionary<ResourceKey, int>();
        try
        {
            while (true)
            {
                var key = await queue.TakeAsync(stopping.Token).ConfigureAwait(false);
                TimeSpan? again;
                try
                {
                    again = await controller.ReconcileAsync(key, stopping.Token).ConfigureAwait(false);
                    failures.Remove(key);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    var count = failures.GetValueOrDefault(key) + 1;
                    failures[key] = count;
                    again = Min(FirstRetry * Math.Pow(2, Math.Min(count, 10)), LongestRetry);
                    LogFailure(logger, exception, controller.GetType().Name, key, count);
                }

                if (again is { } delay)
                {
                    _ = AddLaterAsync(queue, key, delay);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The cluster stops.
        }
    }

    private async Task AddLaterAsync(WorkQueue queue, ResourceKey key, TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, store.Clock, stopping.Token).ConfigureAwait(false);
            queue.Add(key);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The cluster stops.
        }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Controller} failed on {Key} (attempt {Attempt}) and will try again")]
    private static partial void LogFailure(ILogger logger, Exception exception, string controller, ResourceKey key, int attempt);
}
