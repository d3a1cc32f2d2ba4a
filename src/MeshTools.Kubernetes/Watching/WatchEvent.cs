namespace MeshTools.Kubernetes;

/// <summary>What happened to an object.</summary>
public enum WatchEventType
{
    /// <summary>It is there: it was when the watch began, or it was created.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone; the event has its last state.</summary>
    Deleted,

    /// <summary>
    /// Nothing happened: everything up to the object's <c>resourceVersion</c> has been delivered. The first one follows the objects
    /// that were there when the watch began.
    /// </summary>
    Bookmark,
}

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object; of a bookmark, only its kind and <c>metadata.resourceVersion</c>.</param>
public sealed record WatchEvent(WatchEventType Type, KubernetesObject Object);
