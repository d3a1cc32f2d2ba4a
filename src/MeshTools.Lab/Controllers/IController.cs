namespace MeshTools.Lab;

/// <summary>
/// One control loop: told what changed, it says which keys that concerns, and later brings each of these keys to what it should be.
/// </summary>
internal interface IController
{
    /// <summary>The keys to reconcile because of a write. Called for every write in the cluster, in order; must be quick.</summary>
    IEnumerable<ResourceKey> KeysFor(StoreEvent change);

    /// <summary>Brings one key to what it should be.</summary>
    /// <returns>When to look again without a change, or null for never.</returns>
    ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken);
}
