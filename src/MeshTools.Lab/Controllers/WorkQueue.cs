using System.Threading.Channels;

namespace MeshTools.Lab;

/// <summary>Keys waiting for a controller; a key that waits already is not entered twice (client-go util/workqueue).</summary>
internal sealed class WorkQueue
{
    private readonly object gate = new();
    private readonly HashSet<ResourceKey> waiting = [];
    private readonly Channel<ResourceKey> channel = Channel.CreateUnbounded<ResourceKey>(new UnboundedChannelOptions { SingleReader = true });

    public void Add(ResourceKey key)
    {
        lock (gate)
        {
            if (waiting.Add(key))
            {
                channel.Writer.TryWrite(key);
            }
        }
    }

    public async ValueTask<ResourceKey> TakeAsync(CancellationToken cancellationToken)
    {
        var key = await channel.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        lock (gate)
        {
            waiting.Remove(key);
        }

        return key;
    }
}
