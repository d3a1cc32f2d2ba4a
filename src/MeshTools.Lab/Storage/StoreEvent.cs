namespace MeshTools.Lab;

/// <summary>What happened to an object.</summary>
public enum StoreEventType
{
    /// <summary>The object appeared.</summary>
    Added,

    /// <summary>The object changed.</summary>
    Modified,

    /// <summary>The object is gone; the event carries its last state.</summary>
    Deleted,
}

/// <summary>One write, as watchers see it.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object after the write; for a deletion its last state, with the resource version of the deletion.</param>
/// <param name="Previous">The object before the write, null for an addition. Selectors need it: an object that stops matching is deleted for that watcher.</param>
public sealed record StoreEvent(StoreEventType Type, StoredObject Object, StoredObject? Previous)
{
    /// <summary>The version of the write.</summary>
    public long ResourceVersion => Object.ResourceVersion;
}

/// <summary>The objects of one resource at one version of the cluster, ordered by namespace and name.</summary>
/// <param name="Items">The objects.</param>
/// <param name="ResourceVersion">The version of the cluster that the list shows; a watch from here misses nothing.</param>
public sealed record StoreList(IReadOnlyList<StoredObject> Items, long ResourceVersion);

/// <summary>Conditions on a deletion, null where anything will do.</summary>
/// <param name="Uid">The UID the object must have.</param>
/// <param name="ResourceVersion">The resource version the object must have.</param>
public sealed record DeletePreconditions(string? Uid = null, string? ResourceVersion = null);

/// <summary>What a deletion left.</summary>
/// <param name="Object">The object: its last state when removed, the terminating object when finalizers hold it.</param>
/// <param name="Removed">True when the object is gone, false when it waits for its finalizers.</param>
public sealed record DeleteOutcome(StoredObject Object, bool Removed);
