using Microsoft.Extensions.Hosting;

namespace MeshTools.Lab;

/// <summary>A host that neither listens to Ctrl+C nor to signals: a listener ends when its owner says so.</summary>
internal sealed class DetachedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
