using System.Collections.Concurrent;

namespace MeshTools.Fleet;

/// <summary>What the plans of one command have in common: clusters of one fleet need many of the same changes, and each is made once.</summary>
public sealed class CloudRun
{
    private readonly ConcurrentDictionary<(CloudChangeArea Area, string Resource, string Description), Lazy<Task>> _begun = new();

    /// <summary>Makes a change, or waits until another cluster's plan has made it.</summary>
    internal Task MakeAsync(CloudStep step, CancellationToken cancellationToken) => step.IsOfCluster ? step.ExecuteAsync(cancellationToken)
        : _begun.GetOrAdd((step.Change.Area, step.Change.Resource, step.Change.Description), _ => new Lazy<Task>(() => step.ExecuteAsync(cancellationToken))).Value;
}
